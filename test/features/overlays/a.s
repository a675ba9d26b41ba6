	.section .text, "ax", @progbits
	.globl _start
_start:	.quad __load_start_one, __load_stop_one, __load_start_two, __load_stop_two
	.section .o1, "ax", @progbits
	.skip 0x30, 0xa1
	.section .o2, "ax", @progbits
	.skip 0x50, 0xa2
	.section .after, "aw", @progbits
	.quad 1
