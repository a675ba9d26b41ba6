/**
 * Names by their bytes: hashing, and a hash table with open addressing whose entries hold the text themselves, so that a
 * look-up waits for two places in memory (slot, entry) and not for the file that brought the name first.
 */
import type { I32 } from './types.ts'

/** The columns of a NameTable (base/name-table.ts), made anew when it grows. */
export interface NameColumns {
  /** two words per slot: hash (0: the slot is free), word in `texts` where the entry begins (0 for a free slot) */
  readonly slots: Int32Array
  /** number of slots - 1, which is a power of two */
  readonly mask: I32
  /** entries, one behind the other from word 2 on: id, length in bytes, the text, zero bytes up to the next word */
  readonly texts: Int32Array
  /** by id: length in bytes */
  readonly lengths: Uint32Array
  /** by id: word in `texts` where the text begins */
  readonly starts: Int32Array
  /** number of names; words of `texts` in use; nothing of meaning */
  readonly counts: Int32Array
}

/** Places in NameColumns.counts. */
const nameCount = 0
const textWords = 1
const touchedWord = 2

/** Words of an entry in front of its text. */
export const entryHead = 2

/** Odd numbers whose bits look random. */
const firstSeed = 0x2545f491
const secondSeed = -0x3c6ef373
const firstMixer = -0x61c88647
const secondMixer = -0x7a143589

/** four times the byte 0x40, `@` */
const versionMarks = 0x40404040
const ones = 0x01010101
const highBits = -0x7f7f7f80

/**
 * Finds the end of the name at `at` and its hash: its length and its hash (never 0) go to `result` at `place`.
 *
 * @param limit offset behind the string table; a name that has no NUL before it ends there
 * @param markPlace where bits of `result` are set when the name has an `@` (and seldom when it has none)
 */
export function hashName(view: DataView, at: I32, limit: I32, result: Int32Array, place: I32, markPlace: I32): void {
  let first = firstSeed
  let second = secondSeed
  let from = at
  let marks = 0
  // Two chains of multiplications side by side: each waits for itself alone.
  while (from <= limit - 8) {
    const low = view.getInt32(from, true)
    const high = view.getInt32(from + 4, true)
    const zeros = (((low - ones) | 0) & ~low) | (((high - ones) | 0) & ~high)
    if ((zeros & highBits) !== 0) break
    const lowMarks = low ^ versionMarks
    const highMarks = high ^ versionMarks
    marks |= (((lowMarks - ones) | 0) & ~lowMarks) | (((highMarks - ones) | 0) & ~highMarks)
    first = Math.imul(first ^ low, firstMixer)
    first ^= first >>> 15
    second = Math.imul(second ^ high, secondMixer)
    second ^= second >>> 15
    from += 8
  }
  // Fewer than 8 bytes are left of the name.
  let rest = 0
  let shift = 0
  let ended = false
  if (from <= limit - 4) {
    const word = view.getInt32(from, true)
    const zeros = ((word - ones) | 0) & ~word & highBits
    if (zeros === 0) {
      const wordMarks = word ^ versionMarks
      marks |= ((wordMarks - ones) | 0) & ~wordMarks
      first = Math.imul(first ^ word, firstMixer)
      first ^= first >>> 15
      from += 4
    } else {
      // bits in front of the first zero byte
      const kept = 24 - Math.clz32(zeros & -zeros)
      rest = word & ((1 << kept) - 1)
      from += kept >> 3
      ended = true
    }
  }
  while (!ended && from < limit) {
    const byte = view.getUint8(from)
    if (byte === 0) ended = true
    else {
      rest |= byte << shift
      shift += 8
      from++
    }
  }
  const restMarks = rest ^ versionMarks
  marks |= ((restMarks - ones) | 0) & ~restMarks
  if (rest !== 0) second = Math.imul(second ^ rest, secondMixer)
  let hash = Math.imul(first ^ (second >>> 16) ^ (second << 16), firstMixer)
  hash ^= hash >>> 15
  result[place] = from - at
  result[place + 1] = hash === 0 ? 1 : hash
  result[markPlace]! |= marks & highBits
}

/** Do the `length` bytes at `at` stand in the entry? */
function sameName(texts: Int32Array, entry: I32, view: DataView, at: I32, length: I32): boolean {
  if (texts[entry + 1]! !== length) return false
  let word = entry + entryHead
  let from = at
  const end = at + length
  while (from <= end - 4) {
    if (view.getInt32(from, true) !== texts[word]!) return false
    from += 4
    word++
  }
  if (from === end) return true
  let rest = 0
  let shift = 0
  while (from < end) {
    rest |= view.getUint8(from) << shift
    shift += 8
    from++
  }
  return rest === texts[word]!
}

