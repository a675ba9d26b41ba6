        .text
        .globl  f, moved, given
        .type   f, @function
        nop
f:      ret
        .size   f, 1
        .weak   faint
faint:  ret
        .comm   shared, 8, 8
        .set    given, 7
        .data
moved:  .quad   moved
