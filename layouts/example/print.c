#include "print.h"

static long system_call(long number, long a, long b, long c)
{
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
    return result;
}

void print(const char *text)
{
    long length = 0;
    while (text[length] != 0) length++;
    system_call(1, 1, (long)text, length); /* write */
}

void print_hex(unsigned long value)
{
    char text[20] = "0x";
    int at = 2;
    for (int shift = 60; shift >= 0; shift -= 4) {
        int digit = value >> shift & 15;
        if (digit != 0 || at > 2 || shift == 0) text[at++] = "0123456789abcdef"[digit];
    }
    text[at++] = '\n';
    text[at] = 0;
    print(text);
}

_Noreturn void quit(int status)
{
    for (;;) system_call(60, status, 0, 0); /* exit */
}
