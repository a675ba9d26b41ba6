	.section .text, "ax", @progbits
	.globl _start
_start:	ret
	.section .consts, "a", @progbits
	.byte 1
	.section .vars, "aw", @progbits
	.byte 2
	.section .zeros, "aw", @nobits
	.skip 3
