	.comm small, 4, 4
	.comm buffer, 16, 16
	.comm taken, 8, 8
	.section .text, "ax", @progbits
	.globl _start
_start:	.quad small, buffer, taken
