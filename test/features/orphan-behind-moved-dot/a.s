        .text
        .balign 8
        .quad -1
