	.section .data.x,"aw"
	.quad defined
	.section .weak.x,"aw"
	.quad weak
	.section .common.y,"aw"
	.quad common
	.section .script.z,"aw"
	.quad script
	.section .call.z,"ax"
	call weak
	.globl weak, defined
	.weak weak
	.data
defined:
weak:	.quad 1
	.comm common, 8, 8
	.section .weak.z,"aw"
	.quad weak
