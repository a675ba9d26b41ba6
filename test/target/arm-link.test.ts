import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { linkMemory } from '../support/link-memory.ts'
import { ObjectBuilder } from '../support/object-builder.ts'

const R = { ABS32: 2, THM_CALL: 10, CALL: 28, JUMP24: 29, THM_JUMP24: 30, PREL31: 42 }
const SHT_ARM_EXIDX = 0x70000001

function builder(): ObjectBuilder {
  return new ObjectBuilder({ bits: 32, machine: 'arm', relocations: 'rel', flags: 0x5000000 })
}

function words(bytes: Uint8Array): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, i) => view.getUint32(4 * i, true).toString(16))
}

/** .ARM.attributes of an ARMv7-A object */
const v7 = [0x41, 19, 0, 0, 0, 0x61, 0x65, 0x61, 0x62, 0x69, 0, 1, 9, 0, 0, 0, 6, 10, 7, 0x41]

const ret = [0x1e, 0xff, 0x2f, 0xe1]
const thumbRet = [0x70, 0x47, 0x00, 0xbf]

/** `branch` in a section .text.a at 0x8000 to a function in .far, which stands at `address`. */
function oneBranch(
  branch: readonly number[],
  type: number,
  isThumb: boolean,
  address: string,
  kind: 'exec' | 'pie' = 'exec',
) {
  const object = builder()
  object.section('.ARM.attributes', { type: 0x70000003, bytes: v7 })
  const far = object.section('.far', { flags: 'ax', align: 4, bytes: isThumb ? thumbRet : ret })
  far.label('far', isThumb ? 1 : 0, { type: 'func' })
  const text = object.section('.text', { flags: 'ax', align: 4, bytes: [...branch, ...ret] })
  text.label('_start', 0, { type: 'func' }).relocate(0, type, object.symbols.find(each => each.name === 'far')!)
  return linkMemory(
    `ENTRY(_start) SECTIONS { .text 0x8000 : { *(.text) } .far ${address} : { *(.far) } .got : { *(.got*) } }`,
    { 'a.o': object.build() },
    { kind, noDynamicLinker: true },
  )
}

const bl = [0xfe, 0xff, 0xff, 0xeb]
const b = [0xfe, 0xff, 0xff, 0xea]
const thumbBl = [0xff, 0xf7, 0xfe, 0xff]
const thumbB = [0xff, 0xf7, 0xfe, 0xbf]

test('branches within reach need no veneer', () => {
  assert.is(oneBranch(bl, R.CALL, false, '0x9000').content('.text').length, 8)
  assert.is(oneBranch(bl, R.CALL, true, '0x9000').content('.text').length, 8)
  assert.is(oneBranch(thumbBl, R.THM_CALL, false, '0x9000').content('.text').length, 8)
})

test('B from ARM to Thumb code goes through a veneer: ldr pc, [pc, #-4]', () => {
  const { content } = oneBranch(b, R.JUMP24, true, '0x9000')
  assert.equal(words(content('.text')), ['ea000000', 'e12fff1e', 'e51ff004', '9001'])
})

test('B.W from Thumb to ARM code goes through a veneer: bx pc, then a branch', () => {
  const { content } = oneBranch(thumbB, R.THM_JUMP24, false, '0x9000')
  assert.equal(words(content('.text')), ['b802f000', 'e12fff1e', 'e7fd4778', 'ea0003fb'])
})

test('a veneer has a symbol, and marks say which kind of code stands in it', () => {
  const { elf } = oneBranch(thumbB, R.THM_JUMP24, false, '0x9000')
  const local = elf!.symbols.filter(each => each.binding === 0 && each.type !== 3)
  assert.equal(
    local.map(each => [each.name, Number(each.value)]),
    [
      ['__far_from_thumb', 0x8009],
      ['$t', 0x8008],
      ['$a', 0x800c],
    ],
  )
})

