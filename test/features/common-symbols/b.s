	.comm buffer, 64, 32
	.section .data, "aw", @progbits
	.globl taken
taken:	.quad 9
