/* A program without a C library: it prints what it knows about its own layout through two system calls of Linux.
   main.o and print.o beside this file were made by:
     gcc -c -O1 -ffreestanding -fno-pic -fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none main.c print.c */
#include "print.h"

/* Set by the linker script, or by the default layout. */
extern const char etext[], edata[], end[];

static const char greeting[] = "hello from a program linked by tsld\n";
int counter = 41;
int cleared[1024];

void _start(void)
{
    counter++;
    print(greeting);
    print("  main is in code:         "); print_hex((unsigned long)&_start);
    print("  code ends at:            "); print_hex((unsigned long)etext);
    print("  a constant is at:        "); print_hex((unsigned long)greeting);
    print("  a variable is at:        "); print_hex((unsigned long)&counter);
    print("  data ends at:            "); print_hex((unsigned long)edata);
    print("  cleared memory is at:    "); print_hex((unsigned long)cleared);
    print("  everything ends at:      "); print_hex((unsigned long)end);
    quit(counter == 42 && cleared[7] == 0 ? 0 : 1);
}
