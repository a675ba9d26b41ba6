	.globl _start
	.text
_start:	.quad _start
	.section .other,"a"
	.byte 1
