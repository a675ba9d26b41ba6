	.section .text, "ax", @progbits
	.globl three
three:	.byte 3
