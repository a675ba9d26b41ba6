        .data
        .quad   1
        .section .mine, "aw"
        .quad   2
