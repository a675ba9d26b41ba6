import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { NameTable } from '../../src/base/name-table.ts'

const bytesOf = (text: string): DataView => new DataView(Uint8Array.from(text, char => char.charCodeAt(0)).buffer)

test('scan finds the end of a name at every alignment and length', () => {
  for (let lead = 0; lead < 8; lead++)
    for (let length = 0; length < 40; length++) {
      const table = new NameTable()
      const name = 'x\x80\xff_abcdefghijklmnopqrstuvwxyz0123456789AB'.slice(0, length)
      const source = table.addSource(bytesOf(`${'#'.repeat(lead)}${name}\0after\0`))
      table.scan(source, lead, lead + length + 7)
      assert.is(table.scannedLength, length)
      const hash = table.scannedHash
      table.scan(table.addSource(bytesOf(name)), 0, length)
      assert.is(table.scannedLength, length)
      assert.is(table.scannedHash, hash)
    }
})

test('a name without a terminating zero ends at the limit', () => {
  const table = new NameTable()
  const source = table.addSource(bytesOf('abcdefg'))
  table.scan(source, 1, 7)
  assert.is(table.scannedLength, 6)
})

test('equal names from different sources and from text share an id', () => {
  const table = new NameTable()
  const first = table.addSource(bytesOf('memcpy\0memmove\0'))
  const second = table.addSource(bytesOf('??memcpy\0'))
  table.scan(first, 0, 15)
  const id = table.intern(first, 0, table.scannedLength, table.scannedHash)
  table.scan(second, 2, 9)
  assert.is(table.intern(second, 2, table.scannedLength, table.scannedHash), id)
  assert.is(table.internText('memcpy'), id)
  assert.is(table.findText('memmove'), -1)
  assert.is(table.text(id), 'memcpy')
})

test('ids stay in order of appearance while the table grows', () => {
  const table = new NameTable(4)
  const names = Array.from({ length: 5000 }, (_, i) => `symbol_${i * 7919}`)
  for (const [i, name] of names.entries()) assert.is(table.internText(name), i)
  for (const [i, name] of names.entries()) assert.is(table.findText(name), i)
  for (const [i, name] of names.entries()) assert.is(table.text(i), name)
})

test('a twin has a number of its own and the same text; looking the text up gives the first', () => {
  const table = new NameTable(2)
  const id = table.internText('memcpy')
  const twin = table.twin(id)
  table.internText('memmove')
  assert.is.not(twin, id)
  assert.is(table.text(twin), 'memcpy')
  assert.is(table.findText('memcpy'), id)
  assert.is(table.text(2), 'memmove')
})

test('the text of a name stays where it is found, however long', () => {
  const table = new NameTable(4)
  const long = Array.from({ length: 70 }, (_, i) => 'n'.repeat(i * i))
  for (const [i, name] of long.entries()) assert.is(table.internText(name), i)
  for (const [i, name] of long.entries()) {
    assert.is(table.text(i), name)
    assert.is(table.lengths[i], name.length)
    assert.is(table.findText(name), i)
  }
})

test.run()
