	.section .text, "ax", @progbits
	.globl _start
	.weak nowhere, chosen
_start:	.quad nowhere, chosen, fallback
chosen:	.byte 1
	.weak fallback
fallback: .byte 2
