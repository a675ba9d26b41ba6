	.section .text.kept, "ax"
	.globl	_ZN3app4openEi
_ZN3app4openEi: ret
	.section .text.named, "ax"
	.globl	plain
plain:	ret
	.section .text.lost, "ax"
	.globl	other
other:	ret
