        .text
        .globl _start
        .globl plain
_start: nop
plain:  nop
