	.section .text.start, "ax", @progbits
	.globl _start
_start:	call used
	.section .text.used, "ax", @progbits
	.globl used
used:	ret
	.section .text.unused, "ax", @progbits
	.globl unused
unused:	call only_from_unused
	.section .text.only, "ax", @progbits
	.globl only_from_unused
only_from_unused: ret
	.section .vectors, "a", @progbits
	.quad handler
	.section .text.handler, "ax", @progbits
	.globl handler
handler: nop
	ret
	.section .dropped, "a", @progbits
	.quad 5
