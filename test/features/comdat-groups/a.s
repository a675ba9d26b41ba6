	.section .text, "ax", @progbits
	.globl _start
_start:	call shared
	.section .text.shared, "axG", @progbits, shared, comdat
	.weak shared
shared:	mov $1, %eax
	ret
	.section .rodata.shared, "aG", @progbits, shared, comdat
	.quad 0x1111
