	.section .text, "ax", @progbits
	.globl one
one:	.byte 1
