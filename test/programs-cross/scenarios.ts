/** Programs that are linked for every architecture: sources, the commands that build them, what they print. */

export interface CrossScenario {
  readonly name: string
  /** by file name; others come from test/programs/sources */
  readonly files: Readonly<Record<string, string>>
  /** files of test/programs/sources */
  readonly sources?: readonly string[]
  /** commands in order: tool, then words. `main` is what is run */
  readonly build: readonly (readonly ['gcc' | 'g++', ...string[]])[]
  /** further words for all commands, one build for each row */
  readonly variants: readonly (readonly string[])[]
  readonly output: string
  readonly status: number
}

const everyKind = [['-static'], ['-fno-pic', '-no-pie'], ['-fPIE', '-pie'], ['-fPIE', '-static-pie']]

const library = `#include <stdio.h>
int shared = 42; const char *const words[] = {"one", "two"}; int table[3] = {1, 2, 3}; int *point = &table[1];
static __thread int own = 3; __thread int opened = 4; __attribute__((visibility("hidden"))) __thread int hidden = 5;
int sum(void) { own++; opened++; hidden++; return own * 100 + opened * 10 + hidden; }
static int square(int x) { return x * x; } int (*pick(void))(int) { return square; }
int twice(int x) { return 2 * x; } int (*pickTwice(void))(int) { return twice; } int *where(void) { return &shared; }
int hook(void); int callHook(void) { return hook(); }
static int implementation(void) { return 77; } static int (*choose(void))(void) { return implementation; }
int chosen(void) __attribute__((ifunc("choose"))); int callChosen(void) { return chosen(); }
int (*chosenPoint)(void) = chosen;
__attribute__((constructor)) static void enter(void) { puts("library"); }
`

const user = `#include <stdio.h>
extern int shared, *point; extern const char *const words[]; extern __thread int opened; int sum(void), chosen(void);
int (*pick(void))(int); int twice(int); int (*pickTwice(void))(int); int *where(void); int callHook(void), callChosen(void);
extern int (*chosenPoint)(void); extern int missing(void) __attribute__((weak));
int hook(void) { return 11; } int (*kept)(int) = twice; int *keptVariable = &shared; static __thread int mine = 9;
int main(void) { shared++; int (*f)(int) = twice; mine++;
printf("%d %s %d\\n", *where(), words[1], *point);
printf("%d %d %d\\n", f == pickTwice(), kept == f, keptVariable == where());
printf("%d %d %d\\n", pick()(5), kept(4), callHook());
int all = sum(); printf("%d %d %d\\n", all, opened, mine);
printf("%d %d %d\\n", chosen(), callChosen(), chosenPoint());
printf("%d\\n", missing == 0); return 6; }
`

