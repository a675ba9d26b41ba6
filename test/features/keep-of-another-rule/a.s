        .globl _start, kept, number, ab
        .section .entry,"ax",@progbits
_start: .quad kept, number, sum
        .section .one,"a",@progbits
        .quad 1
        .section .two,"a",@progbits
        .quad 2
        .section .through,"a",@progbits
a:      .quad 3
        .globl a, b
        .section .counted,"a",@progbits
b:      .quad 4
        .section .init_array,"aw",@init_array
        .quad 5
        .section .empty,"aw",@progbits
