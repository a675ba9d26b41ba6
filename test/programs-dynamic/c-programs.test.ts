/** C programs with shared objects: calls, variables, thread-local storage, versions, loading at run time. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { needs } from '../support/peers.ts'
import { refusal, scenario } from './scenario.ts'

const lib = ['gcc', '-shared', '-fPIC', 'lib.c', '-o', 'libx.so'] as const
const main = ['gcc', 'main.c', '-L.', '-lx', '-o', 'main'] as const

scenario({
  name: 'functions, variables and their addresses',
  files: {
    'lib.c': `int shared = 7; int table[4] = {1, 2, 3, 4}; const int fixed = 9; int *point = &shared;
int twice(int x) { return 2 * x; } int (*pick(void))(int) { return twice; } int *where(void) { return &shared; }
const int *whereFixed(void) { return &fixed; } int *slot(int i) { return &table[i]; }
static int own = 5; int *ownPoint = &own; int hook(void); int callHook(void) { return hook(); }
__attribute__((visibility("hidden"))) int inner(void) { return 3; } int (*innerPoint)(void) = inner;
__attribute__((visibility("protected"))) int guarded(void) { return 4; } int callGuarded(void) { return guarded(); }`,
    'main.c': `#include <stdio.h>
extern int shared, table[4]; extern const int fixed; extern int *point, *ownPoint; extern int (*innerPoint)(void);
int twice(int); int (*pick(void))(int); int *where(void); const int *whereFixed(void); int *slot(int);
int callHook(void), callGuarded(void); int hook(void) { return 11; }
extern char **environ; extern int missing(void) __attribute__((weak)); extern int absent __attribute__((weak));
int (*kept)(int) = twice; int *keptVariable = &shared; int (*const keptConstant)(int) = twice;
int main(void) { shared = 8; table[2] = 30; int (*f)(int) = twice;
printf("%d %d %d %d\\n", *where(), *slot(2), fixed, *point);
printf("%d %d %d\\n", f == pick(), kept == pick(), keptConstant == f);
printf("%d %d %d\\n", where() == &shared, keptVariable == where(), whereFixed() == &fixed);
printf("%d %d %d\\n", twice(4), f(5), kept(6)); printf("%d %d %d\\n", *ownPoint, innerPoint(), callGuarded());
printf("%d %d %d\\n", callHook(), missing == 0, &absent == 0); fprintf(stderr, "%d\\n", environ != 0); return 0; }`,
  },
  build: [lib, main],
  output: '8 30 9 8\n1 1 1\n1 1 1\n8 10 12\n5 3 4\n11 1 1\n1\n',
})

scenario({
  name: 'thread-local storage of a shared object',
  files: {
    'lib.c': `_Thread_local int opened = 5; static _Thread_local int own = 6; static _Thread_local int more[10];
__attribute__((visibility("hidden"))) _Thread_local int hidden = 7; _Thread_local int zero;
int sum(void) { own++; hidden++; more[3]++; zero++; return opened + own + hidden + more[3] + zero; } int *openedPlace(void) { return &opened; }`,
    'main.c': `#include <stdio.h>
#include <pthread.h>
extern _Thread_local int opened; static _Thread_local int mine = 3; int sum(void); int *openedPlace(void); _Thread_local int big[100];
static void *run(void *result) { opened += 100; mine++; big[99]++; *(int *)result = sum() + mine + big[99]; return 0; }
int main(void) { int a, b; pthread_t t; opened = 50; pthread_create(&t, 0, run, &a); pthread_join(t, 0); run(&b);
printf("%d %d %d\\n", a, b, openedPlace() == &opened); return 0; }`,
  },
  build: [lib, [...main, '-pthread']],
  output: '127 172 1\n',
})

for (const model of [
  '-ftls-model=global-dynamic',
  '-ftls-model=local-dynamic',
  '-ftls-model=initial-exec',
  '-mtls-dialect=gnu2',
])
  scenario({
    name: `thread-local storage, ${model}`,
    files: {
      'lib.c': `_Thread_local int opened = 5; int next(void) { return opened++; } static _Thread_local int own = 6, other = 8; int sum(void) { own += other++; return opened++ + own; }`,
      'main.c': `#include <stdio.h>
#ifndef LOCAL
extern _Thread_local int opened;
#else
static _Thread_local int opened;
#endif
static _Thread_local int mine = 3; _Thread_local int wide = 4; int sum(void);
int main(void) { opened += 10; mine++; wide += mine; printf("%d %d %d %d\\n", sum(), sum(), opened, wide); return 0; }`,
    },
    build: [
      [...lib, model],
      [...main, model, '-fPIC', ...(model.endsWith('local-dynamic') ? ['-DLOCAL'] : [])],
    ],
    variants: [['-pie', '-O2'], ['-no-pie']],
  })

scenario({
  name: 'indirect functions',
  files: {
    'lib.c': `static int one(void) { return 1; } static int two(void) { return 2; }
static void *choose(void) { return two; } int pick(void) __attribute__((ifunc("choose")));
static int local(void) __attribute__((ifunc("choose"))); int callLocal(void) { return local() + one() - 1; }
int (*point)(void) = pick; static int (*localPoint)(void) = local; int viaPoint(void) { return localPoint() + pick(); }`,
    'main.c': `#include <stdio.h>
static int five(void) { return 5; } static void *choose(void) { return five; }
int own(void) __attribute__((ifunc("choose"))); int (*ownPoint)(void) = own; int pick(void), callLocal(void), viaPoint(void); extern int (*point)(void);
static int quiet(void) __attribute__((ifunc("choose"))); static int (*const quietPoint)(void) = quiet;
int main(void) { int (*f)(void) = own, (*g)(void) = pick;
printf("%d %d %d %d %d\\n", own(), ownPoint(), f(), quiet(), quietPoint());
printf("%d %d %d %d %d\\n", pick(), callLocal(), viaPoint(), point(), g()); return 0; }`,
  },
  build: [lib, main],
  output: '5 5 5 5 5\n2 2 4 2 2\n',
})

scenario({
  name: 'symbol versions',
  files: {
    'lib.c': `int f1(void) { return 1; } int f2(void) { return 2; } int plain(void) { return 3; } int inside(void) { return 4; }
__asm__(".symver f1,f@V1"); __asm__(".symver f2,f@@V2"); int callF(void) { extern int f(void); return f(); }`,
    'lib.map': 'V1 { global: plain; f; local: *; }; V2 { global: callF; f; } V1;',
    'main.c': `#include <stdio.h>
int f(void), plain(void), callF(void); int old(void); __asm__(".symver old,f@V1");
int main(void) { printf("%d %d %d %d\\n", f(), old(), plain(), callF()); return 0; }`,
  },
  build: [[...lib, '-Wl,--version-script=lib.map', '-Wl,-soname,libx.so'], main],
})

scenario({
  name: 'loading at run time, with symbols of the program',
  files: {
    'lib.c': `#include <stdio.h>
int fromProgram(void); int value = 6; static void begin(void) __attribute__((constructor)); static void end(void) __attribute__((destructor));
static void begin(void) { puts("begin"); fflush(stdout); } static void end(void) { puts("end"); fflush(stdout); } int run(void) { return fromProgram() + value; }`,
    'main.c': `#include <dlfcn.h>
#include <stdio.h>
#include <execinfo.h>
#include <string.h>
int fromProgram(void) { return 30; } __attribute__((noinline)) int named(void) { void *at[9]; int n = backtrace(at, 9); char **text = backtrace_symbols(at, n);
return strstr(text[0], "named") != 0; }
int main(void) { void *h = dlopen("./libx.so", RTLD_NOW); if (!h) { puts(dlerror()); return 1; }
int (*run)(void) = (int (*)(void))dlsym(h, "run"); printf("%d %d\\n", run(), *(int *)dlsym(h, "value")); fflush(stdout);
dlclose(h); printf("%d %d\\n", named(), dlsym(0, "fromProgram") != 0); return 0; }`,
  },
  build: [lib, ['gcc', 'main.c', '-rdynamic', '-o', 'main']],
})

for (const words of [
  ['-Wl,-Bsymbolic'],
  ['-Wl,-Bsymbolic-functions'],
  ['-Wl,--hash-style=sysv'],
  ['-Wl,--hash-style=both'],
  ['-Wl,-z,now'],
  ['-Wl,--gc-sections', '-ffunction-sections'],
  ['-Wl,--no-relax'],
  ['-Wl,-z,nocombreloc'],
  ['-s'],
])
  scenario({
    name: `a definition of the program replaces that of the shared object, ${words.join(' ')}`,
    files: {
      'lib.c':
        'int f(void) { return 1; } int data = 1; int callF(void) { return f(); } int readData(void) { return data; } int (*point)(void) = f;',
      'main.c': `#include <stdio.h>
int f(void) { return 2; } int data = 2; int callF(void), readData(void); extern int (*point)(void);
int main(void) { printf("%d %d %d\\n", callF(), readData(), point()); return 0; }`,
    },
    build: [[...lib, ...words], main],
    variants: [['-pie']],
  })

scenario({
  name: 'stubs for indirect branch tracking',
  files: {
    'lib.c': 'int f(void) { return 1; } int (*pick(void))(void) { return f; }',
    'main.c': `int f(void); int (*pick(void))(void); int puts(const char *); void exit(int); extern void *stdout; int fflush(void *);
void _start(void) { __asm__("and $-16, %rsp"); puts(f() == 1 && pick() == f ? "same" : "other"); fflush(stdout); exit(0); }`,
  },
  build: [
    [...lib, '-fcf-protection', '-nostartfiles'],
    [...main, '-fcf-protection', '-nostartfiles'],
  ],
  output: 'same\n',
})

scenario({
  name: 'only listed symbols may be replaced',
  files: {
    'lib.c': 'int f(void) { return 1; } int g(void) { return 1; } int sum(void) { return 10 * f() + g(); }',
    'lib.list': '{ f; };',
    'main.c': `#include <stdio.h>
int f(void) { return 2; } int g(void) { return 2; } int sum(void); int main(void) { printf("%d\\n", sum()); return 0; }`,
  },
  build: [[...lib, '-Wl,--dynamic-list=lib.list'], main],
  variants: [['-pie']],
  output: '21\n',
})

scenario({
  name: 'static-pie',
  files: {
    'main.c': `#include <stdio.h>
#include <string.h>
#include <pthread.h>
static int five(void) { return 5; } static void *choose(void) { return five; } int own(void) __attribute__((ifunc("choose")));
int (*ownPoint)(void) = own; static _Thread_local int mine = 3; const char *const names[] = {"a", "bc"}; int *self; int number; int *point = &number;
extern int missing(void) __attribute__((weak));
static void *run(void *x) { mine++; return x; }
__attribute__((constructor)) static void first(void) { self = &number; }
int main(void) { pthread_t t; pthread_create(&t, 0, run, 0); pthread_join(t, 0); char b[9]; strcpy(b, names[1]);
printf("%d %d %d %s %d %d %d\\n", own(), ownPoint(), mine, b, self == point, missing == 0, (int)strlen(b)); return 0; }`,
  },
  build: [['gcc', '-fPIE', 'main.c', '-pthread', '-o', 'main']],
  variants: [['-static-pie'], ['-static-pie', '-O2', '-Wl,-z,now']],
  output: '5 5 3 bc 1 1 2\n',
})

test('code for a fixed address in a shared object is refused by name', () => {
  if (!needs('refusals', 'gcc')) return
  const text = refusal({ 'a.c': 'int data; int f(void) { return data; }' }, [
    '-shared',
    '-fno-pic',
    '-mcmodel=small',
    'a.c',
  ])
  assert.match(text, /R_X86_64_PC32 against symbol `data' can not be used when making a shared object/)
  const narrow = refusal({ 'a.s': '.data\n.long a\na: .long 0\n.globl main\nmain: ret\n' }, ['-pie', 'a.s'])
  assert.match(narrow, /R_X86_64_32 against .* can not be used when making a PIE object/)
  const thread = refusal({ 'a.c': 'static _Thread_local int x; int *f(void) { return &x; }' }, [
    '-shared',
    '-fPIC',
    '-ftls-model=local-exec',
    'a.c',
  ])
  assert.match(thread, /R_X86_64_TPOFF32 against .* can not be used when making a shared object/)
})

test('words in read-only sections: -z text', () => {
  if (!needs('refusals', 'gcc')) return
  const text = refusal({ 'a.s': '.section .rodata\n.quad a\na: .quad 0\n' }, ['-shared', '-Wl,-z,text', 'a.s'])
  assert.match(text, /read-only section `\.rodata' has dynamic relocations/)
})

test('what is missing is named', () => {
  if (!needs('refusals', 'gcc')) return
  const hidden = refusal(
    {
      'a.c':
        '__attribute__((visibility("hidden"))) int x; extern int g(void) __attribute__((visibility("hidden"))); int f(void) { return g(); }',
    },
    ['-shared', '-fPIC', 'a.c'],
  )
  assert.match(hidden, /hidden symbol `g' isn't defined/)
})

test.run()
