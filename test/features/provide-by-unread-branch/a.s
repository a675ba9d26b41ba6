	.text
	.globl _start
_start:	.quad 1
