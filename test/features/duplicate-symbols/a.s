	.section .text, "ax", @progbits
	.globl _start, twice
_start:	nop
twice:	ret
