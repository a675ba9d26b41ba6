	.section .text, "ax", @progbits
	.globl __wrap_work
__wrap_work: .quad __real_work
