	.section .text, "ax", @progbits
	.globl two
two:	.quad three
