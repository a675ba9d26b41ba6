	.globl _start
	.text
_start:	ret
