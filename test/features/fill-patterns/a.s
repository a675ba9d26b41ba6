	.section .a, "a", @progbits
	.byte 1
	.section .b, "a", @progbits
	.balign 8
	.byte 2
