import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { bundleTexts } from '../../src/cli/bundle-texts.ts'
import { keepCode, LinkSize, openScript } from '../../src/cli/code-cache.ts'

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
  keepCode(LinkSize.Small)
  const [file, ...more] = readdirSync(join(folder, 'code'))
  assert.is(more.length, 0)
  assert.is(twice(), 42)
  writeFileSync(join(folder, 'code', file!), 'damaged')
  assert.is(twice(), 42)
})

test('a small run adds its code to that of a large one, once', () => {
  process.env['TSLD_CACHE'] = join(folder, 'sizes')
  const size = (): number => statSync(join(folder, 'sizes', readdirSync(join(folder, 'sizes'))[0]!)).size
  const text =
    '({ a: function () { return [1, 2, 3, 4].map(x => x * 2) }, b: function () { return "a long string of b" } })'
  type Two = { readonly a: () => unknown; readonly b: () => unknown }
  const run = (which: 'a' | 'b', kind: number): number => {
    const value = openScript('two', () => text) as Two
    value[which]()
    keepCode(kind)
    return size()
  }
  const first = run('a', LinkSize.Large)
  const both = run('b', LinkSize.Small)
  assert.ok(both > first)
  assert.is(run('a', LinkSize.Large), both)
  assert.is(run('a', LinkSize.Small), both)
})

test('code of a few versions is kept, that of older ones goes', () => {
  process.env['TSLD_CACHE'] = join(folder, 'versions')
  for (let version = 0; version < 12; version++) {
    openScript(`script-${version.toString(16).padStart(16, '0')}`, () => `1 + ${version}`)
    openScript(`other-${'0'.repeat(16)}`, () => '2')
    keepCode(LinkSize.Small)
  }
  const names = readdirSync(join(folder, 'versions'))
  assert.is(names.filter(name => name.startsWith('script-')).length, 8)
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
  keepCode(LinkSize.Small)
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
