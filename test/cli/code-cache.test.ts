import { chownSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { bundleTexts } from '../../src/cli/bundle-texts.ts'
import { keepCode, openScript, setRunKind } from '../../src/cli/code-cache.ts'
import { skip } from '../support/skips.ts'

const folder = mkdtempSync(join(tmpdir(), 'tsld-cache-'))
const before = process.env['TSLD_CACHE']

test.after(() => {
  rmSync(folder, { recursive: true, force: true })
  if (before === undefined) delete process.env['TSLD_CACHE']
  else process.env['TSLD_CACHE'] = before
})

test('a script gives the same value without code, with code of a former run, and with damaged code', () => {
  process.env['TSLD_CACHE'] = join(folder, 'code')
  const text = '(function f(x) { return x * 2 })'
  const twice = (): number => (openScript('key', () => text) as (x: number) => number)(21)
  assert.is(twice(), 42)
  keepCode()
  const [file, ...more] = readdirSync(join(folder, 'code'))
  assert.is(more.length, 0)
  assert.is(twice(), 42)
  writeFileSync(join(folder, 'code', file!), 'damaged')
  assert.is(twice(), 42)
})

test('the code of small runs and of those with compiled kernels is kept apart', () => {
  process.env['TSLD_CACHE'] = join(folder, 'kinds')
  const text = '({ a: function () { return [1, 2, 3, 4].map(x => x * 2) } })'
  const run = (): void => {
    const value = openScript('two', () => text) as { readonly a: () => unknown }
    value.a()
    keepCode()
  }
  run()
  setRunKind('compiled')
  run()
  setRunKind('small')
  assert.is(readdirSync(join(folder, 'kinds')).length, 2)
})

test('what another user has put there is not run', () => {
  if (process.getuid?.() !== 0) return skip('code that another user keeps', 'only root can give a file away')
  process.env['TSLD_CACHE'] = join(folder, 'owner')
  assert.is(
    openScript('mine', () => '6 * 7'),
    42,
  )
  keepCode()
  const path = join(folder, 'owner', readdirSync(join(folder, 'owner'))[0]!)
  assert.is(
    openScript('mine', () => 'not asked for'),
    42,
  )
  chownSync(path, 12345, 12345)
  assert.is(
    openScript('mine', () => '6 * 8'),
    48,
  )
})

test('code of a few versions is kept, that of older ones goes', () => {
  process.env['TSLD_CACHE'] = join(folder, 'versions')
  for (let version = 0; version < 16; version++) {
    openScript(`script-${version.toString(16).padStart(16, '0')}`, () => `1 + ${version}`)
    openScript(`other-${'0'.repeat(16)}`, () => '2')
    keepCode()
  }
  const names = readdirSync(join(folder, 'versions'))
  assert.is(names.filter(name => name.startsWith('script-')).length, 12)
  assert.is(names.filter(name => name.startsWith('other-')).length, 1)
})

test('nothing is kept when the folder is empty or cannot be made', () => {
  process.env['TSLD_CACHE'] = ''
  assert.is(
    openScript('a', () => '1 + 1'),
    2,
  )
  writeFileSync(join(folder, 'file'), '')
  process.env['TSLD_CACHE'] = join(folder, 'file', 'below')
  assert.is(
    openScript('b', () => '1 + 2'),
    3,
  )
  keepCode()
})

test('texts behind the launcher are found from the end of the file', () => {
  const values = { first: 'one "line"\n', second: '', third: 'x'.repeat(1000) }
  const lines = Object.entries(values).map(([name, text]) => ({
    name,
    line: deflateRawSync(text).toString('base64'),
  }))
  const path = join(folder, 'bundle.mjs')
  writeFileSync(path, `launcher()\n${lines.map(({ line }) => `//${line}\n`).join('')}`)
  const sizes = lines.map(({ name, line }) => ({ name, length: line.length }))
  const texts = bundleTexts(() => pathToFileURL(path), sizes, inflateRawSync)
  assert.equal({ ...texts }, values)
})

test.run()