/** A new entry in a free slot. There must be room. */
function enterName(names: NameColumns, slot: I32, view: DataView, at: I32, length: I32, hash: I32): I32 {
  const { slots, texts, lengths, starts, counts } = names
  const id = counts[nameCount]!
  const entry = counts[textWords]!
  slots[slot * 2] = hash
  slots[slot * 2 + 1] = entry
  texts[entry] = id
  texts[entry + 1] = length
  lengths[id] = length
  let word = entry + entryHead
  starts[id] = word
  let from = at
  const end = at + length
  while (from <= end - 4) {
    texts[word] = view.getInt32(from, true)
    from += 4
    word++
  }
  if (from < end) {
    let rest = 0
    let shift = 0
    while (from < end) {
      rest |= view.getUint8(from) << shift
      shift += 8
      from++
    }
    texts[word] = rest
    word++
  }
  counts[nameCount] = id + 1
  counts[textWords] = word
  return id
}

/** Words of `texts` that the entry of a name of `length` bytes takes. */
export function entryWords(length: I32): I32 {
  return entryHead + ((length + 3) >> 2)
}

/** Id of the name of `length` bytes at `at`, or -1. */
export function findName(names: NameColumns, view: DataView, at: I32, length: I32, hash: I32): I32 {
  const { slots, mask, texts } = names
  let slot = hash & mask
  for (;;) {
    const found = slots[slot * 2]!
    if (found === 0) return -1
    if (found === hash) {
      const entry = slots[slot * 2 + 1]!
      if (sameName(texts, entry, view, at, length)) return texts[entry]!
    }
    slot = (slot + 1) & mask
  }
}

/** Id of the name, which is entered when it is new: there must be room for it. */
export function internName(names: NameColumns, view: DataView, at: I32, length: I32, hash: I32): I32 {
  const { slots, mask, texts } = names
  let slot = hash & mask
  for (;;) {
    const found = slots[slot * 2]!
    if (found === 0) return enterName(names, slot, view, at, length, hash)
    if (found === hash) {
      const entry = slots[slot * 2 + 1]!
      if (sameName(texts, entry, view, at, length)) return texts[entry]!
    }
    slot = (slot + 1) & mask
  }
}

/**
 * Enters `count` names that stand one behind the other, each with a zero byte behind it. There must be room for them.
 *
 * @param ids receives their ids
 * @param scratch three words to work with
 * @returns false when they do not end before `end`
 */
export function enterSequence(
  names: NameColumns,
  view: DataView,
  start: I32,
  end: I32,
  count: I32,
  ids: Int32Array,
  scratch: Int32Array,
): boolean {
  let at = start
  for (let i = 0; i < count; i++) {
    if (at >= end) return false
    hashName(view, at, end, scratch, 0, 2)
    ids[i] = internName(names, view, at, scratch[0]!, scratch[1]!)
    at += scratch[0]! + 1
  }
  return at <= end
}

/** bytes that come into the cache together */
const lineBytes = 64

/** Words that `texts` has behind its last entry, at least. */
export const behindTexts = 16

/** Names whose places in memory are asked for together, so that the processor waits for many at once. */
export const touchedTogether = 32

/**
 * Asks for the slots and entries of names, and for the names themselves. Pairs of length and hash stand in `pairs` from
 * `place` on, one behind the other; a name whose length is negative is passed over. Offsets of the names stand every `stride`
 * bytes of the view, the first at `at`.
 *
 * @param strings what is added to an offset
 * @param last offset of the last byte of the string table, which no name begins behind
 * @param count at most as many as there are pairs and offsets
 */
export function touchNames(
  names: NameColumns,
  pairs: Int32Array,
  place: I32,
  count: I32,
  view: DataView,
  at: I32,
  stride: I32,
  strings: I32,
  last: I32,
): void {
  const { slots, mask, texts, counts } = names
  const end = place + count * 2
  let touched = 0
  let from = at
  for (let pair = place; pair < end; pair += 2) {
    if (pairs[pair]! >= 0) {
      const name = strings + view.getInt32(from, true)
      touched ^= slots[(pairs[pair + 1]! & mask) * 2]!
      touched ^= view.getUint8(name) ^ view.getUint8(Math.min(name + lineBytes, last))
    }
    from += stride
  }
  for (let pair = place; pair < end; pair += 2) {
    if (pairs[pair]! >= 0) {
      const entry = slots[(pairs[pair + 1]! & mask) * 2 + 1]!
      touched ^= texts[entry]! ^ texts[entry + behindTexts]!
    }
  }
  counts[touchedWord] = touched
}
