        .section .x,"a",@progbits
        .quad 1
        .section .y,"a",@progbits
        .balign 64
        .quad 1
