# Offsets from the thread pointer, which stands behind the block: local exec, and initial exec that may be relaxed to it.
	.section .text, "ax", @progbits
	.globl _start
_start:	mov %fs:first@tpoff, %eax
	mov second@gottpoff(%rip), %rax
	lea zero@tpoff(%rax), %rcx
	.section .tdata, "awT", @progbits
	.globl first, second
first:	.long 1
second:	.long 2
	.section .tbss, "awT", @nobits
	.balign 16
	.globl zero
zero:	.skip 8
