        .section .ro,"a",@progbits
        .quad 1
