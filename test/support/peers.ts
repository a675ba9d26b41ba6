/**
 * Finds the tools that some tests put beside tsld: other linkers, readers, compilers. None of them is required.
 *
 * Looked for in $TSLD_PEERS (directories as in PATH, and their bin), in ~/.cache/tsld-peers/bin, then on PATH.
 */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { skip } from './skips.ts'

/** Names to try for each tool, best first; `check` refuses an unfit one. */
const candidates: Readonly<Record<string, readonly string[]>> = {
  gcc: ['gcc'],
  'g++': ['g++'],
  clang: ['clang', 'clang-19'],
  as: ['as', 'as-2.44'],
  ar: ['ar', 'llvm-ar'],
  'ld.bfd': ['ld.bfd-2.44', 'ld.bfd', 'ld'],
  'gnu-ld': ['ld.bfd-2.44', 'ld.bfd'],
  'ld.lld': ['ld.lld-19', 'ld.lld'],
  mold: ['mold-2.37', 'mold'],
  readelf: ['readelf-2.44', 'readelf'],
  objdump: ['objdump-2.44', 'objdump'],
  nm: ['nm-2.44', 'nm'],
  'llvm-readelf': ['llvm-readelf-19', 'llvm-readelf'],
  'eu-elflint': ['eu-elflint'],
  gdb: ['gdb'],
  go: ['go1.24', 'go'],
  'qemu-x86_64': ['qemu-x86_64-static', 'qemu-x86_64'],
  'qemu-aarch64': ['qemu-aarch64-static', 'qemu-aarch64'],
  'qemu-arm': ['qemu-arm-static', 'qemu-arm'],
  'qemu-i386': ['qemu-i386-static', 'qemu-i386'],
  'qemu-riscv64': ['qemu-riscv64-static', 'qemu-riscv64'],
  'i686-linux-gnu-gcc': ['i686-linux-gnu-gcc'],
  'i686-linux-gnu-g++': ['i686-linux-gnu-g++'],
  'arm-linux-gnueabihf-gcc': ['arm-linux-gnueabihf-gcc'],
  'arm-linux-gnueabihf-g++': ['arm-linux-gnueabihf-g++'],
  'aarch64-linux-gnu-gcc': ['aarch64-linux-gnu-gcc'],
  'aarch64-linux-gnu-g++': ['aarch64-linux-gnu-g++'],
  'riscv64-linux-gnu-gcc': ['riscv64-linux-gnu-gcc'],
  'riscv64-linux-gnu-g++': ['riscv64-linux-gnu-g++'],
  'riscv64-linux-gnu-ld': ['riscv64-linux-gnu-ld.bfd-2.44'],
  'aarch64-linux-gnu-ld': ['aarch64-linux-gnu-ld.bfd-2.44'],
}

export type Tool =
  | 'gcc'
  | 'g++'
  | 'clang'
  | 'as'
  | 'ar'
  | 'ld.bfd'
  | 'gnu-ld'
  | 'ld.lld'
  | 'mold'
  | 'readelf'
  | 'objdump'
  | 'nm'
  | 'llvm-readelf'
  | 'eu-elflint'
  | 'gdb'
  | 'go'
  | 'qemu-x86_64'
  | 'qemu-aarch64'
  | 'qemu-arm'
  | 'qemu-i386'
  | 'qemu-riscv64'
  | 'i686-linux-gnu-gcc'
  | 'i686-linux-gnu-g++'
  | 'arm-linux-gnueabihf-gcc'
  | 'arm-linux-gnueabihf-g++'
  | 'aarch64-linux-gnu-gcc'
  | 'aarch64-linux-gnu-g++'
  | 'riscv64-linux-gnu-gcc'
  | 'riscv64-linux-gnu-g++'
  | 'riscv64-linux-gnu-ld'
  | 'aarch64-linux-gnu-ld'

const found = new Map<Tool, string | undefined>()

/** Path of the tool, or undefined. `ld.bfd` is GNU ld 2.44 or newer, since older ones mean other things in places; `gnu-ld` is any. */
export function findTool(tool: Tool): string | undefined {
  if (!found.has(tool)) found.set(tool, look(tool))
  return found.get(tool)
}

/**
 * True when every tool is there; otherwise notes the skip (or fails, see skips.ts) and returns false.
 *
 * @example
 * test('runs under gdb', () => {
 *   if (!needs('runs under gdb', 'gcc', 'gdb')) return
 */
export function needs(what: string, ...tools: readonly Tool[]): boolean {
  for (const tool of tools)
    if (findTool(tool) === undefined) {
      skip(what, `no ${tool === 'ld.bfd' ? 'GNU ld 2.44' : tool}`, isOptional(tool))
      return false
    }
  return true
}

/** Tools that may be missing even where TSLD_REQUIRE_TOOLS=1: those of newer distributions. */
function isOptional(tool: Tool): boolean {
  return (process.env['TSLD_OPTIONAL_TOOLS'] ?? '').split(',').includes(tool)
}

/** Runs a tool found by `findTool`, with no input and a time limit in milliseconds. Output is text. */
export function runTool(
  tool: Tool,
  args: readonly string[],
  options: { cwd?: string; timeout?: number } = {},
): SpawnSyncReturns<string> {
  const path = findTool(tool)
  if (path === undefined) throw new Error(`${tool} is not installed; ask needs() first`)
  return spawnSync(path, args, {
    cwd: options.cwd,
    timeout: options.timeout ?? 30_000,
    encoding: 'latin1',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 26,
  })
}

function look(tool: Tool): string | undefined {
  const peers = process.env['TSLD_PEERS']?.split(delimiter) ?? []
  const folders = [
    ...peers.flatMap(folder => [join(folder, 'bin'), folder]),
    join(homedir(), '.cache', 'tsld-peers', 'bin'),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ]
  for (const name of candidates[tool])
    for (const folder of folders) {
      const path = join(folder, name)
      if (folder !== '' && isExecutable(path) && (tool !== 'ld.bfd' || isRecentGnuLinker(path))) return path
    }
  return undefined
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** The language changed up to 2.44 (^, ASCIZ, REVERSE, SUBALIGN), so an older GNU ld would raise false alarms. */
function isRecentGnuLinker(path: string): boolean {
  const answer = spawnSync(path, ['--version'], { encoding: 'latin1', timeout: 10_000 })
  const version = /GNU ld .*?(\d+)\.(\d+)/.exec(answer.stdout ?? '')
  return version !== null && Number(version[1]) * 1000 + Number(version[2]) >= 2044
}
