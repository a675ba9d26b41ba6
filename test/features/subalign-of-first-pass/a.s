	.globl _start
	.text
	.p2align 4
_start:
