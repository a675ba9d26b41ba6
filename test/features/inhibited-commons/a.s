	.comm	shared_table, 32, 8
	.data
	.globl	pointer
pointer: .quad shared_table
