	.section .text, "ax", @progbits
	.globl _start
_start:	mov value@GOTPCREL(%rip), %rax
	mov value@GOTPCREL(%rip), %eax
	call *work@GOTPCREL(%rip)
	jmp *work@GOTPCREL(%rip)
	cmp value@GOTPCREL(%rip), %rax
	.globl work
work:	ret
	.section .data, "aw", @progbits
	.globl value
value:	.quad 1
