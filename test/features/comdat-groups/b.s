	.section .text, "ax", @progbits
	.globl second
second:	call shared
	.section .text.shared, "axG", @progbits, shared, comdat
	.weak shared
shared:	mov $2, %eax
	nop
	ret
	.section .rodata.shared, "aG", @progbits, shared, comdat
	.quad 0x2222
