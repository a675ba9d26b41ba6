	.section .text, "ax", @progbits
	.globl work
work:	.quad 1
