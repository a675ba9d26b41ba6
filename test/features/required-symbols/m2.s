	.section .text, "ax", @progbits
	.globl two
two:	.byte 2
