	.section .text, "ax", @progbits
	.globl third
third:	.cfi_startproc
	push %rbp
	.cfi_def_cfa_offset 16
	ret
	.cfi_endproc
	.section .text.fourth, "ax", @progbits
	.globl fourth
fourth:	.cfi_startproc
	nop
	ret
	.cfi_endproc
