        .globl  _start
        .text
_start: movl    $60, %eax
        xorl    %edi, %edi
        syscall
        .section .mine, "a"
        .globl  mine
mine:   .byte   1, 2, 3, 4
