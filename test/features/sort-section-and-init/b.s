	.section .x,"a"
	.byte 0x77
	.section .y,"a"
	.p2align 2
	.byte 0x88
