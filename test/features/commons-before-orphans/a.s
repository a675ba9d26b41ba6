        .comm first, 4, 4
        .section .in,"aw",@progbits
        .quad 1
