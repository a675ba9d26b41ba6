/**
 * Indexes of the objects in a file (kernels/objects.ts), made by the thread that has read it: what can be known of an object
 * before the link gets to it. An object without an index is read field by field when its turn comes.
 */
import type { FileIndex } from '../input/object-index.ts'
import type { Memory } from '../kernels/compute.ts'
import { nameCache, ObjectFact, odd } from '../kernels/objects.ts'
import type { WasmExports } from './webassembly.ts'

/** Room for the indexes of a file, in shared memory. */
export interface IndexRoom {
  /** number of indexes; where each object begins, ascending */
  readonly starts: Int32Array
  /** rows of ObjectFact, one for each of them */
  readonly facts: Int32Array
  /** the words of all */
  readonly words: Int32Array
}

/** Kernels of a thread, and memory that they work with. */
export interface Indexer {
  readonly exported: WasmExports
  readonly cache: Int32Array
}

export function newCache(memory: Memory): Int32Array {
  return memory.int32(nameCache)
}

/** bytes of an object, at least, when rooms are made: objects that come after too many small ones get no index */
const smallObject = 512
/** Words per byte of an object, at most: two for a symbol of 24 bytes. */
const wordsPerByte = 1 / 12

/** Memory that is not touched costs nothing. */
export function indexRoom(memory: Memory, bytes: number): IndexRoom {
  const objects = 1 + Math.floor(bytes / smallObject)
  return {
    starts: memory.int32(1 + objects),
    facts: memory.int32(objects * ObjectFact.width),
    words: memory.int32(Math.ceil(bytes * wordsPerByte) + 16),
  }
}

const archiveMagic = 8
const memberHeader = 60

/** Makes the indexes of the object or of the archive's members in `bytes`, which lie in the memory of the kernels. */
export function indexFile(bytes: Uint8Array, room: IndexRoom, { exported, cache }: Indexer): void {
  const { starts, facts, words } = room
  const survey = exported['surveyObject']!
  const index = exported['indexNames']!
  const most = starts.length - 1
  let count = 0
  let used = 0
  const add = (start: number, size: number): void => {
    const row = count * ObjectFact.width
    const needed = survey(bytes.byteOffset, start, size, facts.byteOffset, row)
    if (needed === odd || used + needed > words.length) return
    facts[row + ObjectFact.WordsAt] = used
    if (index(bytes.byteOffset, start, facts.byteOffset, row, words.byteOffset, cache.byteOffset) === 0) return
    starts[1 + count++] = start
    used += needed
  }
  if (isArchive(bytes)) {
    for (let at = archiveMagic; at + memberHeader <= bytes.length && count < most; ) {
      const size = decimal(bytes, at + 48, at + 58)
      const content = at + memberHeader
      if (size < 0 || size > bytes.length - content) break
      // Names of BSD archives stand in front of the contents: `#1/length`.
      const front = bytes[at] === 0x23 && bytes[at + 1] === 0x31 ? Math.max(0, decimal(bytes, at + 3, at + 16)) : 0
      if (front < size && bytes[content + front] === 0x7f) add(content + front, size - front)
      at = content + size + (size & 1)
    }
  } else if (bytes[0] === 0x7f) add(0, bytes.length)
  starts[0] = count
}

/** `!<arch>` and a line end; members of thin archives are files of their own. */
function isArchive(bytes: Uint8Array): boolean {
  const magic = '!<arch>\n'
  for (let i = 0; i < archiveMagic; i++) if (bytes[i] !== magic.charCodeAt(i)) return false
  return true
}

/** A number with spaces behind it; -1: something else. */
function decimal(bytes: Uint8Array, from: number, to: number): number {
  let value = 0
  let at = from
  for (; at < to && bytes[at]! >= 0x30 && bytes[at]! <= 0x39; at++) value = value * 10 + bytes[at]! - 0x30
  if (at === from) return -1
  for (; at < to; at++) if (bytes[at] !== 0x20) return -1
  return value
}

/** The indexes of a file as the loading stage asks for them. */
export function readIndex({ starts, facts, words }: IndexRoom): FileIndex {
  const count = starts[0]!
  // Objects are asked for one behind the other, nearly always.
  let next = 0
  return {
    columns: { facts, words },
    rowOf(start) {
      if (next >= count || starts[1 + next] !== start) next = placeOf(starts, count, start)
      return next < count && starts[1 + next] === start ? next++ * ObjectFact.width : -1
    },
  }
}

/** The first of the ascending starts that is not below `start`. */
function placeOf(starts: Int32Array, count: number, start: number): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >> 1
    if (starts[1 + middle]! < start) low = middle + 1
    else high = middle
  }
  return low
}
