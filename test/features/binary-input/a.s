	.section .text, "ax", @progbits
	.globl _start
_start:	.quad _binary_picture_bin_start, _binary_picture_bin_end, _binary_picture_bin_size
