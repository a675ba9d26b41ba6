	.text
	.globl _start, other
_start:	.quad span
	.data
	.space 8
other:	.quad 0
