	.section .text, "ax", @progbits
	.globl third
third:	.byte 3
