	.section .d, "aw", @progbits
	.balign 16
	.byte 1
	.section .e, "aw", @progbits
	.byte 2
