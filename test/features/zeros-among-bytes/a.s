        .text
        nop
        .bss
        .zero 5
