/**
 * Damaged inputs: whatever the bytes are, the linker ends with a diagnostic or an output, never with an exception, and leaves
 * no half-written file. TSLD_FUZZ=N runs N rounds, TSLD_FUZZ_SEED=S starts at another seed; a failure names its seed.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { skip } from '../support/skips.ts'
import { runLinker, whyNoLinker } from '../support/tsld.ts'
import { damagedCase, tryLink } from './damage.ts'

const rounds = Number(process.env['TSLD_FUZZ'] ?? 60)
const first = Number(process.env['TSLD_FUZZ_SEED'] ?? 1)

test('damaged objects, archives and scripts end in diagnostics', () => {
  const obstacle = whyNoLinker()
  if (obstacle !== undefined) return skip('damaged inputs', obstacle)
  const folder = mkdtempSync(join(tmpdir(), 'tsld-fuzz-'))
  try {
    const failures: string[] = []
    for (let seed = first; seed < first + rounds; seed++) {
      const { problem } = tryLink(damagedCase(seed, folder), folder, runLinker)
      if (problem !== undefined) failures.push(`TSLD_FUZZ_SEED=${seed} TSLD_FUZZ=1: ${problem}`)
    }
    assert.equal(failures, [])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test.run()
