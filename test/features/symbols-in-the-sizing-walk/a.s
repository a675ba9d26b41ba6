	.text
	.quad 1, 2
	.globl function
	.type function, @function
	.data
function:
	.quad 1
