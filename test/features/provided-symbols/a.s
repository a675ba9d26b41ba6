	.section .text, "ax", @progbits
	.globl _start, mine
_start:	.quad wanted, mine, hidden_one
mine:	ret
