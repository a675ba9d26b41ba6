/** The tables and pictures in layouts/README.md are those of the scripts. */
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

test('layouts/README.md is up to date (npm run plans)', () => {
  const run = spawnSync(process.execPath, ['--import', 'tsx', join(root, 'scripts', 'layout-tables.ts'), '--check'], {
    cwd: root,
    encoding: 'utf8',
  })
  assert.is(run.status, 0, `${run.stdout}${run.stderr}`)
})

test.run()
