# A reference to __start_table keeps every section called table, and what they refer to.
	.section .text, "ax", @progbits
	.globl _start
_start:	.quad __start_table, __stop_table
	.section table, "a", @progbits
	.quad reached
	.section other, "a", @progbits
	.quad 2
	.section .text.reached, "ax", @progbits
	.globl reached
reached: ret
	.section .text.lost, "ax", @progbits
	.globl lost
lost:	ret
