	.section .text.first, "ax"
	.globl name
name:	nop
	.section .text.second, "ax"
	nop
	nop
