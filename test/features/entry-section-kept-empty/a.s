        .section .go,"ax",@progbits
        .globl go
go:
        .text
        nop
