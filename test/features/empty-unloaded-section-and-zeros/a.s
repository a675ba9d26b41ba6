	.globl _start
	.text
_start:	ret
	.section .zero,"aw",@nobits
	.space 8
