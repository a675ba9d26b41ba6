	.section .init,"ax"
	.p2align 1
	.byte 0x11, 0x11
	.section .init,"ax",@progbits,unique,1
	.p2align 4
	.byte 0x22, 0x22
	.section .fini,"ax"
	.p2align 1
	.byte 0x33, 0x33
	.section .fini,"ax",@progbits,unique,1
	.p2align 4
	.byte 0x44, 0x44
	.section .low,"a"
	.byte 0x55
	.section .low,"a",@progbits,unique,1
	.p2align 2
	.byte 0x66
