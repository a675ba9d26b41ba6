	.section .text, "ax", @progbits
	.globl _start
_start:	.quad in_noload, in_info
	.section .shared, "aw", @progbits
	.globl in_noload
in_noload: .quad 1
	.section .facts, "a", @progbits
	.globl in_info
in_info: .quad 2
