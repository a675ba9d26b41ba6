	.globl _start
	.text
_start:	ret
	.comm shared,8,8
