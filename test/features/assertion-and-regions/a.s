        .text
        .quad 1
