	.section .text, "ax", @progbits
	.globl _start
_start:	ret
	.section .drop.me, "a", @progbits
	.globl gone
gone:	.quad 1
	.section .keep.me, "a", @progbits
	.quad 2
