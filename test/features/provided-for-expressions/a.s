        .data
        .globl  here
here:   .quad   1
