        .section .table,"a",@progbits
        .quad 2
        .section .code,"ax",@progbits
        .quad 3
