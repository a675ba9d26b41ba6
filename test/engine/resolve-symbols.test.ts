import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { STV_HIDDEN } from '../../src/elf/constants.ts'
import { SymbolFlag } from '../../src/engine/records/tables.ts'
import { files, load, problems, symbol } from '../support/load.ts'
import { ObjectBuilder, type SymbolOptions } from '../support/object-builder.ts'

/** An object whose .text holds `names` four bytes apart. */
function defining(names: readonly string[], options: SymbolOptions = {}): Uint8Array {
  const object = new ObjectBuilder()
  const text = object.section('.text', { flags: 'ax', bytes: new Uint8Array(64) })
  for (const [i, name] of names.entries()) text.label(name, i * 4, options)
  return object.build()
}

function referring(names: readonly string[], options: SymbolOptions = {}): Uint8Array {
  const object = new ObjectBuilder()
  object.section('.text', { flags: 'ax', bytes: new Uint8Array(64) })
  for (const name of names) object.undefined(name, options)
  return object.build()
}

function common(name: string, align: number, size: number): Uint8Array {
  const object = new ObjectBuilder()
  object.section('.text', { flags: 'ax', bytes: [0] })
  object.common(name, size, align)
  return object.build()
}

test('a strong definition beats a weak one, in both orders; the first of two weak ones stays', () => {
  const strong = defining(['pad', 'f'])
  const weak = defining(['f'], { binding: 'weak' })
  assert.is(symbol(load({ 'a.o': strong, 'b.o': weak }), 'f'), 'Defined a.o .text+4')
  assert.is(symbol(load({ 'a.o': weak, 'b.o': strong }), 'f'), 'Defined b.o .text+4')
  assert.is(symbol(load({ 'a.o': weak, 'b.o': weak }), 'f'), 'Defined a.o .text+0')
})

test('two strong definitions are reported with both places', () => {
  const loaded = load({ 'a.o': defining(['f']), 'b.o': defining(['g', 'f']) })
  assert.equal(problems(loaded), ["Y3003 multiple definition of `f'"])
  const [problem] = loaded.diagnostics
  assert.equal(problem!.at, { kind: 'object', file: 'b.o', member: undefined, section: '.text', offset: 4 })
  assert.equal(problem!.notes[0]!.at, { kind: 'object', file: 'a.o', member: undefined, section: '.text', offset: 0 })
  assert.equal(
    problems(load({ 'a.o': defining(['f']), 'b.o': defining(['f']) }, { allowMultipleDefinition: true })),
    [],
  )
})

test('references: weak stays weak until a strong one comes', () => {
  const weak = referring(['f'], { binding: 'weak' })
  assert.is(symbol(load({ 'a.o': weak }), 'f'), 'UndefinedWeak')
  assert.is(symbol(load({ 'a.o': weak, 'b.o': referring(['f']) }), 'f'), 'Undefined')
})

test('visibility: the most constraining of all files counts', () => {
  const loaded = load({
    'a.o': referring(['f'], { visibility: 'hidden' }),
    'b.o': defining(['f']),
    'c.o': referring(['f'], { visibility: 'protected' }),
  })
  const id = loaded.program!.symbols.names.findText('f')
  assert.is(loaded.program!.symbols.other[id]! & 3, STV_HIDDEN)
})

test('common symbols: the larger size and the larger alignment win, a definition beats them, weak ones do not', () => {
  const loaded = load({ 'a.o': common('c', 16, 8), 'b.o': common('c', 4, 32) })
  assert.is(symbol(loaded, 'c'), 'Defined b.o COMMON+0')
  const { symbols, sections } = loaded.program!
  const id = symbols.names.findText('c')
  assert.is(symbols.size[id], 32)
  assert.is(sections.align[symbols.section[id]!], 16)
  assert.is(sections.size[symbols.section[id]!], 32)
  assert.is(symbol(load({ 'a.o': common('c', 4, 4), 'b.o': defining(['c']) }), 'c'), 'Defined b.o .text+0')
  assert.is(symbol(load({ 'a.o': defining(['c']), 'b.o': common('c', 4, 4) }), 'c'), 'Defined a.o .text+0')
  const weak = defining(['c'], { binding: 'weak' })
  assert.is(symbol(load({ 'a.o': weak, 'b.o': common('c', 4, 4) }), 'c'), 'Defined b.o COMMON+0')
})

test('-r keeps common symbols common, -d allocates them', () => {
  assert.is(symbol(load({ 'a.o': common('c', 4, 4) }, { kind: 'relocatable' }), 'c'), 'Common')
  const allocated = load({ 'a.o': common('c', 4, 4) }, { kind: 'relocatable', defineCommon: true })
  assert.is(symbol(allocated, 'c'), 'Defined a.o COMMON+0')
})

