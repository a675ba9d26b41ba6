	.section .text, "ax", @progbits
	.globl _start
_start:	call nobody_defines_me
	ret
