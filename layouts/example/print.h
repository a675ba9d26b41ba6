void print(const char *text);
void print_hex(unsigned long value);
_Noreturn void quit(int status);
