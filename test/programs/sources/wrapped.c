/* --wrap, --defsym and encapsulated sections with __start_ and __stop_ symbols. Exit status 0. */
#include <stdio.h>
#include <stdlib.h>

void *__real_malloc(size_t size);
static int calls;
void *__wrap_malloc(size_t size) {
  calls++;
  return __real_malloc(size);
}
struct row { int value; };
#define ROW(name, number) static struct row name __attribute__((section("rows"), used)) = {number}
ROW(one, 1);
ROW(two, 20);
ROW(three, 300);
extern struct row __start_rows[], __stop_rows[];
extern char answer[];
__attribute__((noinline)) int never_called(void) { return puts("never"); }

int main(void) {
  int sum = 0;
  for (struct row *row = __start_rows; row < __stop_rows; row++) sum += row->value;
  free(malloc(10));
  printf("rows %d wrapped %d answer %ld\n", sum, calls >= 1, (long)answer);
  return 0;
}
