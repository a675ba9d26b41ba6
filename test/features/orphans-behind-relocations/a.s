        .section .vars,"aw",@progbits
        .quad 1
        .comm room, 4, 4
