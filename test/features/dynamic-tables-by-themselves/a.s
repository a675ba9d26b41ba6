	.text
	.globl	one, two, three
one:	ret
two:	ret
three:	ret
	.section .note.x, "a", @note
	.long	0
