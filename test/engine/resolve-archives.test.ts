import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { CommandInput } from '../../src/engine/records/request.ts'
import { type ArchiveOptions, archive } from '../support/archive-builder.ts'
import { files, input, load, problems, symbol } from '../support/load.ts'
import { ObjectBuilder } from '../support/object-builder.ts'

function object(defines: readonly string[], needs: readonly string[] = []): Uint8Array {
  const builder = new ObjectBuilder()
  const text = builder.section('.text', { flags: 'ax', bytes: new Uint8Array(64) })
  for (const [i, name] of defines.entries()) text.label(name, i * 4)
  for (const name of needs) builder.undefined(name)
  return builder.build()
}

function member(name: string, defines: readonly string[], needs: readonly string[] = []) {
  return { name, bytes: object(defines, needs), symbols: defines }
}

const main = object(['_start'], ['a'])

test('members are pulled for undefined names, again and again, in the order of the index', () => {
  const library = archive([
    member('unused.o', ['x']),
    member('c.o', ['c']),
    member('b.o', ['b'], ['c']),
    member('a.o', ['a'], ['b']),
  ])
  const loaded = load({ 'main.o': main, 'lib.a': library })
  assert.equal(files(loaded), ['main.o', 'lib.a(a.o)', 'lib.a(b.o)', 'lib.a(c.o)'])
  assert.equal(
    loaded.program!.pulls.map(pull => loaded.program!.symbols.name(pull.symbol)),
    ['a', 'b', 'c'],
  )
})

test('an archive in front of the reference gives nothing', () => {
  const loaded = load({ 'lib.a': archive([member('a.o', ['a'])]), 'main.o': main })
  assert.equal(files(loaded), ['main.o'])
  assert.is(symbol(loaded, 'a'), 'Undefined')
})

test('a group is searched until nothing new comes', () => {
  const content = {
    'main.o': main,
    'one.a': archive([member('b.o', ['b'], ['c']), member('d.o', ['d'])]),
    'two.a': archive([member('a.o', ['a'], ['b']), member('c.o', ['c'], ['d'])]),
  }
  assert.equal(files(load(content)), ['main.o', 'two.a(a.o)'])
  const inputs: CommandInput[] = [input('main.o'), { kind: 'group', members: [input('one.a'), input('two.a')] }]
  const grouped = files(load(content, {}, inputs))
  assert.equal(grouped, ['main.o', 'two.a(a.o)', 'one.a(b.o)', 'two.a(c.o)', 'one.a(d.o)'])
})

test('--whole-archive takes every object and passes over the rest', () => {
  const library = archive([
    member('a.o', ['a']),
    { name: 'lib.rmeta', bytes: new Uint8Array([1, 2, 3]) },
    member('b.o', ['b']),
  ])
  const inputs = [input('lib.a', { wholeArchive: true })]
  assert.equal(files(load({ 'lib.a': library }, {}, inputs)), ['lib.a(a.o)', 'lib.a(b.o)'])
})

const dialects: Record<string, ArchiveOptions> = {
  'GNU names, 64-bit index': { index: 'gnu64' },
  'BSD names and index': { names: 'bsd' },
  'no index: the members are read': { index: 'none' },
}
for (const [title, options] of Object.entries(dialects)) {
  test(`${title}, long member names`, () => {
    const library = archive([member('a-member-with-a-long-name.o', ['a'], ['b']), member('b.o', ['b'])], options)
    assert.equal(files(load({ 'main.o': main, 'lib.a': library })), [
      'main.o',
      'lib.a(a-member-with-a-long-name.o)',
      'lib.a(b.o)',
    ])
  })
}

test('a thin archive names files beside it', () => {
  const a = member('sub/a.o', ['a'])
  const library = archive([a], { thin: true })
  const loaded = load({ 'main.o': main, 'dir/lib.a': library, 'dir/sub/a.o': a.bytes }, {}, [
    input('main.o'),
    input('dir/lib.a'),
  ])
  assert.equal(files(loaded), ['main.o', 'dir/lib.a(dir/sub/a.o)'])
  assert.match(problems(load({ 'main.o': main, 'dir/lib.a': library }))[0]!, /^I2021 cannot open dir\/sub\/a.o/)
})

test('a common symbol pulls a member only when that defines it', () => {
  const tentative = (): ObjectBuilder => {
    const builder = new ObjectBuilder()
    builder.section('.text', { flags: 'ax', bytes: [0xc3] })
    builder.common('v', 4, 4)
    return builder
  }
  const again = archive([{ name: 'c.o', bytes: tentative().build(), symbols: ['v'] }])
  assert.equal(files(load({ 'main.o': tentative().build(), 'lib.a': again })), ['main.o'])
  const defines = archive([member('d.o', ['v'])])
  assert.equal(files(load({ 'main.o': tentative().build(), 'lib.a': defines })), ['main.o', 'lib.a(d.o)'])
})

test('-l looks for libNAME.a in the search folders, -l:FILE for that name', () => {
  const library = archive([member('a.o', ['a'])])
  const options = { searchPaths: ['one', 'two'] }
  const content = { 'main.o': main, 'two/libm.a': library, 'two/odd.name': library }
  assert.is(files(load(content, options, [input('main.o'), input('-lm')]))[1], 'two/libm.a(a.o)')
  assert.is(files(load(content, options, [input('main.o'), input('-l:odd.name')]))[1], 'two/odd.name(a.o)')
  assert.match(problems(load(content, options, [input('-lnone')]))[0]!, /^I2003 cannot find -lnone/)
})

test('damaged archives: one clear error each', () => {
  const library = archive([member('a.o', ['a'])])
  const cut = (length: number): string[] => problems(load({ 'main.o': main, 'lib.a': library.slice(0, length) }))
  assert.match(cut(library.length - 10)[0]!, /^I2020 damaged archive at offset \d+: .*truncated/)
  assert.match(cut(30)[0]!, /^I2020 damaged archive at offset 8: member header of 60 bytes expected/)
  for (let length = 8; length < library.length; length += 7) assert.ok(cut(length).length <= 1)
})

test.run()
