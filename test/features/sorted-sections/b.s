	.section .s.20, "a", @progbits
	.byte 0x31
	.section .s.10, "a", @progbits
	.byte 0x10
	.section .s.9, "a", @progbits
	.byte 0x09
	.section .t.one, "a", @progbits
	.balign 1
	.byte 0xa1
	.section .t.eight, "a", @progbits
	.balign 8
	.byte 0xa8
	.section .t.four, "a", @progbits
	.balign 4
	.byte 0xa4
	.section .u.200, "a", @progbits
	.byte 0x20
	.section .u.65535, "a", @progbits
	.byte 0xff
	.section .u.5, "a", @progbits
	.byte 0x05
