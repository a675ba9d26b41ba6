	.section .text, "ax", @progbits
	.globl _start
_start:	ret
	.section .rodata, "a", @progbits
	.quad 1
	.section .data, "aw", @progbits
	.quad 2
	.section .note.mine, "a", @note
	.long 4, 0, 7
	.asciz "abc"
