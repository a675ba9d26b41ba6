        .section .ro,"a",@progbits
        .quad 1
        .text
        .quad 1
        .globl go
go:     nop
