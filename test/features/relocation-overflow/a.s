	.section .text, "ax", @progbits
	.globl _start
_start:	call far
	.section .far, "ax", @progbits
	.globl far
far:	ret
