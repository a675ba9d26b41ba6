	.text
	.globl	_start
_start:	ret
	.section .table, "a"
	.long	7
	.section .real.note, "a", @note
	.long	1
