import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { truncated, withHeaderField, withSectionField } from '../support/elf-damage.ts'
import { readElf } from '../support/elf-reader.ts'
import { load, problems } from '../support/load.ts'
import { ObjectBuilder } from '../support/object-builder.ts'

function sample(): Uint8Array {
  const object = new ObjectBuilder()
  const text = object.section('.text', { flags: 'ax', bytes: new Uint8Array(16) })
  text.label('_start').relocate(1, 2, object.undefined('f'), -4)
  const group = object.section('.text.g', { flags: 'axG', bytes: [0xc3] }).label('g')
  object.group(object.symbols.find(each => each.name === 'g')!, [group])
  return object.build()
}

const good = sample()
const index = (name: string): number => readElf(good).sections.findIndex(each => each.name === name)
const only = (bytes: Uint8Array): string => {
  const found = problems(load({ 'a.o': bytes }))
  assert.is(found.length, 1, found.join('; '))
  return found[0]!
}

test('the sample itself is fine', () => {
  assert.equal(problems(load({ 'a.o': good })), [])
})

test('ELF header: every field that is used is checked', () => {
  assert.match(only(withHeaderField(good, 'class', 3)), /^I2010 .*EI_CLASS is 3, expected 1/)
  assert.match(only(withHeaderField(good, 'data', 9)), /^I2010 .*EI_DATA is 9/)
  assert.match(only(withHeaderField(good, 'shoff', 1n << 40n)), /^I2010 .*e_shoff is 1099511627776/)
  assert.match(only(withHeaderField(good, 'shentsize', 60)), /^I2010 .*e_shentsize is 60, expected 64/)
  assert.match(only(withHeaderField(good, 'shnum', 60_000)), /^I2010 .*e_shnum is 60000/)
  assert.match(only(withHeaderField(good, 'shstrndx', 999)), /^I2010 .*e_shstrndx is 999/)
  assert.match(only(withHeaderField(good, 'machine', 43)), /^I2006 this file is for SPARC/)
  assert.match(only(withHeaderField(good, 'type', 4)), /^I2007 .*core file/)
})

test('section headers', () => {
  const text = index('.text')
  assert.match(only(withSectionField(good, text, 'size', 1n << 50n)), /^I2011 .*sh_offset \+ sh_size/)
  assert.match(only(withSectionField(good, text, 'align', 3)), /^I2011 .*sh_addralign is 3, expected a power of two/)
  assert.match(only(withSectionField(good, text, 'name', 1 << 20)), /^I2011 .*sh_name is 1048576/)
  const relocations = index('.rela.text')
  assert.match(only(withSectionField(good, relocations, 'info', 500)), /^I2011 .*sh_info is 500/)
  assert.match(only(withSectionField(good, relocations, 'entrySize', 0)), /^I2011 .*sh_entsize is 0, expected 24/)
  const symbols = index('.symtab')
  assert.match(only(withSectionField(good, symbols, 'link', 500)), /^I2011 .*sh_link is 500/)
  assert.match(only(withSectionField(good, symbols, 'info', 500)), /^I2011 .*sh_info is 500/)
  assert.match(only(withSectionField(good, symbols, 'entrySize', 7)), /^I2011 .*sh_entsize is 7/)
  assert.match(only(withSectionField(good, index('.group'), 'info', 500)), /^I2014 .*names symbol 500/)
})

test('truncation at every length gives at most one error and never an exception', () => {
  for (let length = 0; length < good.length; length++) {
    const found = problems(load({ 'a.o': truncated(good, length) }))
    assert.ok(found.length <= 1, found.join('; '))
  }
})

test('any byte changed: never an exception', () => {
  for (let at = 4; at < good.length; at++) {
    for (const value of [0, 0xff, 0x80]) {
      const bytes = good.slice()
      bytes[at] = value
      load({ 'a.o': bytes })
    }
  }
})

test('missing files, directories, foreign formats', () => {
  assert.match(problems(load({}, {}, [{ kind: 'file', path: 'x.o', state: loadState }]))[0]!, /^I2001 cannot find x.o/)
  assert.match(
    only(new Uint8Array([0, 1, 2, 3])),
    /^I2004 file format not recognized: it begins with bytes 00 01 02 03/,
  )
})

const loadState = {
  wholeArchive: false,
  asNeeded: false,
  staticOnly: false,
  format: 'elf',
  justSymbols: false,
} as const

test.run()
