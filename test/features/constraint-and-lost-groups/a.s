	.globl _start
	.text
_start:	ret
	.section .data.once,"awG",@progbits,once,comdat
	.byte 1
