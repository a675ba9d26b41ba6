	.section .text, "ax", @progbits
	.globl main
	nop
main:	ret
