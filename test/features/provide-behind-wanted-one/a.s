	.text
	.globl name
name:	nop
	.comm common, 8, 8
