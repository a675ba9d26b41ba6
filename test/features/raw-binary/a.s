	.section .text, "ax", @progbits
	.globl _start
_start:	.byte 1, 2, 3
	.section .data, "aw", @progbits
	.byte 4
	.section .bss, "aw", @nobits
	.skip 100
