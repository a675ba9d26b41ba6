/** One generated case through GNU ld and through tsld: what each made of it, and where they differ. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { diffElf, type ElfDiffOptions } from '../support/elf-diff.ts'
import { type ElfFile, readElf } from '../support/elf-reader.ts'
import { findTool } from '../support/peers.ts'
import { runLinker } from '../support/tsld.ts'
import { argumentsOf, type Case, writeCase } from './case.ts'

export interface Side {
  /** broken: crashed, ran out of time, or wrote what is no ELF file */
  readonly verdict: 'accepted' | 'rejected' | 'broken'
  readonly text: string
  readonly file: ElfFile | undefined
}

export interface Comparison {
  readonly gnu: Side
  readonly tsld: Side
  /** sentences; empty when the two agree, or when GNU ld itself broke */
  readonly differences: readonly string[]
}

/** How section sizes are kept honest: a case that makes more than this is not comparable in a test. */
const outputLimit = 1 << 24

/** Links in `folder`, which is written anew. */
export function compareCase(link: Case, folder: string, options: ElfDiffOptions = {}): Comparison {
  rmSync(folder, { recursive: true, force: true })
  writeCase(link, folder)
  const gnu = runGnu(link, folder)
  const tsld = runTsld(link, folder)
  return { gnu, tsld, differences: gnu.verdict === 'broken' ? [] : differencesOf(tsld, gnu, options) }
}

/** GNU ld alone, for judging the generator. */
export function runGnu(link: Case, folder: string): Side {
  const linker = findTool('ld.bfd')
  if (linker === undefined) throw new Error('GNU ld is not installed; ask needs() first')
  const run = spawnSync(linker, argumentsOf(link, 'gnu.elf'), {
    cwd: folder,
    encoding: 'latin1',
    timeout: 10_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const text = (run.stdout ?? '') + (run.stderr ?? '')
  const status = run.status ?? 70
  const sane = status === 0 || (status === 1 && !/internal error|assertion fail/i.test(text))
  return sane ? sideOf(status, text, join(folder, 'gnu.elf')) : { verdict: 'broken', text, file: undefined }
}

function runTsld(link: Case, folder: string): Side {
  const run = runLinker(argumentsOf(link, 'tsld.elf'), folder)
  if (run.status > 1) return { verdict: 'broken', text: run.text, file: undefined }
  return sideOf(run.status, run.text, join(folder, 'tsld.elf'))
}

function sideOf(status: number, text: string, path: string): Side {
  if (status !== 0) return { verdict: 'rejected', text, file: undefined }
  if (!existsSync(path)) return { verdict: 'accepted', text, file: undefined }
  try {
    const bytes = new Uint8Array(readFileSync(path))
    if (bytes.length > outputLimit)
      return { verdict: 'broken', text: `the output has ${bytes.length} bytes`, file: undefined }
    return { verdict: 'accepted', text, file: readElf(bytes) }
  } catch (problem) {
    return { verdict: 'broken', text: `${text}\nthe output cannot be read: ${String(problem)}`, file: undefined }
  }
}

function differencesOf(tsld: Side, gnu: Side, options: ElfDiffOptions): string[] {
  if (tsld.verdict !== gnu.verdict) {
    const words = (tsld.verdict === 'accepted' ? gnu : tsld).text.trim().split('\n')
    return [`verdict: tsld ${tsld.verdict}, GNU ld ${gnu.verdict}: ${words.slice(0, 3).join(' / ')}`]
  }
  if (tsld.file === undefined || gnu.file === undefined)
    return tsld.file === gnu.file ? [] : ['output: only one of the two wrote a file']
  return diffElf(tsld.file, gnu.file, { segments: 'none', loadAddresses: true, ...options })
}
