import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { linkMemory } from '../support/link-memory.ts'
import { latin1, ObjectBuilder } from '../support/object-builder.ts'

const script = 'SECTIONS { .rodata 0x1000 : { *(.rodata*) } .data 0x100000 : { *(.data) } }'

function strings(
  text: string,
  options: { align?: number; at?: number; entsize?: number; flags?: string } = {},
): Uint8Array {
  const object = new ObjectBuilder()
  const section = object.section('.rodata.str', {
    flags: options.flags ?? 'aMS',
    entrySize: options.entsize ?? 1,
    align: options.align ?? 1,
    bytes: latin1(text),
  })
  if (options.at !== undefined)
    object.section('.data', { flags: 'aw', bytes: new Uint8Array(8) }).relocate(0, 1, section, options.at)
  return object.build()
}

function text(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}

test('equal strings of several files are kept once, where the first file had them', () => {
  const result = linkMemory(script, { 'a.o': strings('one\0two\0'), 'b.o': strings('two\0three\0', { at: 0 }) })
  assert.is(text(result.content('.rodata')), 'one\0two\0three\0')
  assert.is(result.content('.data')[0], 4)
})

test('a string that ends another lies inside it', () => {
  const result = linkMemory(script, { 'a.o': strings('bar\0'), 'b.o': strings('foobar\0\0ar\0', { at: 9 }) })
  assert.is(text(result.content('.rodata')), 'foobar\0')
  assert.is(result.content('.data')[0], 5)
})

test('an offset inside a string stays inside it', () => {
  const result = linkMemory(script, { 'a.o': strings('x\0'), 'b.o': strings('abc\0x\0hello\0', { at: 8 }) })
  assert.is(text(result.content('.rodata')), 'x\0abc\0hello\0')
  assert.is(result.content('.data')[0], 8)
})

test('a last string without its zero gets one', () => {
  const result = linkMemory(script, { 'a.o': strings('abc'), 'b.o': strings('abc\0') })
  assert.is(text(result.content('.rodata')), 'abc\0')
})

test('alignment limits what can lie inside another string', () => {
  const result = linkMemory(script, {
    'a.o': strings('eight\0', { align: 8 }),
    'b.o': strings('01234567eight\0', { align: 8 }),
  })
  assert.is(text(result.content('.rodata')), '01234567eight\0')
  const odd = linkMemory(script, {
    'a.o': strings('eight\0', { align: 8 }),
    'b.o': strings('0123456eight\0', { align: 8 }),
  })
  assert.is(text(odd.content('.rodata')), 'eight\0\0\0' + '0123456eight\0')
})

test('constants are kept once and not by their ends', () => {
  const one = strings('\x01\x02\x03\x04', { flags: 'aM', entsize: 2, align: 2 })
  const two = strings('\x03\x04\x02\x03', { flags: 'aM', entsize: 2, align: 2, at: 0 })
  const result = linkMemory(script, { 'a.o': one, 'b.o': two })
  assert.equal([...result.content('.rodata')], [1, 2, 3, 4, 2, 3])
  assert.is(result.content('.data')[0], 2)
})

test('many strings with shared ends keep their order and find each other', () => {
  let all = ''
  for (let i = 0; i < 3000; i++) all += `name${(i * 7919) % 3000}\0`
  const result = linkMemory(script, { 'a.o': strings(all), 'b.o': strings('name5\0me2999\x00999\0', { at: 13 }) })
  assert.is(text(result.content('.rodata')), all)
  const at =
    new DataView(result.content('.data').buffer, result.content('.data').byteOffset).getUint32(0, true) - 0x1000
  assert.is(all.slice(at, at + 4), '999\x00')
})

test.run()
