        .text
        nop
        .section .zero,"aw",@nobits
        .zero 8
