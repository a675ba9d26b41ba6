/* Constructors by priority, destructors, atexit, TLS, IFUNC, weak and common symbols, a large .bss. Exit status 7. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char order[16];
static void note(char letter) { order[strlen(order)] = letter; }
__attribute__((constructor(300))) static void third(void) { note('c'); }
__attribute__((constructor)) static void last(void) { note('d'); }
__attribute__((constructor(101))) static void first(void) { note('a'); }
__attribute__((constructor(200))) static void second(void) { note('b'); }
__attribute__((destructor)) static void leave(void) { puts("destructor"); }
static void at_exit(void) { puts("atexit"); }

static __thread int initialised = 40;
static __thread int zeroed;
static __thread char aligned[100] __attribute__((aligned(64)));
static void *other_thread(void *argument) {
  initialised += 2;
  zeroed += 5;
  *(int *)argument = initialised * 100 + zeroed + ((uintptr_t)aligned % 64 == 0 ? 0 : 1000000);
  return NULL;
}

static int plain(int x) { return x * 3; }
static int (*choose(void))(int) { return plain; }
int chosen(int) __attribute__((ifunc("choose")));

extern int missing(void) __attribute__((weak));
int replaced(void) __attribute__((weak));
int replaced(void) { return 1; }

int shared_block[1000];
static char zeros[64 << 20];
static int (*volatile pointers[])(int) = {plain, chosen, abs};

int main(int argc, char **argv) {
  (void)argv;
  atexit(at_exit);
  int result = 0;
  pthread_t thread;
  if (pthread_create(&thread, NULL, other_thread, &result) != 0) return 99;
  pthread_join(thread, NULL);
  printf("order %s\n", order);
  printf("thread %d main %d %d\n", result, initialised, zeroed);
  printf("ifunc %d %d %d\n", chosen(14), pointers[1](2), pointers[2](-9));
  printf("weak %d %d\n", missing != NULL, replaced());
  zeros[sizeof zeros - 1] = (char)argc;
  shared_block[999] = 17;
  printf("zeros %d %d %d\n", zeros[12345], zeros[sizeof zeros - 1], shared_block[999]);
  double parsed = strtod("2.5", NULL);
  printf("text %.3f %s %zu\n", parsed * 3, "literal", strlen("literal"));
  return 7;
}
