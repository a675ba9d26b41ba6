	.globl _start, counter
	.text
_start:	ret
	.section .tbss,"awT",@nobits
	.type counter, @object
counter:
