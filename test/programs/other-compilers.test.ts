/** Other compilers and C libraries with tsld as their linker. */
import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { skip } from '../support/skips.ts'
import { canRun, checked, driverFolder, layouts, programs, runs, sourceFile, workFolder } from './toolchain.ts'

/** True when the command is there; the tests of continuous integration have clang and musl-gcc, and no Rust. */
function has(command: string, required: boolean): boolean {
  const found = spawnSync(command, ['--version'], { timeout: 20_000 }).error === undefined
  if (!found && required) skip(`programs of ${command}`, `no ${command}`)
  return found
}

test('clang with --ld-path', () => {
  if (!has('clang', true)) return
  for (const [name, words] of Object.entries(layouts())) {
    const output = join(workFolder(), `clang-${name}`)
    const source = sourceFile('start-up.c')
    const ours = `--ld-path=${join(driverFolder(), 'ld')}`
    const run = checked('clang', ['-static', '-pthread', '-O1', ours, source, ...words, '-o', output])
    assert.is(run.stderr, '')
    if (canRun) runs(output, programs.startUp, `clang, ${name}`)
  }
})

test('musl: musl-gcc -static', () => {
  if (!has('musl-gcc', true)) return
  const source = join(workFolder(), 'musl.c')
  // musl knows no IFUNC, so start-up.c is not for it
  writeFileSync(
    source,
    `#include <stdio.h>
#include <pthread.h>
static __thread int mine = 3;
static int made;
__attribute__((constructor)) static void make(void) { made = 4; }
static void *other(void *result) { *(int *)result = ++mine; return 0; }
int main(void) {
  int result = 0;
  pthread_t thread;
  pthread_create(&thread, 0, other, &result);
  pthread_join(thread, 0);
  printf("%d %d %d\\n", mine, result, made);
  return 9;
}
`,
  )
  for (const [name, words] of Object.entries(layouts())) {
    const output = join(workFolder(), `musl-${name}`)
    checked('musl-gcc', ['-B', driverFolder(), '-static', '-O1', source, ...words, '-o', output])
    if (canRun) runs(output, { output: '3 4 4\n', status: 9 }, `musl, ${name}`)
  }
})

test('rustc: a static program with threads and panics', () => {
  if (!has('rustc', false)) return
  const source = join(workFolder(), 'program.rs')
  writeFileSync(
    source,
    `thread_local!(static MINE: std::cell::Cell<i32> = const { std::cell::Cell::new(5) });
fn main() {
    std::panic::set_hook(Box::new(|_| ()));
    let caught = std::panic::catch_unwind(|| if std::env::args().count() > 0 { panic!("deep") });
    let own = std::thread::spawn(|| MINE.with(|n| { n.set(n.get() + 1); n.get() })).join().unwrap();
    println!("caught {} thread {}", caught.is_err(), own);
    std::process::exit(4);
}
`,
  )
  const output = join(workFolder(), 'rust')
  const codegen = [
    'target-feature=+crt-static',
    'relocation-model=static',
    'linker-features=-lld',
    `link-arg=-B${driverFolder()}`,
  ]
  const run = spawnSync('rustc', [...codegen.flatMap(each => ['-C', each]), source, '-o', output], {
    encoding: 'latin1',
  })
  // An older rustc takes other options to choose its linker
  if (/unstable|unknown/.test(run.stderr)) return skip('programs of rustc', 'this rustc names its linker otherwise')
  assert.is(run.status, 0, run.stderr)
  assert.ok(existsSync(output))
  if (canRun) runs(output, { output: 'caught true thread 6\n', status: 4 }, 'rustc')
})

test.run()
