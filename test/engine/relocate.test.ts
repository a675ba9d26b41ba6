import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { linkMemory } from '../support/link-memory.ts'
import { ObjectBuilder } from '../support/object-builder.ts'

const script = `
ENTRY(_start)
SECTIONS {
  .text 0x1000 : { *(.text .text.*) }
  .data 0x2000 : { *(.data) }
  .got : { *(.got) } .got.plt : { *(.got.plt .igot.plt) }
  /DISCARD/ : { *(.gone) }
}`

const R = { ABS64: 1, PC32: 2, PLT32: 4, GOTPCREL: 9, ABS32: 10, ABS32S: 11, ABS16: 12, PC8: 15, PC64: 24, SIZE32: 32 }

/** One object with `bytes` of data at 0x2000 and a symbol `here` at 0x1004. */
function one(type: number, addend: number | bigint, options: { value?: number | bigint; size?: number } = {}) {
  const object = new ObjectBuilder()
  object
    .section('.text', { flags: 'ax', bytes: new Uint8Array(16).fill(0x90) })
    .label('_start')
    .label('here', 4, { size: 9 })
  const target =
    options.value === undefined
      ? object.symbols.find(each => each.name === 'here')!
      : object.absolute('number', options.value)
  object.section('.data', { flags: 'aw', align: 8, bytes: new Uint8Array(16) }).relocate(8, type, target, addend)
  return linkMemory(script, { 'a.o': object.build() })
}

function field(result: ReturnType<typeof one>): bigint {
  const bytes = result.content('.data')
  return new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(8, true)
}

test('addresses and distances', () => {
  assert.is(field(one(R.ABS64, 3)), 0x1007n)
  assert.is(field(one(R.ABS32, -4)), 0x1000n)
  assert.is(field(one(R.PC32, 0)), 0xffff_effcn)
  assert.is(field(one(R.PC64, 0)), -0x1004n)
  assert.is(field(one(R.ABS16, 0)), 0x1004n)
  assert.is(field(one(R.SIZE32, 1)), 10n)
})

test('values that a double cannot hold keep every bit', () => {
  assert.is(field(one(R.ABS64, 1, { value: 0x7fff_ffff_ffff_fff0n })), 0x7fff_ffff_ffff_fff1n)
  assert.is(field(one(R.ABS64, 0, { value: 0xffff_ffff_8000_0000n })), -0x8000_0000n)
})

test('a value that does not fit is an error that names both ends', () => {
  const { diagnostics } = one(R.ABS32, 0, { value: 0x1_0000_0000 })
  assert.is(diagnostics.length, 1)
  assert.is(diagnostics[0]!.code, 'R5001')
  assert.match(diagnostics[0]!.message, /R_X86_64_32 against symbol `number'.*0x100000000.*0 \.\. 0xffffffff/)
  assert.is(one(R.ABS32, -1, { value: 0 }).diagnostics[0]?.code, 'R5001')
  assert.is(one(R.ABS32S, 0, { value: 0x8000_0000 }).diagnostics[0]?.code, 'R5001')
  assert.is(one(R.PC8, 0).diagnostics[0]?.code, 'R5001')
})

test('types that are not known, that only the loader understands, and places outside of the section', () => {
  assert.is(one(99, 0).diagnostics[0]?.code, 'R5002')
  assert.is(one(0x1234, 0).diagnostics[0]?.code, 'R5002')
  assert.is(one(8, 0).diagnostics[0]?.code, 'R5003')
  const object = new ObjectBuilder()
  const text = object.section('.text', { flags: 'ax', bytes: new Uint8Array(4) }).label('_start')
  text.relocate(2, R.ABS32, text, 0)
  assert.is(linkMemory(script, { 'a.o': object.build() }).diagnostics[0]?.code, 'R5005')
})

test('a loaded section may not refer to a discarded one, debug information may', () => {
  const build = (from: string, flags: string): Uint8Array => {
    const object = new ObjectBuilder()
    object.section('.text', { flags: 'ax', bytes: [0x90] }).label('_start')
    const gone = object.section('.gone', { flags: 'a', bytes: [1, 2, 3, 4] })
    object.section(from, { flags, bytes: new Uint8Array(8).fill(0xff) }).relocate(0, R.ABS64, gone, 2)
    return object.build()
  }
  const loaded = linkMemory(script, { 'a.o': build('.data', 'aw') })
  assert.is(loaded.diagnostics[0]?.code, 'R5006')
  assert.equal(
    [...linkMemory(script, { 'a.o': build('.debug_info', '') }).content('.debug_info')],
    [0, 0, 0, 0, 0, 0, 0, 0],
  )
  assert.equal(
    [...linkMemory(script, { 'a.o': build('.debug_ranges', '') }).content('.debug_ranges')],
    [1, 0, 0, 0, 0, 0, 0, 0],
  )
})

test('a word of the GOT holds the address of a symbol that an instruction cannot name directly', () => {
  const object = new ObjectBuilder()
  const text = object.section('.text', { flags: 'ax', bytes: [0xff, 0x35, 0, 0, 0, 0] }).label('_start')
  text.relocate(2, R.GOTPCREL, object.symbols[0], -4) // push _start@GOTPCREL(%rip)
  object.section('.data', { flags: 'aw', bytes: new Uint8Array(8) })
  const result = linkMemory(script, { 'a.o': object.build() })
  const got = result.content('.got')
  assert.is(new DataView(got.buffer, got.byteOffset).getBigUint64(0, true), 0x1000n)
  const at = Number(result.elf!.sections.find(each => each.name === '.got')!.address)
  const code = result.content('.text')
  assert.is(new DataView(code.buffer, code.byteOffset).getInt32(2, true), at - 0x1006)
})

test('mov from the GOT becomes mov of the address, unless relaxation is off', () => {
  const object = new ObjectBuilder()
  const text = object.section('.text', { flags: 'ax', bytes: [0x48, 0x8b, 0x05, 0, 0, 0, 0] }).label('_start')
  text.relocate(3, 42, object.symbols[0], -4)
  const files = { 'a.o': object.build() }
  assert.equal([...linkMemory(script, files).content('.text')], [0x48, 0xc7, 0xc0, 0, 0x10, 0, 0])
  const kept = linkMemory(script, files, { relax: false })
  assert.is(kept.content('.text')[1], 0x8b)
  assert.is(kept.content('.got').length, 8)
})

test.run()
