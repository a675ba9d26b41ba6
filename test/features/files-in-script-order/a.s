	.data
	.byte 0xaa
	.globl _start
_start:
	.globl mark
mark = 7
