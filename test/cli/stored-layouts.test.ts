import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { storedLayouts } from '../../layouts/compiled.generated.ts'
import { readStoredPlan, storePlan } from '../../layouts/stored-plan.ts'
import { compileStoredLayouts } from '../../src/cli/compile-layouts.ts'

const layouts = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'layouts')

test('the compiled layouts are those of the scripts', () => {
  const written = readFileSync(join(layouts, 'compiled.generated.ts'), 'utf8')
  assert.ok(written === compileStoredLayouts(layouts), 'layouts/compiled.generated.ts is out of date: npm run plans')
})

test('a stored plan comes back as it was', () => {
  for (const [key, text] of Object.entries(storedLayouts)) assert.is(storePlan(readStoredPlan(text)), text, key)
})

test.run()