test('TLS and ordinary symbols of one name are an error', () => {
  const tls = new ObjectBuilder()
  tls.section('.tdata', { flags: 'awT', bytes: [1, 2, 3, 4] }).label('x', 0, { type: 'tls' })
  const loaded = load({ 'a.o': tls.build(), 'b.o': referring(['x']) })
  assert.equal(problems(loaded), ['Y3004 x: non-TLS reference mismatches TLS definition'])
})

test('COMDAT: the first group of a signature stays; symbols of a losing group become references', () => {
  const copy = (extra: string): Uint8Array => {
    const object = new ObjectBuilder()
    const text = object.section('.text.f', { flags: 'axG', bytes: [0xc3] }).label('f', 0, { binding: 'weak' })
    const signature = object.symbols.find(each => each.name === 'f')!
    object.group(signature, [text])
    object.section('.data', { flags: 'aw', bytes: [1] }).label(extra)
    return object.build()
  }
  const loaded = load({ 'a.o': copy('one'), 'b.o': copy('two') })
  assert.is(symbol(loaded, 'f'), 'Defined a.o .text.f+0')
  const { groups } = loaded.program!
  assert.equal([...groups.kept.subarray(0, groups.count)], [1, 0])
})

test('--wrap: references to f mean __wrap_f, references to __real_f mean f', () => {
  const loaded = load(
    { 'a.o': referring(['f']), 'b.o': referring(['__real_f']), 'c.o': defining(['f']) },
    { wrap: ['f'] },
  )
  assert.is(symbol(loaded, '__wrap_f'), 'Undefined')
  assert.is(symbol(loaded, 'f'), 'Defined c.o .text+0')
  assert.is(symbol(loaded, '__real_f'), 'Unknown')
})

test('f@@V defines f and f@V too', () => {
  const loaded = load({ 'a.o': defining(['f@@V2']), 'b.o': referring(['f', 'f@V2', 'f@V1']) })
  assert.is(symbol(loaded, 'f'), 'Defined a.o .text+0')
  assert.is(symbol(loaded, 'f@V2'), 'Defined a.o .text+0')
  assert.is(symbol(loaded, 'f@V1'), 'Undefined')
  const { symbols } = loaded.program!
  assert.ok((symbols.flags[symbols.names.findText('f')]! & SymbolFlag.VersionAlias) !== 0)
})

test('-u makes a root that is written even when nothing defines it; --require-defined insists', () => {
  assert.is(symbol(load({ 'a.o': defining(['f']) }, { undefinedSymbols: ['g'] }), 'g'), 'Undefined')
  assert.equal(problems(load({ 'a.o': defining(['f']) }, { requireDefined: ['g'] })), [
    "Y3005 required symbol `g' not defined",
  ])
})

test('__start_ and __stop_ of a section whose name is a C identifier', () => {
  const object = new ObjectBuilder()
  object.section('parts', { flags: 'a', bytes: [1] })
  for (const name of ['__start_parts', '__stop_parts', '__start_other', '__ehdr_start']) object.undefined(name)
  const loaded = load({ 'a.o': object.build() })
  assert.equal(
    loaded.program!.linkerSymbols.map(each => `${each.kind} ${each.section}`),
    ['start parts', 'stop parts', 'ehdr undefined'],
  )
  assert.is(symbol(loaded, '__start_other'), 'Undefined')
})

test('-b binary: .data and three symbols named for the path', () => {
  const loaded = load({ 'dir/a-b.bin': 'hello' }, { emulation: 'elf_x86_64' }, [
    {
      kind: 'file',
      path: 'dir/a-b.bin',
      state: { wholeArchive: false, asNeeded: false, staticOnly: false, format: 'binary', justSymbols: false },
    },
  ])
  assert.is(symbol(loaded, '_binary_dir_a_b_bin_start'), 'Defined dir/a-b.bin .data+0')
  assert.is(symbol(loaded, '_binary_dir_a_b_bin_end'), 'Defined dir/a-b.bin .data+5')
  assert.is(symbol(loaded, '_binary_dir_a_b_bin_size'), 'Defined dir/a-b.bin absolute+5')
  assert.equal(files(loaded), ['dir/a-b.bin'])
})

test('more than 65,279 sections: indices come from SHT_SYMTAB_SHNDX', () => {
  const object = new ObjectBuilder()
  for (let i = 0; i < 66_000; i++) object.section('.text.x', { flags: 'ax', bytes: [0xc3] })
  object.section('.text.last', { flags: 'ax', bytes: [0xc3] }).label('last')
  assert.is(symbol(load({ 'a.o': object.build() }), 'last'), 'Defined a.o .text.last+0')
})

test('an object without machine code (slim LTO) is named', () => {
  const object = new ObjectBuilder()
  object.section('.text', { flags: 'ax', bytes: [] })
  object.common('__gnu_lto_slim', 1, 1)
  assert.match(problems(load({ 'a.o': object.build() }))[0]!, /^I2031 /)
})

test.run()
