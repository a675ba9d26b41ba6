	.section .text, "ax", @progbits
	.globl _start, base
_start:	.quad answer, next, late
base:	.byte 0
