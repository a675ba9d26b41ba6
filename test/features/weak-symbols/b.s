	.section .text, "ax", @progbits
	.globl chosen
	.byte 3
chosen:	.byte 4
