/**
 * Links every feature folder and checks what came of it.
 *
 *   node --import tsx test/features/run.test.ts                          all, with tsld
 *   TSLD_FEATURE=overlay node --import tsx test/features/run.test.ts     those whose name matches
 *   TSLD_CMD=ld.bfd-2.44 node --import tsx test/features/run.test.ts     are the expectations GNU ld's?
 */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ElfError, type ElfFile, readElf } from '../support/elf-reader.ts'
import { skip } from '../support/skips.ts'
import { replacement, runLinker, whyNoLinker } from '../support/tsld.ts'
import { checkExpectation, expectsFailure, type Outcome } from './expectations.ts'
import { type Feature, findFeatures } from './feature.ts'

const filter = new RegExp(process.env['TSLD_FEATURE'] ?? '.')

for (const feature of findFeatures(dirname(fileURLToPath(import.meta.url))))
  if (filter.test(feature.name))
    test(`feature ${feature.name}`, () => {
      const obstacle = whyNoLinker()
      if (obstacle !== undefined) return skip(`feature ${feature.name}`, obstacle)
      assert.equal(problemsOf(feature), [])
    })

function problemsOf(feature: Feature): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'tsld-feature-'))
  try {
    cpSync(feature.folder, folder, { recursive: true })
    const output = join(folder, 'out.elf')
    let status = 0
    let text = ''
    for (const words of feature.links) {
      const run = runLinker(
        words.map(word => word.replaceAll('@OUT@', 'out.elf')),
        folder,
      )
      text += run.text
      status = run.status
      if (status !== 0) break
    }
    if (status > 2 || /^\s+at .*\.ts:\d+/m.test(text)) return [`the linker crashed with status ${status}: ${text}`]
    if (status !== 0 && !expectsFailure(feature.expectations)) return [`the link failed: ${text.trim()}`]
    const outcome = outcomeOf(output, status, text, feature.name)
    return feature.expectations.flatMap(expectation => checkExpectation(expectation, outcome) ?? [])
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function outcomeOf(output: string, status: number, text: string, name: string): Outcome {
  const bytes = existsSync(output) ? new Uint8Array(readFileSync(output)) : undefined
  const file = bytes === undefined ? undefined : elfOf(bytes)
  const runnable = process.platform === 'linux' && process.arch === 'x64' && file?.machine === 62
  let result: { status: number | null; stdout: string } | undefined
  const run = (): { status: number | null; stdout: string } =>
    (result ??= spawnSync(output, [], { encoding: 'latin1', timeout: 10_000, stdio: ['ignore', 'pipe', 'pipe'] }))
  if (!runnable && file?.machine === 62) skip(`running feature ${name}`, 'not Linux on x86-64')
  return { status, text, bytes, file, run: runnable ? run : undefined, foreign: replacement !== undefined }
}

function elfOf(bytes: Uint8Array): ElfFile | undefined {
  try {
    return readElf(bytes)
  } catch (problem) {
    if (problem instanceof ElfError) return undefined
    throw problem
  }
}

test.run()
