/* Beside start-up.c: the strong definition of a weak symbol and the larger half of a common one. */
int replaced(void) { return 2; }
int shared_block[1000];
