        .section .rodata,"a",@progbits
        .long 1
        .data
        .long 2
