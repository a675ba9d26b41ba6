        .section .text.b, "ax"
        .p2align 3
        .globl  b
b:      nop
        .section .text.a, "ax"
        .p2align 3
        .globl  a
a:      nop
        .section .text.c, "ax"
        .p2align 5
        .globl  c
c:      nop
