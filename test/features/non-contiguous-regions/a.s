 .section .data.1,"aw"
 .globl d1
d1: .skip 8,1
 .section .data.2,"aw"
 .globl d2
d2: .skip 16,2
 .section .data.3,"aw"
 .globl d3
d3: .skip 4,3
 .section .data.4,"aw"
 .balign 16
 .globl d4
d4: .skip 32,4
