        .text
        .quad dot, five, label
        .data
        .globl d
d:      .quad 1
