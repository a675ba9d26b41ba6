import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  behindTexts,
  entryWords,
  findName,
  hashName,
  internName,
  type NameColumns,
  touchNames,
} from '../../src/kernels/names.ts'

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, char => char.charCodeAt(0))
const viewOf = (text: string): DataView => new DataView(bytesOf(text).buffer)

/** Length, hash and mark of a name. */
function hashed(text: string, at: number, limit: number): readonly number[] {
  const result = new Int32Array(3)
  hashName(viewOf(text), at, limit, result, 0, 2)
  return [...result]
}

function columns(slots: number, names: number, words: number): NameColumns {
  const counts = new Int32Array(3)
  counts[1] = 2
  return {
    slots: new Int32Array(slots * 2),
    mask: slots - 1,
    texts: new Int32Array(words),
    lengths: new Uint32Array(names),
    starts: new Int32Array(names),
    counts,
  }
}

test('nothing behind the limit is read, with or without a zero byte', () => {
  for (let length = 0; length < 40; length++) {
    const name = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG'.slice(0, length)
    // The view ends at the limit: reading on would throw.
    assert.is(hashed(name, 0, length)[0], length)
    assert.equal(hashed(`${name}\0`, 0, length + 1), hashed(name, 0, length))
    assert.equal(hashed(`${name}\0zzzzzzzzzzzz`, 0, length + 13).slice(0, 2), hashed(name, 0, length).slice(0, 2))
  }
})

test('a name with an @ is marked wherever it stands; one without is not', () => {
  const name = 'abcdefghijklmnopqrstuvw'
  assert.is(hashed(name, 0, name.length)[2], 0)
  for (let at = 0; at < name.length; at++) {
    const versioned = `${name.slice(0, at)}@${name.slice(at + 1)}`
    assert.is.not(hashed(versioned, 0, versioned.length)[2], 0, versioned)
  }
})

test('names of one hash that fill the table to its last slot are told apart', () => {
  const table = columns(4, 3, 2 + 3 * entryWords(5))
  const view = viewOf('firstsecondthirdfourth')
  assert.is(internName(table, view, 0, 5, 3), 0)
  assert.is(internName(table, view, 5, 6, 3), 1)
  assert.is(internName(table, view, 11, 5, 3), 2)
  assert.is(internName(table, view, 5, 6, 3), 1)
  assert.is(findName(table, view, 11, 5, 3), 2)
  assert.is(findName(table, view, 16, 6, 3), -1)
  assert.is(findName(table, view, 0, 4, 3), -1)
})

test('an empty name is a name', () => {
  const table = columns(4, 2, 16)
  const view = viewOf('')
  const [length, hash] = hashed('', 0, 0)
  assert.is(internName(table, view, 0, length!, hash!), 0)
  assert.is(findName(table, view, 0, length!, hash!), 0)
})

test('touching takes any hash, and changes no name', () => {
  const table = columns(4, 2, 5 + behindTexts)
  internName(table, viewOf('abc'), 0, 3, 7)
  const hashes = [-1, 0, 7, 0x7fff_ffff, -0x8000_0000]
  const pairs = Int32Array.from(hashes.flatMap(hash => [3, hash]))
  // The offset of each name is 4: the last byte of the view.
  touchNames(table, pairs, 0, 5, new DataView(Uint8Array.of(4, 0, 0, 0, 0).buffer), 0, 0, 0, 4)
  assert.equal([...table.counts.subarray(0, 2)], [1, 5])
})

test.run()
