	.section .text.once,"awxG",@progbits,once,comdat
	.byte 2
	.section .text.other,"ax"
	.byte 3
