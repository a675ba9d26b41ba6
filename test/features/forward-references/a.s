	.section .text, "ax", @progbits
	.globl _start
_start:	.quad table_size, end_of_all
	.section .data, "aw", @progbits
	.skip 0x20, 1
