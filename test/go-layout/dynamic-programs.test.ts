/**
 * Dynamic programs with the Go layout run under the system's loader: one that starts as Go's runtime does and calls the C
 * library, with the exact layout too; and usual C and C++ programs. amd64 and 386 run here, arm under qemu.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type ElfFile, readElf, relocationsOf, sectionBytes, sectionNamed } from '../support/elf-reader.ts'
import { findTool, needs, runTool, type Tool } from '../support/peers.ts'
import { skip } from '../support/skips.ts'
import { runLinker, whyNoLinker } from '../support/tsld.ts'

interface Processor {
  readonly arch: string
  readonly gcc: Tool
  readonly gxx: Tool
  readonly emulator?: Tool
  /** start code: gives the stack an alignment and calls start_c */
  readonly start: string
  /** folder with the libraries of the system that is emulated */
  readonly root?: string
}

const processors: readonly Processor[] = [
  { arch: 'amd64', gcc: 'gcc', gxx: 'g++', start: 'and $-16, %rsp; call start_c' },
  { arch: '386', gcc: 'i686-linux-gnu-gcc', gxx: 'i686-linux-gnu-g++', start: 'and $-16, %esp; call start_c' },
  {
    arch: 'arm',
    gcc: 'arm-linux-gnueabihf-gcc',
    gxx: 'arm-linux-gnueabihf-g++',
    emulator: 'qemu-arm',
    start: '.arm; .type _rt0_arm_linux, %function; bl start_c',
    root: '/usr/arm-linux-gnueabihf',
  },
]

const runtimeSource = `
extern int puts(const char *), printf(const char *, ...), fflush(void *);
extern void _exit(int);
extern char **environ;
extern void *stdout;
int (*pointer)(const char *) = puts;
static int counter = 3;
int zeros[100];
const char message[] = "exported";
int exported(int x) { return x + counter; }
void start_c(void) {
  puts("called");
  pointer("by pointer");
  printf("%s %d %d\\n", message, exported(4), environ != 0);
  fflush(stdout);
  zeros[3] = 7;
  _exit(zeros[3] - 7);
}
`

const cSource = `
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <math.h>
static __thread int counter = 7;
__thread int zero;
static int order;
__attribute__((constructor(200))) static void late(void) { order = order * 10 + 2; }
__attribute__((constructor(150))) static void early(void) { order = order * 10 + 1; }
__attribute__((destructor)) static void leave(void) { puts("bye"); }
static int once(int x) { return x + x; }
static int (*pick(void))(int) { return once; }
int twice(int) __attribute__((ifunc("pick")));
int (*const put)(const char *) = puts;
void *const out = &stdout;
double (*root)(double) = sqrt;
volatile double two = 2.25;
int main(void) {
  char *copy = strdup("copy");
  fprintf(stdout, "%d %d %d %d %s %d %.1f %d\\n", counter, zero, order, twice(21), copy, *(FILE **)out == stdout,
          root(two), root == sqrt);
  put("constant pointer");
  free(copy);
  return 0;
}
`

const cppSource = `
#include <iostream>
#include <stdexcept>
#include <thread>
struct Noisy { ~Noisy() { std::cout << "bye\\n"; } } global;
thread_local int mine = 1;
int main() {
  try { throw std::runtime_error("thrown"); } catch (const std::exception &e) { std::cout << e.what() << "\\n"; }
  std::thread other([] { mine += 4; std::cout << mine << "\\n"; });
  other.join();
  std::cout << mine << std::endl;
}
`

function inFolder(work: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'tsld-go-dynamic-'))
  try {
    work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Standard output, then the exit status; undefined: programs of this processor cannot run here. */
function outputOf(processor: Processor, folder: string): string | undefined {
  if (process.platform !== 'linux') return undefined
  const program = join(folder, 'program')
  const emulator = processor.emulator === undefined ? undefined : findTool(processor.emulator)
  if (emulator === undefined && process.arch !== 'x64') return undefined
  const line = emulator === undefined ? [program] : [emulator, '-L', processor.root ?? '/', program]
  const run = spawnSync(line[0]!, line.slice(1), { encoding: 'latin1', timeout: 30_000 })
  return `${run.stdout}${run.stderr}${run.signal ?? run.status}`
}

function compile(processor: Processor, name: string, source: string, flags: readonly string[], folder: string): void {
  writeFileSync(join(folder, name), source)
  const tool = name.endsWith('.cc') ? processor.gxx : processor.gcc
  const run = runTool(tool, [...flags, '-c', name, '-o', `${name}.o`], { cwd: folder })
  assert.is(run.status, 0, run.stderr)
}

/** What every dynamic output of the layout has. */
function checkTables(file: ElfFile, folder: string): void {
  const loads = file.segments.filter(segment => segment.type === 1)
  assert.is(loads.length, 2, 'code and data')
  assert.equal(
    file.segments.slice(0, 2).map(segment => segment.type),
    [6, 3],
    'PT_PHDR, PT_INTERP',
  )
  const data = sectionNamed(file, '.dynamic')!
  assert.ok(data.address > loads[1]!.virtualAddress - 1n && sectionNamed(file, '.got.plt')!.address < data.address)
  const sizes = ['.dynsym', '.dynstr', '.plt', '.gnu.version'].map(name => sectionNamed(file, name)!)
  const byAddress = [...sizes].sort((a, b) => Number(a.address - b.address))
  assert.equal(
    byAddress.map(section => section.size),
    sizes.map(section => section.size).sort((a, b) => a - b),
    `the smaller table comes first in ${folder}`,
  )
}

for (const processor of processors) {
  for (const layout of ['go-2013-exact', 'go'])
    test(`a program that starts as Go does calls the C library, ${processor.arch}, ${layout}`, () => {
      const name = `dynamic ${layout} program of ${processor.arch}`
      const obstacle = whyNoLinker()
      if (obstacle !== undefined) return skip(name, obstacle)
      if (!needs(name, processor.gcc, ...(processor.emulator === undefined ? [] : [processor.emulator]))) return
      inFolder(folder => {
        compile(processor, 'main.c', runtimeSource, ['-O1', '-fPIC', '-fno-asynchronous-unwind-tables'], folder)
        const entry = `_rt0_${processor.arch}_linux`
        const start = `.globl ${entry}\n${entry}: ${processor.start}\n`
        compile(processor, 'start.s', start.replace(/^(.*)(\.arm; \.type [^;]*;)/ms, '$2\n$1'), [], folder)
        const find = (file: string): string => runTool(processor.gcc, [`-print-file-name=${file}`]).stdout.trim()
        const loader = { amd64: 'ld-linux-x86-64.so.2', 386: 'ld-linux.so.2', arm: 'ld-linux-armhf.so.3' }[
          processor.arch
        ]
        const library = find('libc.so.6')
        const options = ['--layout', layout, '--arch', processor.arch, '--allow-shlib-undefined']
        const interpreter = processor.arch === 'arm' ? `/lib/${loader}` : find(loader!)
        const path = processor.arch === 'arm' ? [] : ['-rpath', library.replace(/\/[^/]*$/, '')]
        const inputs = ['start.s.o', 'main.c.o', library, '--export-dynamic-symbol=exported']
        const run = runLinker([...options, ...inputs, '-I', interpreter, ...path, '-o', 'program'], folder)
        assert.is(run.status, 0, run.text)
        const file = readElf(new Uint8Array(readFileSync(join(folder, 'program'))))
        checkTables(file, name)
        // On ARM the words through which code reaches variables stand behind it: their relocations come later.
        const wanted = ['exported', 'puts', 'environ', 'printf', 'stdout', 'fflush', '_exit']
        const later = (name: string): boolean => processor.arch === 'arm' && /^(environ|stdout)$/.test(name)
        const inOrder = [...wanted.filter(each => !later(each)), ...wanted.filter(later)]
        assert.equal(
          file.dynamicSymbols.map(symbol => symbol.name),
          inOrder,
        )
        const relocations = file.sections.find(section => section.name === '.rela' || section.name === '.rel')!
        assert.is(relocationsOf(file, relocations).length, 3, 'two words of the GOT, one of data')
        assert.is(sectionBytes(file, sectionNamed(file, '.interp')!).length, interpreter.length + 1)
        const isExact = layout === 'go-2013-exact'
        const table = file.symbols.find(symbol => symbol.name === '.plt')
        assert.is(table?.type, isExact ? 1 : undefined, 'tables are objects in the exact layout')
        const last = file.symbols.filter(symbol => symbol.binding === 1 && symbol.type === 1).slice(-2)
        if (isExact)
          assert.equal(
            last.map(symbol => symbol.name),
            ['.dynamic', '.dynstr'],
          )
        assert.not(isExact && file.symbols.some(symbol => symbol.name === '_GLOBAL_OFFSET_TABLE_'))
        const text = outputOf(processor, folder)
        if (text !== undefined) assert.is(text, 'called\nby pointer\nexported 7 1\n0')
      })
    })

  for (const flags of [
    ['-O1', '-fno-pic', '-no-pie'],
    ['-O1', '-fPIC', '-no-pie'],
  ])
    test(`C with constructors, TLS, IFUNC and copied variables, ${processor.arch}, ${flags[1]}`, () => {
      const name = `dynamic C with the Go layout, ${processor.arch}`
      const obstacle = whyNoLinker()
      if (obstacle !== undefined) return skip(name, obstacle)
      if (!needs(name, processor.gcc, ...(processor.emulator === undefined ? [] : [processor.emulator]))) return
      inFolder(folder => {
        compile(processor, 'main.c', cSource, flags, folder)
        checkTables(linkAsCompiler(processor, processor.gcc, 'main.c.o', [...flags, '-lm'], folder), name)
        const text = outputOf(processor, folder)
        if (text !== undefined) assert.is(text, '7 0 12 42 copy 1 1.5 1\nconstant pointer\nbye\n0')
      })
    })

  test(`C++ with exceptions and threads, ${processor.arch}`, () => {
    const name = `dynamic C++ with the Go layout, ${processor.arch}`
    const obstacle = whyNoLinker()
    if (obstacle !== undefined) return skip(name, obstacle)
    if (!needs(name, processor.gxx, ...(processor.emulator === undefined ? [] : [processor.emulator]))) return
    inFolder(folder => {
      const flags = ['-O1', '-pthread', '-no-pie', '-fno-pie']
      compile(processor, 'main.cc', cppSource, flags, folder)
      checkTables(linkAsCompiler(processor, processor.gxx, 'main.cc.o', flags, folder), name)
      const text = outputOf(processor, folder)
      if (text !== undefined) assert.is(text, 'thrown\n5\n1\nbye\n0')
    })
  })
}

/** The compiler is asked (`-###`) for the link it would make; tsld gets the same arguments. */
function linkAsCompiler(
  _processor: Processor,
  compiler: Tool,
  object: string,
  flags: readonly string[],
  folder: string,
): ElfFile {
  const libraries = flags.filter(flag => flag.startsWith('-l'))
  const others = flags.filter(flag => !flag.startsWith('-l'))
  const shown = runTool(compiler, ['-###', ...others, object, ...libraries, '-o', 'program'], { cwd: folder })
  const line = shown.stderr.split('\n').find(each => /collect2/.test(each)) ?? ''
  const words = [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(match => match[1] ?? match[2] ?? '')
  const kept = words.slice(1).filter((word, i, all) => !word.startsWith('-plugin') && all[i - 1] !== '-plugin')
  const run = runLinker(['--layout', 'go', ...kept], folder)
  assert.is(run.status, 0, run.text)
  return readElf(new Uint8Array(readFileSync(join(folder, 'program'))))
}

test.run()
