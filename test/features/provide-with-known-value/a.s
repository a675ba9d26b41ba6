	.text
	.globl _start
_start:	.quad origin, start, sum, later
