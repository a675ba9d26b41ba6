        .section .odd,"aw",@progbits
        .quad 1
