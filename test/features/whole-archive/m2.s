	.section .text, "ax", @progbits
	.globl second
second:	.byte 2
