/**
 * What users do: a compiler that calls tsld as its linker. The folder for `gcc -B` comes from `tsld setup-driver`, run from
 * a bundle of the present sources; the same objects are linked by GNU ld for comparison.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { type ElfFile, readElf } from '../support/elf-reader.ts'
import { findTool, runTool, type Tool } from '../support/peers.ts'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '..', '..')

/** Programs run here. */
export const canRun = process.platform === 'linux' && process.arch === 'x64'

/** A program with what it must print and give back. */
export interface Program {
  readonly compiler: 'gcc' | 'g++'
  readonly source: string
  /** for the compiler when it compiles and when it links */
  readonly flags: readonly string[]
  readonly output: string
  readonly status: number
}

export const programs = {
  startUp: {
    compiler: 'gcc',
    source: 'start-up.c',
    flags: ['-pthread'],
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
  wrapped: {
    compiler: 'gcc',
    source: 'wrapped.c',
    flags: ['-Wl,--wrap=malloc', '-Wl,--defsym=answer=42'],
    output: 'rows 321 wrapped 1 answer 42\n',
    status: 0,
  },
  language: {
    compiler: 'g++',
    source: 'language.cc',
    flags: ['-pthread'],
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
} as const satisfies Record<string, Program>

/** Path of a file in sources/. */
export function sourceFile(name: string): string {
  return join(here, 'sources', name)
}

let scratch: string | undefined

/** A folder that lives as long as this process. */
export function workFolder(): string {
  if (scratch === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'tsld-programs-'))
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
    scratch = folder
  }
  return scratch
}

/** The folder for `-B`, made by the command itself. */
export function driverFolder(): string {
  const folder = join(workFolder(), 'driver')
  if (existsSync(folder)) return folder
  const bundle = join(workFolder(), 'tsld.mjs')
  checked(process.execPath, ['--import', 'tsx', 'scripts/bundle.ts', '--command', bundle], root)
  checked(process.execPath, [bundle, 'setup-driver', folder], root)
  return folder
}

/** The folder for `-B` whose `ld` is GNU ld. */
export function gnuDriverFolder(): string {
  const folder = join(workFolder(), 'gnu-driver')
  if (existsSync(folder)) return folder
  checked('mkdir', [folder], root)
  symlinkSync(findTool('gnu-ld') ?? '', join(folder, 'ld'))
  return folder
}

/** The script that GNU ld has built in, as a user saves it. */
export function gnuScript(): string {
  const path = join(workFolder(), 'gnu.ld')
  if (existsSync(path)) return path
  const linker = findTool('gnu-ld') ?? 'ld'
  const text = checked(linker, ['--verbose'], workFolder()).stdout
  writeFileSync(path, text.split(/^=+$/m)[1] ?? '')
  return path
}

/** The three layouts a program is linked with: the driver's default, Go's, and GNU ld's script. */
export function layouts(): Readonly<Record<'gnu' | 'go' | 'script', readonly string[]>> {
  return { gnu: [], go: ['-Wl,--layout,go'], script: ['-T', gnuScript()] }
}

const objects = new Map<string, string>()

/** Path of the object; each combination is compiled once. */
export function compiled(program: Program, flags: readonly string[] = []): string {
  const key = [program.source, ...flags].join(' ')
  const known = objects.get(key)
  if (known !== undefined) return known
  const object = join(workFolder(), `${objects.size}.o`)
  const compileFlags = program.flags.filter(flag => !flag.startsWith('-Wl,'))
  checked(findTool(program.compiler) ?? program.compiler, [
    ...[...compileFlags, ...flags, '-c', sourceFile(program.source)],
    ...['-o', object],
  ])
  objects.set(key, object)
  return object
}

let linked = 0

/** Links by the compiler and returns the path of the program; fails when the linker prints anything. */
export function linkedBy(folder: string, program: Program, words: readonly string[], flags: readonly string[]): string {
  const output = join(workFolder(), `program-${linked++}`)
  const all = ['-B', folder, '-static', ...program.flags, compiled(program, flags), ...words, '-o', output]
  const run = checked(findTool(program.compiler) ?? program.compiler, all)
  assert.is(run.stderr, '', `the link with ${[...flags, ...words].join(' ')} says nothing`)
  return output
}

/** Links with tsld, runs the program and compares what it does. Returns the file. */
export function linkAndRun(program: Program, words: readonly string[] = [], flags: readonly string[] = []): ElfFile {
  const path = linkedBy(driverFolder(), program, words, flags)
  if (canRun) runs(path, program, [...flags, ...words].join(' '))
  const bytes = new Uint8Array(readFileSync(path))
  rmSync(path)
  return readElf(bytes)
}

/** The program at `path` prints what it must and ends as it must. */
export function runs(path: string, program: { readonly output: string; readonly status: number }, how: string): void {
  const run = spawnSync(path, [], { encoding: 'latin1', timeout: 30_000 })
  const shown = `${run.stdout}${run.stderr}exit ${run.signal ?? run.status}`
  assert.is(shown, `${program.output}exit ${program.status}`, `linked with: ${how}`)
}

/** Runs a command that must succeed. */
export function checked(
  command: string,
  words: readonly string[],
  folder = workFolder(),
): { stdout: string; stderr: string } {
  const run = spawnSync(command, words, { cwd: folder, encoding: 'latin1', timeout: 120_000, maxBuffer: 1 << 26 })
  assert.is(run.status, 0, `${command} ${words.join(' ')}\n${run.error ?? ''}${run.stdout}${run.stderr}`)
  return run
}

/** Whether the compiler can link statically at all: distributions may leave out libc.a. */
export function linksStatically(compiler: Tool): boolean {
  const source = join(workFolder(), 'empty.c')
  writeFileSync(source, 'int main(void) { return 0; }\n')
  return runTool(compiler, ['-static', '-x', 'c', source, '-o', join(workFolder(), 'empty')]).status === 0
}
