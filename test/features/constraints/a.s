	.section .ro, "a", @progbits
	.byte 1
	.section .rw, "aw", @progbits
	.byte 2
