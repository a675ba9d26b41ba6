	.section .text, "ax", @progbits
	.globl one
one:	.quad two
