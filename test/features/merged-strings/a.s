	.section .text, "ax", @progbits
	.globl _start
_start:	.quad one, two
	.section .rodata.str1.1, "aMS", @progbits, 1
one:	.asciz "same text"
two:	.asciz "alone"
	.section .rodata.cst8, "aM", @progbits, 8
	.quad 0x1122334455667788
