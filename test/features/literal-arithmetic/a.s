        .text
        nop
        .data
        .globl d
        .long 1
d:      .long 2
