	.globl _start
	.text
_start:	.quad one, two
