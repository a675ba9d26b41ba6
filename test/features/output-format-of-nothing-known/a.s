        .globl x
        .data
x:      .quad 1
