        .comm room, 4, 4
        .bss
        .balign 4
        .zero 8
