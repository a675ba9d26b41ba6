	.section .x.1, "a", @progbits
	.byte 0xa1
	.section .x.2, "a", @progbits
	.byte 0xa2
