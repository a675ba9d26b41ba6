	.section .x.1, "a", @progbits
	.byte 0xb1
	.section .x.2, "a", @progbits
	.byte 0xb2
