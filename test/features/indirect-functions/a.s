# A static program whose function is chosen at start: it carries out its own IRELATIVE relocations, as libc's start code does.
	.section .text, "ax", @progbits
	.globl _start
_start:	lea __rela_iplt_start(%rip), %rbx
	lea __rela_iplt_end(%rip), %r12
next:	cmp %r12, %rbx
	jae ready
	call *16(%rbx)
	mov (%rbx), %rcx
	mov %rax, (%rcx)
	add $24, %rbx
	jmp next
ready:	call chosen
	mov %eax, %edi
	mov $60, %eax
	syscall
resolve: lea seven(%rip), %rax
	ret
seven:	mov $7, %eax
	ret
	.globl chosen
	.type chosen, @gnu_indirect_function
	.set chosen, resolve
	.section .note.GNU-stack, "", @progbits
