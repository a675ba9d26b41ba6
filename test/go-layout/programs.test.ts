/**
 * Programs linked with the Go layout run: C and C++ with glibc, and a Go program without a C library.
 *
 * gcc is asked (`-###`) for the link it would make; tsld gets the same arguments.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type ElfFile, readElf, sectionNamed } from '../support/elf-reader.ts'
import { findTool, needs, runTool } from '../support/peers.ts'
import { skip } from '../support/skips.ts'
import { runLinker, whyNoLinker } from '../support/tsld.ts'

const canRun = process.platform === 'linux' && process.arch === 'x64'

function inFolder(work: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'tsld-go-programs-'))
  try {
    work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Compiles with gcc or g++ and gives tsld the arguments of the static link. */
function linkStatic(
  compiler: 'gcc' | 'g++',
  source: string,
  flags: readonly string[],
  folder: string,
  first: readonly string[] = ['--layout', 'go'],
): ElfFile {
  const file = compiler === 'gcc' ? 'main.c' : 'main.cc'
  writeFileSync(join(folder, file), source)
  const compiled = runTool(compiler, [...flags, '-c', file, '-o', 'main.o'], { cwd: folder })
  assert.is(compiled.status, 0, compiled.stderr)
  const shown = runTool(compiler, ['-###', '-static', ...flags, 'main.o', '-o', 'program'], { cwd: folder })
  const line = shown.stderr.split('\n').find(each => /collect2/.test(each)) ?? ''
  const words = [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(match => match[1] ?? match[2] ?? '')
  const run = runLinker([...first, ...withoutPlugin(words.slice(1))], folder)
  assert.is(run.status, 0, run.text)
  return readElf(new Uint8Array(readFileSync(join(folder, 'program'))))
}

/** Link-time optimisation is not what these tests are about. */
function withoutPlugin(words: readonly string[]): string[] {
  const kept: string[] = []
  for (let i = 0; i < words.length; i++) {
    if (words[i] === '-plugin') i++
    else if (!words[i]!.startsWith('-plugin-opt')) kept.push(words[i]!)
  }
  return kept
}

function output(folder: string): string {
  const run = spawnSync(join(folder, 'program'), [], { encoding: 'latin1', timeout: 20_000 })
  return `${run.stdout}${run.stderr}${run.signal ?? run.status}`
}

/** What every output of the layout has. */
function checkShape(file: ElfFile): void {
  const view = new DataView(file.bytes.buffer, file.bytes.byteOffset)
  assert.is(Number(view.getBigUint64(32, true)), 64, 'program headers behind the ELF header')
  assert.is(file.segments[0]?.type, 6, 'PT_PHDR comes first')
  const loads = file.segments.filter(segment => segment.type === 1)
  assert.equal(
    loads.map(segment => segment.flags),
    [5, 6],
  )
  assert.is(loads[0]?.offset, 64)
  assert.is(sectionNamed(file, '.text')?.address, 0x400c00n)
  assert.is(sectionNamed(file, '.text')?.offset, 0xc00)
  const names = file.sections.map(section => section.name)
  const fixed = '.text .rodata .typelink .gcdata .gcbss .gosymtab .gopclntab .noptrdata .data .bss .noptrbss'.split(' ')
  assert.equal(
    names.filter(name => fixed.includes(name)),
    fixed,
  )
  const data = loads[1]!
  assert.is(data.offset, Number(data.virtualAddress - 0x400000n), 'as far apart in the file as in memory')
  for (const name of ['.bss', '.noptrbss']) assert.is(sectionNamed(file, name)?.type, 8, `${name} takes no file bytes`)
}

const cSource = `
#include <stdio.h>
#include <string.h>
#include <stdlib.h>
static __thread int counter = 7;
static __thread int zero;
static int order[3], at;
__attribute__((constructor(200))) static void late(void) { order[at++] = 2; }
__attribute__((constructor(150))) static void early(void) { order[at++] = 1; }
static int twice_a(int x) { return x + x; }
static int (*pick(void))(int) { return twice_a; }
int twice(int) __attribute__((ifunc("pick")));
int common_block[64];
static char zeros[1 << 20];
extern char etext[], edata[], end[];
int main(void) {
  common_block[3] = 5;
  zeros[sizeof zeros - 1] = 1;
  char *copy = malloc(64);
  memset(copy, 'x', 8); copy[8] = 0;
  printf("%d %d %d%d %d %d %s %d\\n", counter, zero, order[0], order[1], twice(21), common_block[3], copy,
         etext < edata && edata <= end);
  return 0;
}
`

test('C program with constructors, TLS, IFUNC and common symbols', () => {
  const name = 'C with the Go layout'
  const obstacle = whyNoLinker()
  if (obstacle !== undefined) return skip(name, obstacle)
  if (!needs(name, 'gcc')) return
  inFolder(folder => {
    const file = linkStatic('gcc', cSource, ['-O1', '-g', '-fcommon', '-fno-pie', '-no-pie'], folder)
    checkShape(file)
    assert.ok(file.bytes.length < 1 << 24)
    if (canRun) assert.is(output(folder), '7 0 12 42 5 xxxxxxxx 1\n0')
  })
})

const cppSource = `
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>
struct Noisy { std::string name; Noisy(const char *n) : name(n) {} ~Noisy() { std::cout << "bye " << name << "\\n"; } };
static Noisy global("global");
thread_local int mine = 1;
static int risky(int x) { Noisy local("local"); if (x > 2) throw std::runtime_error("too much"); return x; }
int main() {
  std::map<std::string, int> words{{"a", 1}, {"b", 2}};
  try { risky(3); } catch (const std::exception &e) { std::cout << "caught " << e.what() << "\\n"; }
  int sum = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; i++) threads.emplace_back([i, &sum] { mine += i; __atomic_fetch_add(&sum, mine, __ATOMIC_SEQ_CST); });
  for (auto &t : threads) t.join();
  std::cout << sum << " " << words["b"] << std::endl;
}
`

test('C++ program with iostream, exceptions and threads', () => {
  const name = 'C++ with the Go layout'
  const obstacle = whyNoLinker()
  if (obstacle !== undefined) return skip(name, obstacle)
  if (!needs(name, 'g++')) return
  inFolder(folder => {
    const file = linkStatic('g++', cppSource, ['-O1', '-g', '-pthread', '-fno-pie', '-no-pie'], folder)
    checkShape(file)
    if (canRun) assert.is(output(folder), 'bye local\ncaught too much\n10 2\nbye global\n0')
  })
})

const goSource = `package main

import "os"

func main() {
	squares := make(chan int)
	for i := 0; i < 10; i++ {
		go func(i int) { squares <- i * i }(i)
	}
	sum := 0
	for i := 0; i < 10; i++ {
		sum += <-squares
	}
	defer func() { println("recovered:", recover().(string)); os.Stdout.WriteString("done\\n") }()
	println("sum", sum)
	panic("on purpose")
}
`

/** The entry that Go's external linking leaves to the C library: the kernel's stack becomes the arguments of main. */
const startSource = `
  .globl _start
_start:
  mov (%rsp), %rdi
  lea 8(%rsp), %rsi
  jmp main
  .section .note.GNU-stack, "", @progbits
`

/** Makes go.o without cgo. Go 1.24 and later refuse that to \`go build\`, so its linker is called as it calls it. */
function makeGoObject(folder: string): string | undefined {
  const keeper = join(folder, 'keep')
  // in place of the C compiler: keeps the object and leaves the linking to us
  writeFileSync(
    keeper,
    `#!/bin/sh\nfor word in "$@"; do case "$word" in *go.o) cp "$word" ${folder}/kept.o;; esac; done\nexit 0\n`,
  )
  chmodSync(keeper, 0o755)
  writeFileSync(join(folder, 'main.go'), goSource)
  // Go's own cache, where there is one: without it the standard library is compiled anew
  const cache = process.env['HOME'] === undefined ? { GOCACHE: join(folder, 'cache') } : {}
  const env = { ...process.env, ...cache, CGO_ENABLED: '0', GO111MODULE: 'off' }
  const go = [findTool('go')!, '/usr/lib/go-1.19/bin/go'].filter(path => existsSync(path))
  for (const command of go) {
    const made = spawnSync(command, ['build', '-work', '-o', 'unused', 'main.go'], {
      cwd: folder,
      env,
      encoding: 'latin1',
      timeout: 240_000,
    })
    const work = /^WORK=(.*)$/m.exec(made.stderr ?? '')?.[1]
    if (work === undefined) continue
    const config = join(work, 'b001', 'importcfg.link')
    const main = existsSync(config)
      ? /^packagefile command-line-arguments=(.*)$/m.exec(readFileSync(config, 'latin1'))?.[1]
      : undefined
    if (main !== undefined)
      spawnSync(
        command,
        ['tool', 'link', '-linkmode=external', '-importcfg', config, '-extld', keeper, '-o', 'unused', main],
        { cwd: folder, env, timeout: 120_000 },
      )
    rmSync(work, { recursive: true, force: true })
    if (existsSync(join(folder, 'kept.o'))) return join(folder, 'kept.o')
  }
  return undefined
}

test('Go program without a C library', () => {
  const name = 'Go with the Go layout'
  const obstacle = whyNoLinker()
  if (obstacle !== undefined) return skip(name, obstacle)
  if (!needs(name, 'go', 'gcc')) return
  inFolder(folder => {
    if (makeGoObject(folder) === undefined) return skip(name, 'this Go makes no object for an outside linker')
    writeFileSync(join(folder, 'start.s'), startSource)
    assert.is(runTool('gcc', ['-c', 'start.s', '-o', 'start.o'], { cwd: folder }).status, 0)
    const run = runLinker(['start.o', 'kept.o', '-o', 'program'], folder)
    assert.is(run.status, 0, run.text)
    const file = readElf(new Uint8Array(readFileSync(join(folder, 'program'))))
    checkShape(file)
    const tls = file.segments.find(segment => segment.type === 7)
    assert.is(tls?.memorySize, 8n, 'the TLS block is the one word of the runtime')
    assert.is(tls?.fileSize, 0)
    if (canRun) assert.is(output(folder), 'done\nsum 285\nrecovered: on purpose\n0')
  })
})

test.run()
