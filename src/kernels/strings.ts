/**
 * Merging: sections of strings and constants are cut into pieces, and pieces with equal bytes share an entry.
 *
 * A *row* is a section that merges, in the order of the link; sections of one *set* share their entries. Offsets of bytes in
 * a source are below 4 GiB. Callers have checked that every section lies in its source.
 */
import type { F64, I32, U32 } from './types.ts'

/** A block of so many bytes of a section names the piece that holds its first byte. */
export const blockBytes = 32
/** pieces or entries that one call does at most */
export const stringBatch = 4096

/** Places of `progress`. */
export const Progress = { Row: 0, Piece: 1, Entries: 2, Slots: 3 } as const

/** bits 7, 15, 23, 31 */
const highBits = -0x7f7f7f80
const hashSeed = 0x2545f491
const hashFactor = -0x61c8864f

/** Sections that merge, by row. */
export interface MergeRows {
  /** files, then the last strings of sections that lack their end: copies that have one */
  readonly bytes: readonly Uint8Array[]
  readonly views: readonly DataView[]
  readonly source: Int32Array
  /** offset of the section in its source */
  readonly base: Uint32Array
  /** bytes of whole pieces: without a last string that lacks its end */
  readonly size: Uint32Array
  /** bytes of a character or of a constant */
  readonly entsize: Uint32Array
  readonly isStrings: Uint8Array
  /** source of the last string when it lacks its end, else -1; its bytes, with an end */
  readonly tail: Int32Array
  readonly tailLength: Uint32Array
  /** result */
  readonly pieceCount: Int32Array
}

/** Counts the pieces of a row. */
export function countPieces(rows: MergeRows, row: I32): void {
  const { source, base, size, entsize, isStrings, tail, pieceCount } = rows
  const start = base[row]!
  const end = start + size[row]!
  const character = entsize[row]!
  let count: I32 = tail[row]! < 0 ? 0 : 1
  if (isStrings[row]! === 0) count += (size[row]! / character) | 0
  else if (character === 1) count += countZeros(rows.bytes[source[row]!]!, rows.views[source[row]!]!, start, end)
  else {
    const bytes = rows.bytes[source[row]!]!
    for (let at = start; at < end; at += character) if (isZero(bytes, at, character)) count++
  }
  pieceCount[row] = count
}

function countZeros(bytes: Uint8Array, view: DataView, start: U32, end: U32): I32 {
  let count: I32 = 0
  let at = start
  for (; at + 4 <= end; at += 4) {
    const word = view.getInt32(at, true)
    if ((((word - 0x01010101) | 0) & ~word & highBits) === 0) continue
    if ((word & 0xff) === 0) count++
    if ((word & 0xff00) === 0) count++
    if ((word & 0xff0000) === 0) count++
    if (word >>> 24 === 0) count++
  }
  for (; at < end; at++) if (bytes[at]! === 0) count++
  return count
}

function isZero(bytes: Uint8Array, at: U32, count: U32): boolean {
  for (let i: U32 = 0; i < count; i++) if (bytes[at + i]! !== 0) return false
  return true
}

export interface PieceColumns extends MergeRows {
  // by row
  readonly firstPiece: Int32Array
  readonly firstBlock: Int32Array
  readonly blockCount: Int32Array
  readonly set: Int32Array
  /** alignment of the section, bytes */
  readonly align: Uint32Array
  /** by piece: offset in its section */
  readonly pieceStart: Uint32Array
  /** by piece: hash of its bytes; when it is entered, its entry */
  readonly pieceEntry: Int32Array
  readonly blocks: Int32Array
  // entries: distinct pieces of a set
  readonly entrySource: Int32Array
  readonly entryOffset: Uint32Array
  readonly entryLength: Uint32Array
  readonly entryHash: Int32Array
  readonly entrySet: Int32Array
  readonly entryAlign: Uint32Array
  /** entry that this one is the end of, or -1 */
  readonly entryWhole: Int32Array
  /** hash (0: free) and entry; the first `progress[Slots]` slots, a power of two, are in use */
  readonly slots: Int32Array
  /** by set: entries */
  readonly setCount: Int32Array
  /** see Progress */
  readonly progress: Int32Array
}

/** Cuts a row into pieces and hashes them. */
export function splitPieces(record: PieceColumns, row: I32): void {
  const { source, base, size, entsize, isStrings, tail, tailLength, firstPiece, pieceCount } = record
  const from = source[row]!
  const start = base[row]!
  const end = start + size[row]!
  const character = entsize[row]!
  const first = firstPiece[row]!
  let next = first
  if (isStrings[row]! === 0) next = splitConstants(record, from, start, end, character, first)
  else if (character === 1) next = splitNarrow(record, from, start, end, first)
  else next = splitWide(record, from, start, end, character, first)
  if (tail[row]! >= 0 && next < first + pieceCount[row]!) {
    record.pieceStart[next] = end - start
    const length = tailLength[row]!
    record.pieceEntry[next] =
      character === 1
        ? hashNarrow(record.bytes[tail[row]!]!, length - 1)
        : hashRange(record.bytes[tail[row]!]!, record.views[tail[row]!]!, 0, length)
  }
  indexBlocks(record, row)
}

