/**
 * Links every feature folder as large links are done: compiled kernels, shared memory, other threads; and with kernels that
 * check every index and sum. TSLD_FEATURE chooses, as for run.test.ts.
 */
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { checkedLinker, ThreadedLinker } from '../support/other-forms.ts'
import { replacement } from '../support/tsld.ts'
import { problemsOf } from './check-feature.ts'
import { findFeatures } from './feature.ts'

const filter = new RegExp(process.env['TSLD_FEATURE'] ?? '.')
const features = findFeatures(dirname(fileURLToPath(import.meta.url))).filter(feature => filter.test(feature.name))

if (replacement === undefined) {
  const threaded = await ThreadedLinker.make()
  const checked = await checkedLinker()
  for (const feature of features) {
    test(`feature ${feature.name} with compiled kernels on several threads`, async () => {
      const link = (args: readonly string[], folder: string) => threaded.link(args, folder, 'others-first')
      assert.equal(problemsOf(feature, link, false), [])
      await threaded.rest()
    })
    test(`feature ${feature.name} with kernels that check`, () => {
      assert.equal(problemsOf(feature, checked, false), [])
    })
  }
} else test('nothing: another linker is tested', () => undefined)

test.run()
