	.section .text, "ax", @progbits
	.globl first
first:	.quad second
