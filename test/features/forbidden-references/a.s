	.section .text, "ax", @progbits
	.globl _start
_start:	lea there(%rip), %rax
	.section .data, "aw", @progbits
there:	.quad 1
