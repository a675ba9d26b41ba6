	.section .text.a, "ax", @progbits
	.globl _start
_start:	call other
	lea data(%rip), %rax
	.section .data, "aw", @progbits
data:	.quad data, other
