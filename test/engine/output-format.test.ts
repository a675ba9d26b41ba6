/** OUTPUT_FORMAT and --oformat are held against the machine of the inputs. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { linkMemory } from '../support/link-memory.ts'
import { ObjectBuilder } from '../support/object-builder.ts'

const files = (() => {
  const object = new ObjectBuilder()
  object.section('.text', { flags: 'ax', bytes: [0xc3] }).label('_start')
  return { 'a.o': object.build() }
})()
const script = (format: string): string => `OUTPUT_FORMAT(${format}) SECTIONS { .text : { *(.text) } }`
const codes = (format: string, options = {}): string[] =>
  linkMemory(script(format), files, options).diagnostics.map(each => each.code)

test('formats of the machine of the inputs', () => {
  for (const format of ['elf64-x86-64', 'elf64-x86-64-freebsd', 'default']) assert.equal(codes(format), [])
})

test('other machines and unknown names are errors', () => {
  for (const format of ['elf32-i386', 'elf32-x86-64', 'elf64-bigaarch64', 'elf64-bogus', 'srec'])
    assert.equal(codes(format), ['O6001'], format)
})

test('a relocatable output is ELF', () => {
  assert.equal(codes('binary', { kind: 'relocatable' }), ['O6004'])
})

test.run()
