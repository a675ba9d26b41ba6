	.section .text, "ax", @progbits
	.globl _start
_start:	ret
local:	ret
	.section .debug_info, "", @progbits
	.byte 1