test('calls that do not reach', () => {
  assert.equal(words(oneBranch(bl, R.CALL, false, '0x4000000').content('.text')).slice(2), ['e51ff004', '4000000'])
  assert.equal(words(oneBranch(thumbBl, R.THM_CALL, true, '0x4000000').content('.text')), [
    ...['e802f000', 'e12fff1e', 'e51ff004', '4000001'],
  ])
})

test('where the output may be loaded anywhere veneers hold distances', () => {
  const { content } = oneBranch(b, R.JUMP24, true, '0x9000', 'pie')
  assert.equal(words(content('.text')).slice(2, 6), ['e59fc004', 'e08fc00c', 'e12fff1c', 'fed'])
})

/** .ARM.exidx of a section of code: entries as [offset in the code, second word]. */
function table(object: ObjectBuilder, name: string, entries: readonly (readonly [number, number])[], code: number[]) {
  const text = object.section(`.text.${name}`, { flags: 'ax', align: 4, bytes: code })
  text.label(name, 0, { type: 'func' })
  if (entries.length === 0) return
  const bytes = new Uint8Array(8 * entries.length)
  const view = new DataView(bytes.buffer)
  entries.forEach(([offset, second], i) => {
    view.setUint32(8 * i, offset, true)
    view.setUint32(8 * i + 4, second, true)
  })
  const index = object.section(`.ARM.exidx.text.${name}`, {
    type: SHT_ARM_EXIDX,
    flags: 'ao',
    align: 4,
    bytes,
    link: text,
  })
  entries.forEach((_, i) => void index.relocate(8 * i, R.PREL31, text.sectionSymbol()))
}

const inline = 0x80b0b0b0
const other = 0x80a8b0b0

function linkTables(order: string, mergesFunctionTables = true) {
  const object = builder()
  table(object, '_start', [[0, inline]], ret)
  table(object, 'same', [[0, inline]], ret)
  table(object, 'none', [], ret)
  table(object, 'last', [[0, other]], ret)
  return linkMemory(
    `ENTRY(_start) SECTIONS { .text 0x8000 : { ${order} } .ARM.exidx 0x9000 : { *(.ARM.exidx*) } }`,
    { 'a.o': object.build() },
    { mergesFunctionTables },
  )
}

/** Entries as [address of the function, second word]. */
function entries(result: ReturnType<typeof linkTables>): [string, string][] {
  const bytes = result.content('.ARM.exidx')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return Array.from({ length: bytes.length / 8 }, (_, i) => [
    ((0x9000 + 8 * i + ((view.getInt32(8 * i, true) << 1) >> 1)) >>> 0).toString(16),
    view.getUint32(8 * i + 4, true).toString(16),
  ])
}

test('repeated entries of .ARM.exidx are left out, code without entries and the end are marked', () => {
  assert.equal(entries(linkTables('*(.text.*)')), [
    ['8000', '80b0b0b0'],
    ['8008', '1'],
    ['800c', '80a8b0b0'],
    ['8010', '1'],
  ])
})

test('--no-merge-exidx-entries keeps equal entries', () => {
  assert.equal(entries(linkTables('*(.text.*)', false)).slice(0, 3), [
    ['8000', '80b0b0b0'],
    ['8004', '80b0b0b0'],
    ['8008', '1'],
  ])
})

test('.ARM.exidx stands in the order of the code, and a segment shows it', () => {
  const result = linkTables('*(.text.last) *(.text.none) *(.text.*)')
  assert.equal(entries(result), [
    ['8000', '80a8b0b0'],
    ['8004', '1'],
    ['8008', '80b0b0b0'],
    ['8010', '1'],
  ])
  const section = result.elf!.sections.find(each => each.name === '.ARM.exidx')!
  assert.is(section.link, 1)
  assert.ok(result.elf!.segments.some(segment => segment.type === 0x70000001 && segment.virtualAddress === 0x9000n))
})

test.run()
