        .section .comment
        .quad 1
        .comm room, 8, 8
