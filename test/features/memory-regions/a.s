	.section .text, "ax", @progbits
	.globl _start
_start:	mov from, %eax
	nop
	.section .data, "aw", @progbits
	.balign 4
	.globl from
from:	.long 0x11223344
	.section .bss, "aw", @nobits
	.globl room
room:	.skip 24
