/**
 * Links every feature folder and checks what came of it.
 *
 *   node --import tsx test/features/run.test.ts                          all, with tsld
 *   TSLD_FEATURE=overlay node --import tsx test/features/run.test.ts     those whose name matches
 *   TSLD_CMD=ld.bfd-2.44 node --import tsx test/features/run.test.ts     are the expectations GNU ld's?
 */
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { needs, runTool } from '../support/peers.ts'
import { skip } from '../support/skips.ts'
import { type LinkRun, replacement, runLinker, whyNoLinker } from '../support/tsld.ts'
import { problemsOf } from './check-feature.ts'
import { findFeatures } from './feature.ts'

const filter = new RegExp(process.env['TSLD_FEATURE'] ?? '.')

// What only tsld can do (its extensions) stands in folders whose name starts with `tsld-`; GNU ld is not asked about them.
const all = findFeatures(dirname(fileURLToPath(import.meta.url))).filter(feature => filter.test(feature.name))
const features = all.filter(feature => !feature.name.startsWith('tsld-'))

for (const feature of all)
  test(`feature ${feature.name}`, () => {
    const obstacle = whyNoLinker()
    if (obstacle !== undefined) return skip(`feature ${feature.name}`, obstacle)
    assert.equal(problemsOf(feature, runLinker, replacement !== undefined), [])
  })

test('the expectations are what GNU ld does', () => {
  if (!needs('feature expectations under GNU ld', 'ld.bfd')) return
  const gnu = (args: readonly string[], folder: string): LinkRun => {
    const run = runTool('ld.bfd', args, { cwd: folder })
    return { status: run.status ?? 70, text: run.stdout + run.stderr }
  }
  const problems = features.flatMap(feature =>
    problemsOf(feature, gnu, true).map(problem => `${feature.name}/${problem}`),
  )
  assert.equal(problems, [])
})

test.run()
