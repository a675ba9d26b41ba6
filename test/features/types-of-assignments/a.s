        .text
        .globl f, v, t
        .type f, @function
        .type v, @object
f:      nop
        nop
        .data
v:      .long 1
        .section .tdata,"awT",@progbits
        .long 1
        .type t, @tls_object
t:      .long 2
