	.section .text, "ax", @progbits
	.globl _start
_start:	ret
	.section .text2, "ax", @progbits
	nop
	.section .mydata, "aw", @progbits
	.quad __start_mydata
	.section mydata, "aw", @progbits
	.quad __stop_mydata
	.section .constants, "a", @progbits
	.quad 4
	.section .zero, "aw", @nobits
	.skip 8
	.section .data, "aw", @progbits
	.quad 3
