        .text
        .quad 1, 2
