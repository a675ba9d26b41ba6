# Writes a line and ends with status 3.
	.section .text, "ax", @progbits
	.globl begin
begin:	mov $1, %eax
	mov $1, %edi
	lea line(%rip), %rsi
	mov $6, %edx
	syscall
	mov $60, %eax
	mov $3, %edi
	syscall
	.section .rodata, "a", @progbits
line:	.ascii "hello\n"
	.section .note.GNU-stack, "", @progbits
