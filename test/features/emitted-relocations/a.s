	.section .text, "ax", @progbits
	.globl _start
_start:	call other
	.section .text.b, "ax", @progbits
	.globl other
other:	ret
	.section .data, "aw", @progbits
	.quad other + 4
