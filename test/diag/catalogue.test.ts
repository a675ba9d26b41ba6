import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { allEntries, entryByCode } from '../../src/diag/catalogue/index.ts'

test('explain knows the rows of every catalogue file', async () => {
  const folder = join(dirname(fileURLToPath(import.meta.url)), '../../src/diag/catalogue')
  const known = new Set(allEntries().flatMap(topic => topic.entries.map(each => each.code)))
  for (const name of readdirSync(folder)) {
    if (name === 'entry.ts' || name === 'index.ts') continue
    const rows = Object.values((await import(join(folder, name))) as Record<string, unknown>)
    for (const row of rows)
      if (typeof row === 'function' && 'code' in row)
        assert.ok(known.has(row.code as string), `${name} is not in index.ts`)
  }
})

test('codes are found in either case', () => {
  assert.is(entryByCode('u7001')?.code, 'U7001')
  assert.is(entryByCode('Q0000'), undefined)
})

test.run()
