import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { indexHead, indexNames, nameCache, ObjectFact, odd, surveyObject, unnamed } from '../../src/kernels/objects.ts'
import { truncated, withHeaderField, withSectionField } from '../support/elf-damage.ts'
import { readElf } from '../support/elf-reader.ts'
import { ObjectBuilder } from '../support/object-builder.ts'

function sample(): Uint8Array {
  const object = new ObjectBuilder()
  const text = object.section('.text', { flags: 'ax', bytes: new Uint8Array(16) })
  text.label('_start').relocate(1, 2, object.undefined('f'), -4)
  text.label('here', 4, { binding: 'local' })
  object.section('.bss', { type: 'nobits', size: 8, flags: 'aw' })
  const inline = object.section('.text.g', { flags: 'axG', bytes: [0xc3] }).label('g')
  object.group(object.symbols.find(each => each.name === 'g')!, [inline])
  return object.build()
}

const good = sample()
const sections = readElf(good).sections
const section = (name: string): number => sections.findIndex(each => each.name === name)

/** An array that throws where an element is asked for that it does not have. */
function guarded(array: Int32Array): Int32Array {
  const check = (key: string | symbol): void => {
    if (typeof key === 'string' && /^-?\d+$/.test(key) && !(Number(key) >= 0 && Number(key) < array.length))
      throw new Error(`element ${key} of ${array.length}`)
  }
  return new Proxy(array, {
    get: (target, key) => {
      check(key)
      return Reflect.get(target, key)
    },
    set: (target, key, value) => {
      check(key)
      return Reflect.set(target, key, value)
    },
  })
}

/** Facts and words of an object that ends where its view ends; undefined: it is odd. */
function index(object: Uint8Array): { facts: Int32Array; words: Int32Array } | undefined {
  const lead = 24
  const bytes = new Uint8Array(lead + object.length)
  bytes.set(object, lead)
  const view = new DataView(bytes.buffer)
  const facts = new Int32Array(ObjectFact.width * 2)
  const row = ObjectFact.width
  const count = surveyObject(view, lead, object.length, guarded(facts), row)
  if (count === odd) return undefined
  const words = new Int32Array(5 + count).fill(12_345)
  facts[row + ObjectFact.WordsAt] = 5
  if (!indexNames(view, lead, guarded(facts), row, guarded(words), guarded(new Int32Array(nameCache)))) return undefined
  return { facts: facts.subarray(row), words: words.subarray(5) }
}

test('a usual object: facts, lengths of names', () => {
  const { facts, words } = index(good)!
  assert.is(facts[ObjectFact.Sections], sections.length)
  assert.is(facts[ObjectFact.SymbolSection], section('.symtab'))
  assert.is(facts[ObjectFact.Groups], 1)
  assert.is(facts[ObjectFact.SymbolCount]! - facts[ObjectFact.FirstGlobal]!, 3)
  assert.is(facts[ObjectFact.GlobalBytes], '_startfg'.length)
  assert.is(words.length, facts[ObjectFact.Words])
  assert.is(words[0], 0)
  const lengthOf = (number: number): number => words[indexHead + number * 2]!
  assert.is(lengthOf(0), unnamed)
  assert.is(lengthOf(section('.text')), '.text'.length)
  assert.is(lengthOf(section('.rela.text')), unnamed)
  const group = indexHead + sections.length * 2
  const names = ['_start', 'f', 'g'].map(name => name.length).sort()
  assert.equal([words[group + 2], words[group + 4], words[group + 6]].sort(), names)
  assert.is(words[group], 1)
})

test('a name with a version is marked', () => {
  const object = new ObjectBuilder()
  object.section('.text', { flags: 'ax', bytes: [0xc3] }).label('f@@V1')
  assert.is.not(index(object.build())!.words[0], 0)
})

test('sections that share a name by its offset say so', () => {
  const object = new ObjectBuilder()
  for (let i = 0; i < 3; i++) object.section('.text', { flags: 'ax', bytes: [0xc3] })
  object.undefined('f')
  const { facts, words } = index(object.build())!
  assert.is(words[indexHead + 4], -1 - 1)
  assert.is(words[indexHead + 6], -1 - 1)
  assert.is(facts[ObjectFact.NameCount], 4)
})

test('another class, byte order or file type has no index', () => {
  for (const options of [{ bits: 32 }, { endian: 'big' }, { type: 2 }] as const) {
    const object = new ObjectBuilder(options)
    object.section('.text', { flags: 'ax', bytes: [0xc3] }).label('f')
    assert.is(index(object.build()), undefined)
  }
})

test('damaged headers have no index', () => {
  const symbols = section('.symtab')
  for (const damaged of [
    withHeaderField(good, 'shoff', BigInt(good.length - 63)),
    withHeaderField(good, 'shnum', sections.length + 1),
    withHeaderField(good, 'shstrndx', sections.length),
    withSectionField(good, section('.text'), 'size', 1n << 40n),
    withSectionField(good, section('.text'), 'offset', BigInt(good.length - 15)),
    withSectionField(good, section('.text'), 'align', 3),
    withSectionField(good, section('.bss'), 'size', 1n << 60n),
    withSectionField(good, section('.text'), 'name', 1 << 20),
    withSectionField(good, section('.rela.text'), 'entrySize', 0),
    withSectionField(good, symbols, 'link', sections.length),
    withSectionField(good, symbols, 'info', 0),
    withSectionField(good, symbols, 'info', 500),
    withSectionField(good, symbols, 'size', 24n * 500n),
    withSectionField(good, section('.group'), 'info', 500),
    withSectionField(good, section('.group'), 'size', 2),
  ])
    assert.is(index(damaged), undefined)
})

test('a string table without an end has no index', () => {
  const at = sections[section('.strtab')]!
  const bytes = good.slice()
  bytes[Number(at.offset) + Number(at.size) - 1] = 0x41
  assert.is(index(bytes), undefined)
})

test('damage anywhere: nothing outside of the object or the arrays is touched', () => {
  for (let length = 0; length < good.length; length++) index(truncated(good, length))
  for (let at = 0; at < good.length; at++)
    for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
      const bytes = good.slice()
      bytes[at] = value
      index(bytes)
    }
})

test.run()