/** Every zero ends a string: zeros that pad up to the next aligned string are empty strings, as GNU ld has it. */
function splitNarrow(record: PieceColumns, source: I32, start: U32, end: U32, first: I32): I32 {
  const { pieceStart, pieceEntry } = record
  const bytes = record.bytes[source]!
  const view = record.views[source]!
  let piece = first
  let at = start
  while (at < end) {
    pieceStart[piece] = at - start
    // Four bytes at a time until one of them is zero.
    let hash: I32 = hashSeed
    let zeros: I32 = 0
    let rest: I32 = 0
    while (at + 4 <= end) {
      rest = view.getInt32(at, true)
      zeros = ((rest - 0x01010101) | 0) & ~rest & highBits
      if (zeros !== 0) break
      hash = Math.imul(hash ^ rest, hashFactor)
      hash ^= hash >>> 15
      at += 4
    }
    if (zeros !== 0) {
      // Only the lowest bit surely marks a zero.
      const bits = (31 - Math.clz32(zeros & -zeros)) & 24
      rest &= (1 << bits) - 1
      at += (bits >>> 3) + 1
    } else {
      rest = 0
      let bits: I32 = 0
      while (at < end && bytes[at]! !== 0) {
        rest |= bytes[at]! << bits
        bits += 8
        at++
      }
      at++
    }
    hash = Math.imul(hash ^ rest, hashFactor)
    pieceEntry[piece] = hash ^ (hash >>> 15)
    piece++
  }
  return piece
}

/** The hash of splitNarrow; `length` does not count the zero. */
function hashNarrow(bytes: Uint8Array, length: U32): I32 {
  let hash: I32 = hashSeed
  let rest: I32 = 0
  for (let i: U32 = 0; i < length; i++) {
    rest |= bytes[i]! << ((i & 3) << 3)
    if ((i & 3) === 3) {
      hash = Math.imul(hash ^ rest, hashFactor)
      hash ^= hash >>> 15
      rest = 0
    }
  }
  hash = Math.imul(hash ^ rest, hashFactor)
  return hash ^ (hash >>> 15)
}

function splitWide(record: PieceColumns, source: I32, start: U32, end: U32, character: U32, first: I32): I32 {
  const { pieceStart, pieceEntry } = record
  const bytes = record.bytes[source]!
  const view = record.views[source]!
  let piece = first
  let at = start
  while (at < end) {
    let stop = at
    while (stop < end && !isZero(bytes, stop, character)) stop += character
    stop = Math.min(end, stop + character)
    pieceStart[piece] = at - start
    pieceEntry[piece] = hashRange(bytes, view, at, stop - at)
    piece++
    at = stop
  }
  return piece
}

function splitConstants(record: PieceColumns, source: I32, start: U32, end: U32, entsize: U32, first: I32): I32 {
  const { pieceStart, pieceEntry } = record
  const bytes = record.bytes[source]!
  const view = record.views[source]!
  let piece = first
  for (let at = start; at < end; at += entsize) {
    pieceStart[piece] = at - start
    pieceEntry[piece] = hashRange(bytes, view, at, entsize)
    piece++
  }
  return piece
}

function hashRange(bytes: Uint8Array, view: DataView, start: U32, length: U32): I32 {
  const end = start + length
  let hash: I32 = hashSeed
  let at = start
  for (; at + 4 <= end; at += 4) {
    hash = Math.imul(hash ^ view.getInt32(at, true), hashFactor)
    hash ^= hash >>> 15
  }
  let rest: I32 = 0
  for (; at < end; at++) rest = (rest << 8) | bytes[at]!
  hash = Math.imul(hash ^ rest, hashFactor)
  return hash ^ (hash >>> 15)
}

function indexBlocks(record: PieceColumns, row: I32): void {
  const { pieceStart, blocks, firstPiece, pieceCount, firstBlock, blockCount } = record
  const count = blockCount[row]!
  const first = firstBlock[row]!
  let piece = firstPiece[row]!
  const last = piece + pieceCount[row]! - 1
  let start: U32 = 0
  for (let block: I32 = 0; block < count; block++) {
    while (piece < last && pieceStart[piece + 1]! <= start) piece++
    blocks[first + block] = piece
    start += blockBytes
  }
}

