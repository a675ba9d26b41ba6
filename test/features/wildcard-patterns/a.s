	.section .p.a1, "a", @progbits
	.byte 0xa1
	.section .p.b1, "a", @progbits
	.byte 0xb1
	.section .p.b22, "a", @progbits
	.byte 0xb2
	.section .p.c1, "a", @progbits
	.byte 0xc1
	.section .p.e, "a", @progbits
	.byte 0xe1
