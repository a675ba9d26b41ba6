	.section .text, "ax", @progbits
	.globl twice
twice:	ret
