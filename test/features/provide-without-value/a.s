        .text
        .globl a
        .quad p
a:      .quad 2
        .comm room, 8, 8
