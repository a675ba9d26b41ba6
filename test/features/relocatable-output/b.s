	.section .text.b, "ax", @progbits
	.globl other
other:	ret
	.section .data, "aw", @progbits
	.quad missing
