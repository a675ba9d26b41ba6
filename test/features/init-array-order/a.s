	.section .init_array, "aw", @init_array
	.quad 0x10
	.section .init_array.200, "aw", @init_array
	.quad 0x20
	.section .init_array.00100, "aw", @init_array
	.quad 0x30
	.section .ctors.65000, "aw", @progbits
	.quad 0x40
