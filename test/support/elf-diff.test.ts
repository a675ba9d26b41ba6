import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { diffElf } from './elf-diff.ts'
import { readElf } from './elf-reader.ts'
import { ObjectBuilder } from './object-builder.ts'

function file(size: number, value: number, extra = false): ReturnType<typeof readElf> {
  const object = new ObjectBuilder()
  object.section('.text', { flags: 'ax', bytes: new Uint8Array(size) }).label('foo', value)
  object.section('.comment', { bytes: [value] })
  if (extra) object.section('.note.gnu.build-id', { flags: 'a', type: 'note', bytes: [1] })
  return readElf(object.build())
}

test('equal files have no difference, and what is not loaded does not count', () => {
  assert.equal(diffElf(file(4, 0), file(4, 0)), [])
})

test('a difference is said in words', () => {
  assert.equal(diffElf(file(4, 1), file(8, 2)), [
    'section .text size: tsld 0x4, GNU ld 0x8',
    'symbol foo value: tsld 0x1, GNU ld 0x2',
  ])
})

test('a section can be left out', () => {
  assert.is(diffElf(file(4, 0), file(4, 0, true)).length, 1)
  assert.equal(diffElf(file(4, 0), file(4, 0, true), { ignoreSections: /build-id/ }), [])
})

test.run()
