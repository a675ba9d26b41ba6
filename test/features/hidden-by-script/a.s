        .text
        .globl _start
        .globl quiet
        .hidden quiet
_start: nop
quiet:  nop
        .quad needed
