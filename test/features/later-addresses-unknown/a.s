	.globl _start
	.text
_start:	.quad late