/**
 * Enters pieces in their order, as many as one call may do, and goes on where the call before ended: false when there is
 * none left. A piece found again keeps its place in the order and the largest of its alignments.
 */
export function enterPieces(record: PieceColumns, rowCount: I32): boolean {
  const { firstPiece, pieceCount, progress } = record
  let left: I32 = stringBatch
  let row = progress[Progress.Row]!
  while (row < rowCount && left > 0) {
    const end = firstPiece[row]! + pieceCount[row]!
    const from = Math.max(firstPiece[row]!, progress[Progress.Piece]!)
    const to = Math.min(end, from + left)
    enterRow(record, row, from, to)
    left -= to - from
    progress[Progress.Piece] = to
    if (to === end) row++
  }
  progress[Progress.Row] = row
  return row < rowCount
}

function enterRow(record: PieceColumns, row: I32, from: I32, to: I32): void {
  const { source, base, size, entsize, isStrings, tail, tailLength, firstPiece, pieceCount, set, align } = record
  const { pieceStart, pieceEntry } = record
  const start = base[row]!
  const end = size[row]!
  const largest = align[row]!
  const last = firstPiece[row]! + pieceCount[row]! - 1
  for (let piece = from; piece < to; piece++) {
    const offset = pieceStart[piece]!
    const code = pieceEntry[piece]!
    let home = source[row]!
    let at = start + offset
    let length = entsize[row]!
    if (isStrings[row]! !== 0) {
      if (piece === last && tail[row]! >= 0) {
        home = tail[row]!
        at = 0
        length = tailLength[row]!
      } else length = (piece === last ? end : pieceStart[piece + 1]!) - offset
    }
    const aligned = isStrings[row]! === 0 ? largest : alignmentAt(offset, largest)
    pieceEntry[piece] = enter(record, set[row]!, home, at, length, code, aligned)
  }
}

/** Largest power of two that divides the offset, at most `largest`. */
function alignmentAt(offset: U32, largest: U32): U32 {
  const bits = offset | 0
  const align = (bits & -bits) >>> 0
  return align === 0 || align > largest ? largest : align
}

function enter(record: PieceColumns, set: I32, source: I32, offset: U32, length: U32, code: I32, align: U32): I32 {
  const { slots, progress, views, entrySource, entryOffset, entryLength, entrySet, entryAlign } = record
  const mixed = code ^ Math.imul(set + 1, hashFactor)
  const hash = Math.imul(mixed ^ (mixed >>> 16), -0x7a143595) | 1
  let mask = progress[Progress.Slots]! - 1
  let slot = (hash >>> 7) & mask
  while (slots[slot * 2]! !== 0) {
    if (slots[slot * 2]! === hash) {
      const known = slots[slot * 2 + 1]!
      if (
        entryLength[known]! === length &&
        entrySet[known]! === set &&
        isSame(views[entrySource[known]!]!, entryOffset[known]!, views[source]!, offset, length)
      ) {
        if (align > entryAlign[known]!) entryAlign[known] = align
        return known
      }
    }
    slot = (slot + 1) & mask
  }
  const entry = progress[Progress.Entries]!
  if (entry * 2 > mask) {
    growSlots(record)
    mask = progress[Progress.Slots]! - 1
    slot = (hash >>> 7) & mask
    while (slots[slot * 2]! !== 0) slot = (slot + 1) & mask
  }
  progress[Progress.Entries] = entry + 1
  slots[slot * 2] = hash
  slots[slot * 2 + 1] = entry
  entrySource[entry] = source
  entryOffset[entry] = offset
  entryLength[entry] = length
  record.entryHash[entry] = hash
  entrySet[entry] = set
  entryAlign[entry] = align
  record.entryWhole[entry] = -1
  record.setCount[set] = record.setCount[set]! + 1
  return entry
}

/** Doubles the slots in use; there is room for twice as many slots as pieces. */
function growSlots(record: PieceColumns): void {
  const { slots, progress, entryHash } = record
  const count = progress[Progress.Slots]! * 2
  const entries = progress[Progress.Entries]!
  for (let i: I32 = 0; i < count; i++) slots[i] = 0
  for (let entry: I32 = 0; entry < entries; entry++) {
    const hash = entryHash[entry]!
    let slot = (hash >>> 7) & (count - 1)
    while (slots[slot * 2]! !== 0) slot = (slot + 1) & (count - 1)
    slots[slot * 2] = hash
    slots[slot * 2 + 1] = entry
  }
  progress[Progress.Slots] = count
}

