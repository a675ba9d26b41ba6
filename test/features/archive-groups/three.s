	.section .text, "ax", @progbits
	.globl three
three:	.quad _start
