/** Links one feature folder in a copy of it and says what is not as expected. */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ElfError, type ElfFile, readElf } from '../support/elf-reader.ts'
import { skip } from '../support/skips.ts'
import type { LinkRun } from '../support/tsld.ts'
import { checkExpectation, expectsFailure, type Outcome } from './expectations.ts'
import type { Feature } from './feature.ts'

/** A linker: its arguments and the folder it runs in. */
export type Linker = (args: readonly string[], folder: string) => LinkRun

/** Sentences; empty when all is as expected. `foreign`: the linker is not tsld, so its wording is not looked at. */
export function problemsOf(feature: Feature, linker: Linker, foreign: boolean): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'tsld-feature-'))
  try {
    cpSync(feature.folder, folder, { recursive: true })
    const output = join(folder, 'out.elf')
    let status = 0
    let text = ''
    for (const words of feature.links) {
      const run = linker(
        words.map(word => word.replaceAll('@OUT@', 'out.elf')),
        folder,
      )
      text += run.text
      status = run.status
      if (status !== 0) break
    }
    if (status > 2 || /^\s+at .*\.ts:\d+/m.test(text)) return [`the linker crashed with status ${status}: ${text}`]
    if (status !== 0 && !expectsFailure(feature.expectations)) return [`the link failed: ${text.trim()}`]
    const outcome = outcomeOf(output, { status, text }, feature.name, foreign)
    return feature.expectations.flatMap(expectation => checkExpectation(expectation, outcome) ?? [])
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function outcomeOf(output: string, link: LinkRun, name: string, foreign: boolean): Outcome {
  const bytes = existsSync(output) ? new Uint8Array(readFileSync(output)) : undefined
  const file = bytes === undefined ? undefined : elfOf(bytes)
  const runnable = process.platform === 'linux' && process.arch === 'x64' && file?.machine === 62
  let result: { status: number | null; stdout: string } | undefined
  const run = (): { status: number | null; stdout: string } =>
    (result ??= spawnSync(output, [], { encoding: 'latin1', timeout: 10_000, stdio: ['ignore', 'pipe', 'pipe'] }))
  if (!runnable && file?.machine === 62) skip(`running feature ${name}`, 'not Linux on x86-64')
  return { ...link, bytes, file, run: runnable ? run : undefined, foreign }
}

function elfOf(bytes: Uint8Array): ElfFile | undefined {
  try {
    return readElf(bytes)
  } catch (problem) {
    if (problem instanceof ElfError) return undefined
    throw problem
  }
}
