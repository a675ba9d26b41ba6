	.section .text, "ax", @progbits
	.globl _start
_start:	ret
