/** An object that has an index is loaded as one that has none: `--wrap` of a name that nobody uses takes the other way. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { load } from '../support/load.ts'
import { picture } from '../support/load-picture.ts'
import { ObjectBuilder } from '../support/object-builder.ts'

function compare(objects: Record<string, Uint8Array>, message = ''): void {
  const indexed = picture(load(objects))
  const careful = picture(load(objects, { wrap: ['nobody'] }))
  // Texts are compared faster than trees; the trees are for the message.
  if (JSON.stringify(indexed) !== JSON.stringify(careful)) assert.equal(indexed, careful, message)
}

function first(): Uint8Array {
  const object = new ObjectBuilder()
  const text = object.section('.text', { flags: 'ax', bytes: new Uint8Array(32) })
  text.label('_start').relocate(1, 2, object.undefined('shared', { binding: 'weak' }), -4)
  text.label('weak', 8, { binding: 'weak' })
  text.label('hidden', 12, { visibility: 'hidden', size: 4 })
  object.absolute('absolute', -5n)
  object.absolute('huge', 0x7fff_ffff_ffff_fffbn)
  object.common('common', 8, 8)
  object.section('.debug_info', { bytes: [1, 2, 3] })
  object.section('.gnu.linkonce.t.f', { flags: 'ax', bytes: [0xc3] })
  const inline = object.section('.text.inline', { flags: 'axG', bytes: [0xc3] }).label('inline', 0, { binding: 'weak' })
  object.group(object.symbols.find(each => each.name === 'inline')!, [inline])
  return object.build()
}

function second(): Uint8Array {
  const object = new ObjectBuilder()
  const text = object.section('.text', { flags: 'ax', bytes: new Uint8Array(32) })
  text.label('weak', 4).label('shared', 8, { visibility: 'protected' })
  object.undefined('hidden', { visibility: 'internal' })
  object.undefined('_start')
  object.common('common', 16, 4)
  object.section('.tdata', { flags: 'awT', bytes: [1] }).label('thread', 0, { type: 'tls' })
  object.section('.gnu.linkonce.t.f', { flags: 'ax', bytes: [0xc3] })
  const inline = object.section('.text.inline', { flags: 'axG', bytes: [0xc3] }).label('inline', 0, { binding: 'weak' })
  object.group(object.symbols.find(each => each.name === 'inline')!, [inline])
  return object.build()
}

function third(): Uint8Array {
  const object = new ObjectBuilder()
  object
    .section('.text', { flags: 'ax', bytes: new Uint8Array(32) })
    .label('_start')
    .label('f@@V1', 4)
    .label('common', 8)
  object.undefined('thread')
  object.undefined('thread', { type: 'tls' })
  return object.build()
}

test('definitions, references, commons, groups, versions, duplicates: with an index and without', () => {
  const files = { 'a.o': first(), 'b.o': second(), 'c.o': third() }
  for (const order of [
    ['a.o', 'b.o', 'c.o'],
    ['c.o', 'b.o', 'a.o'],
    ['b.o', 'a.o'],
    ['b.o', 'b.o'],
  ] as const) {
    compare(Object.fromEntries(order.map((name, i) => [`${i}${name}`, files[name]])))
  }
})

test('one byte changed: the same tables and the same messages', () => {
  const good = first()
  const other = second()
  for (let at = 16; at < good.length; at += 2) {
    const bytes = good.slice()
    bytes[at]! ^= 1 << ((at >> 1) % 8)
    compare({ 'a.o': bytes, 'b.o': other }, `byte ${at} is ${bytes[at]}`)
  }
})

test.run()