function isSame(left: DataView, from: U32, right: DataView, at: U32, length: U32): boolean {
  let a = from
  let b = at
  const end = b + length
  for (; b + 4 <= end; b += 4) {
    if (left.getInt32(a, true) !== right.getInt32(b, true)) return false
    a += 4
  }
  for (; b < end; b++) {
    if (left.getUint8(a) !== right.getUint8(b)) return false
    a++
  }
  return true
}

/** Puts the entries `from` to `to - 1` into the lists of their sets; `next` says, by set, where its next one goes. */
export function listEntries(entrySet: Int32Array, listed: Int32Array, next: Int32Array, from: I32, to: I32): void {
  for (let entry = from; entry < to; entry++) {
    const at = next[entrySet[entry]!]!
    listed[at] = entry
    next[entrySet[entry]!] = at + 1
  }
}

export interface PlacedEntries {
  readonly views: readonly DataView[]
  readonly entrySource: Int32Array
  readonly entryOffset: Uint32Array
  readonly entryLength: Uint32Array
  readonly entryAlign: Uint32Array
  readonly entryWhole: Int32Array
  /** offset among what the set keeps, bytes */
  readonly entryPlace: Float64Array
  /** entries, set by set, in order of first appearance */
  readonly listed: Int32Array
  /** one element: bytes that the set keeps */
  readonly end: Float64Array
}

/** Gives the listed entries `from` to `to - 1` that are no ends of others their places behind `end`. */
export function placeEntries(record: PlacedEntries, from: I32, to: I32): void {
  const { entryLength, entryAlign, entryWhole, entryPlace, listed, end } = record
  let size = end[0]!
  for (let i = from; i < to; i++) {
    const entry = listed[i]!
    if (entryWhole[entry]! >= 0) continue
    const align = entryAlign[entry]! as F64
    size = Math.floor((size + align - 1) / align) * align
    entryPlace[entry] = size
    size += entryLength[entry]!
  }
  end[0] = size
}

/** Gives those that are ends of others their places, when the others have theirs. */
export function placeEnds(record: PlacedEntries, from: I32, to: I32): void {
  const { entryLength, entryWhole, entryPlace, listed } = record
  for (let i = from; i < to; i++) {
    const entry = listed[i]!
    const whole = entryWhole[entry]!
    if (whole >= 0) entryPlace[entry] = entryPlace[whole]! + entryLength[whole]! - entryLength[entry]!
  }
}

/** Writes the listed entries `from` to `to - 1` that are kept; `at`: where the set begins in `out`. */
export function writeEntries(record: PlacedEntries, from: I32, to: I32, out: DataView, at: U32): void {
  const { views, entrySource, entryOffset, entryLength, entryWhole, entryPlace, listed } = record
  for (let i = from; i < to; i++) {
    const entry = listed[i]!
    if (entryWhole[entry]! >= 0) continue
    const view = views[entrySource[entry]!]!
    let place = at + (entryPlace[entry]! >>> 0)
    let byte = entryOffset[entry]!
    const end = byte + entryLength[entry]!
    for (; byte + 4 <= end; byte += 4) {
      out.setInt32(place, view.getInt32(byte, true), true)
      place += 4
    }
    for (; byte < end; byte++) {
      out.setUint8(place, view.getUint8(byte))
      place++
    }
  }
}

/**
 * Where the bytes of merged sections went: for whoever relocates against a section symbol and an addend. `rowOf` says by
 * section id which row it has, -1: it does not merge. What is merged stands at the place of section `home[row]`.
 */
export interface MovedOffsets {
  readonly rowOf: Int32Array
  // by row
  readonly home: Int32Array
  /** bytes of the section as it was read */
  readonly sectionSize: Float64Array
  /** bytes of everything that stands at `home` */
  readonly homeSize: Float64Array
  readonly firstBlock: Int32Array
  readonly lastPiece: Int32Array
  /** by block of blockBytes: the piece that holds its first byte */
  readonly blocks: Int32Array
  readonly pieceStart: Uint32Array
  readonly pieceEntry: Int32Array
  readonly entryPlace: Float64Array
}

/** Offset in section `home[row]` of byte `offset` of a row; a byte behind the end moves to the end. */
export function movedOffset(moved: MovedOffsets, row: I32, offset: F64): F64 {
  const { sectionSize, homeSize, firstBlock, lastPiece, blocks, pieceStart, pieceEntry, entryPlace } = moved
  const size = sectionSize[row]!
  if (!(offset >= 0)) return offset
  if (offset >= size) return homeSize[row]! + (offset - size)
  const at = offset >>> 0
  let piece = blocks[firstBlock[row]! + ((at >>> 5) | 0)]!
  const last = lastPiece[row]!
  while (piece < last && pieceStart[piece + 1]! <= at) piece++
  return entryPlace[pieceEntry[piece]!]! + ((at - pieceStart[piece]!) as F64)
}
