        .text
        nop
        .section .other,"a",@progbits
        .quad nowhere
