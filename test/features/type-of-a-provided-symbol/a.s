        .text
        .globl go
        .type go, @function
go:     nop
