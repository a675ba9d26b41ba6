        .comm room, 4, 4
        .bss
        .zero 8
