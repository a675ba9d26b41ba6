	.text
	.globl _start
_start:	.quad low, text
	.section .kept,"aw"
	.globl kept
	.quad 0
kept:	.quad 1
	.section .lost,"aw"
	.globl lost
lost:	.quad 2
