        .text
        .globl _start
        .globl other
_start: nop
other:  nop
