        .section .ro,"a",@progbits
        .long 1
