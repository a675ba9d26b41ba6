	.section .text, "ax", @progbits
	.globl _start
_start:	.cfi_startproc
	push %rbp
	.cfi_def_cfa_offset 16
	ret
	.cfi_endproc
	.section .text.second, "ax", @progbits
	.globl second
second:	.cfi_startproc
	nop
	ret
	.cfi_endproc
