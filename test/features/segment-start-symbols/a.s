        .text
        .long   1
        .data
        .long   2
        .bss
        .long   0
