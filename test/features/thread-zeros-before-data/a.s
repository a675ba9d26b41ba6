        .section .tbss,"awT",@nobits
        .zero 8
        .section .tdata,"awT",@progbits
        .quad 1
        .text
        nop