export const crossScenarios = {
  startUp: {
    name: 'constructors, threads, thread-local storage, indirect and weak functions, commons',
    files: {},
    sources: ['start-up.c'],
    build: [['gcc', '-O1', 'start-up.c', '-pthread', '-o', 'main']],
    variants: everyKind,
    output: `order abcd
thread 4205 main 40 0
ifunc 42 6 9
weak 0 1
zeros 0 1 17
text 7.500 literal 7
atexit
destructor
`,
    status: 7,
  },
  language: {
    name: 'iostream, exceptions, threads, virtual functions',
    files: {},
    sources: ['language.cc'],
    build: [['g++', '-O1', 'language.cc', '-pthread', '-o', 'main']],
    variants: everyKind,
    output: `begin global
caught bottom
logic nothing in it
derived 1
invalid argument
sum 126 ended 4 own 30
across threads 42
ff 1.5 2 1
end global
`,
    status: 5,
  },
  shared: {
    name: 'a shared object',
    files: { 'lib.c': library, 'main.c': user },
    build: [
      ['gcc', '-O1', '-shared', '-fPIC', 'lib.c', '-o', 'libx.so'],
      ['gcc', '-O1', 'main.c', '-L.', '-lx', '-Wl,-rpath,$ORIGIN', '-o', 'main'],
    ],
    variants: [['-fPIE', '-pie'], ['-no-pie'], ['-Wl,-z,now'], ['-Wl,--hash-style=both'], ['-Wl,--gc-sections']],
    output: 'library\n43 two 2\n1 1 1\n25 8 11\n456 5 10\n77 77 77\n1\n',
    status: 6,
  },
  fixedProgram: {
    name: 'a program for a fixed address with a shared object: copied variables, stubs as addresses',
    files: { 'lib.c': library, 'main.c': user },
    build: [
      ['gcc', '-O1', '-shared', '-fPIC', 'lib.c', '-o', 'libx.so'],
      ['gcc', '-O1', '-fno-pic', '-no-pie', 'main.c', '-L.', '-lx', '-Wl,-rpath,$ORIGIN', '-o', 'main'],
    ],
    variants: [[], ['-Wl,-z,now']],
    output: 'library\n43 two 2\n1 1 1\n25 8 11\n456 5 10\n77 77 77\n1\n',
    status: 6,
  },
  relocatable: {
    name: '-r, then a program from the joined object',
    files: { 'lib.c': library, 'main.c': user },
    build: [
      ['gcc', '-O1', '-g', '-c', 'lib.c'],
      ['gcc', '-O1', '-g', '-c', 'main.c'],
      ['gcc', '-r', 'lib.o', 'main.o', '-o', 'joined.o'],
      ['gcc', 'joined.o', '-o', 'main'],
    ],
    variants: [
      ['-fno-pic', '-no-pie'],
      ['-fPIC', '-pie'],
      ['-fPIC', '-static', '-ffunction-sections'],
    ],
    output: 'library\n43 two 2\n1 1 1\n25 8 11\n456 5 10\n77 77 77\n1\n',
    status: 6,
  },
  emitted: {
    name: '--emit-relocs, --gc-sections, a map',
    files: { 'lib.c': library, 'main.c': user },
    build: [
      [
        ...(['gcc', '-O1', '-ffunction-sections', '-fdata-sections', 'lib.c', 'main.c'] as const),
        ...['-Wl,--emit-relocs,--gc-sections,-Map,main.map', '-o', 'main'],
      ],
    ],
    variants: [['-no-pie'], ['-pie', '-fPIE'], ['-static']],
    output: 'library\n43 two 2\n1 1 1\n25 8 11\n456 5 10\n77 77 77\n1\n',
    status: 6,
  },
} as const satisfies Readonly<Record<string, CrossScenario>>

/** Models of thread-local storage, one scenario each. */
export function threadModels(descriptorFlag: string | undefined): readonly CrossScenario[] {
  const flags = [
    '-ftls-model=global-dynamic',
    '-ftls-model=local-dynamic',
    '-ftls-model=initial-exec',
    ...(descriptorFlag === undefined ? [] : [descriptorFlag]),
  ]
  return flags.map(flag => ({
    name: `thread-local storage, ${flag}`,
    files: {
      'lib.c': `__thread int opened = 5; static __thread int own = 6; static __thread int more[10];
__attribute__((visibility("hidden"))) __thread int hidden = 7; __thread int zero;
int sum(void) { own++; hidden++; more[3]++; zero++; return opened + own + hidden + more[3] + zero; }
int *openedPlace(void) { return &opened; }`,
      'main.c': `#include <stdio.h>
#include <pthread.h>
extern __thread int opened; static __thread int mine = 3; int sum(void); int *openedPlace(void); __thread int big[100];
static void *run(void *result) { opened += 100; mine++; big[99]++; *(int *)result = sum() + mine + big[99]; return 0; }
int main(void) { int a, b; pthread_t t; opened = 50; pthread_create(&t, 0, run, &a); pthread_join(t, 0); run(&b);
printf("%d %d %d\\n", a, b, openedPlace() == &opened); return 0; }`,
    },
    build: [
      ['gcc', '-O1', '-shared', '-fPIC', flag, 'lib.c', '-o', 'libx.so'],
      ['gcc', '-O1', '-pthread', 'main.c', '-L.', '-lx', '-Wl,-rpath,$ORIGIN', '-o', 'main'],
    ],
    variants: [['-fPIE', '-pie'], ['-no-pie'], ['-fPIC', '-no-pie']],
    output: '127 172 1\n',
    status: 0,
  }))
}

/** The same without a shared object: every model becomes local-exec where the architecture allows it. */
export function threadModelsAlone(descriptorFlag: string | undefined): readonly CrossScenario[] {
  return threadModels(descriptorFlag).map(each => ({
    ...each,
    name: `${each.name}, in one program`,
    build: [['gcc', '-O1', ...each.name.split(', ').slice(1), '-pthread', 'main.c', 'lib.c', '-o', 'main']],
    variants: [
      ['-static', '-fPIC'],
      ['-fPIC', '-no-pie'],
      ['-fPIC', '-pie'],
      ['-fPIC', '-static-pie'],
    ],
  }))
}
