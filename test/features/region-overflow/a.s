	.section .text, "ax", @progbits
	.globl _start
_start:	.skip 300
	.section .data, "aw", @progbits
	.skip 100
