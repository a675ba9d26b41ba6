        .section .in,"aw",@progbits
        .balign 4
        .quad 1
