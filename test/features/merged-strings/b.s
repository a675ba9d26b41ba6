	.section .text, "ax", @progbits
	.quad three, number
	.section .rodata.str1.1, "aMS", @progbits, 1
three:	.asciz "same text"
	.section .rodata.cst8, "aM", @progbits, 8
number:	.quad 0x1122334455667788
	.quad 9
