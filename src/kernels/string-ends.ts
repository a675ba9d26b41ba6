/**
 * Tail merging: which strings are the ends of others.
 *
 * Strings are ordered by their bytes read from the end, which puts every string directly before a longer one that it ends:
 * multikey quicksort on four bytes at a time (Bentley and Sedgewick 1997), which are kept beside the id of the string, so
 * that most comparisons touch no string. Strings that cannot end each other come in *buckets*, which any thread may take.
 */
import type { I32, U32 } from './types.ts'

/** parts of fewer strings are sorted by insertion */
const fewStrings = 12

export interface EndRecord {
  readonly views: readonly DataView[]
  readonly entrySource: Int32Array
  readonly entryOffset: Uint32Array
  /** bytes with the character that ends the string, which takes no part in the order */
  readonly entryLength: Uint32Array
  readonly entryAlign: Uint32Array
  /** result: entry that this one is the end of, or -1 */
  readonly entryWhole: Int32Array
  /** entries, bucket by bucket; sorted by `foldBucket` */
  readonly ids: Int32Array
  /** by place in `ids`: four bytes of the string */
  readonly keys: Uint32Array
  /** two words per place in `ids`: parts of a bucket still to be sorted */
  readonly parts: Int32Array
  // by bucket
  readonly bucketStart: Int32Array
  readonly bucketEnd: Int32Array
  /** bytes of a character */
  readonly bucketCharacter: Uint32Array
}

/** Strings that are to be dealt out. */
export interface ClassRecord {
  readonly views: readonly DataView[]
  readonly entrySource: Int32Array
  readonly entryOffset: Uint32Array
  readonly entryLength: Uint32Array
  readonly ids: Int32Array
}

/**
 * Class of a string: two of different classes do not end each other, but for the empty string.
 * @param remainder > 0: remainder of the length modulo this; 0: 1 + last byte, 0 for the empty string
 */
function classOf(record: ClassRecord, entry: I32, character: U32, remainder: U32): I32 {
  const { views, entrySource, entryOffset, entryLength } = record
  const length = entryLength[entry]! - character
  if (remainder > 0) return (length % remainder) | 0
  if (length === 0) return 0
  return views[entrySource[entry]!]!.getUint8(entryOffset[entry]! + length - 1) + 1
}

/** Counts the entries of each class among `listed[from]` to `listed[to - 1]`. */
export function countClasses(
  record: ClassRecord,
  listed: Int32Array,
  from: I32,
  to: I32,
  character: U32,
  remainder: U32,
  counts: Int32Array,
): void {
  for (let i = from; i < to; i++) {
    const kind = classOf(record, listed[i]!, character, remainder)
    counts[kind] = counts[kind]! + 1
  }
}

/** Puts the entries `listed[from]` to `listed[to - 1]` into `ids`; `next` says, by class, where its next one goes. */
export function spreadClasses(
  record: ClassRecord,
  listed: Int32Array,
  from: I32,
  to: I32,
  character: U32,
  remainder: U32,
  next: Int32Array,
): void {
  const { ids } = record
  for (let i = from; i < to; i++) {
    const entry = listed[i]!
    const kind = classOf(record, entry, character, remainder)
    ids[next[kind]!] = entry
    next[kind] = next[kind]! + 1
  }
}

/**
 * Finds the strings of a bucket that end others. Each is compared with the string behind it in the order that was not
 * itself folded; where alignments differ this may miss a chance, and it misses the same ones as GNU ld.
 */
export function foldBucket(record: EndRecord, bucket: I32): void {
  const { ids, entryLength, entryAlign, entryWhole, bucketStart, bucketEnd, bucketCharacter } = record
  const start = bucketStart[bucket]!
  const end = bucketEnd[bucket]!
  if (end - start < 2) return
  sortByEnds(record, start, end, bucketCharacter[bucket]!)
  let last = ids[end - 1]!
  for (let i = end - 2; i >= start; i--) {
    const id = ids[i]!
    const align = entryAlign[id]!
    if (
      entryAlign[last]! >= align &&
      entryLength[last]! > entryLength[id]! &&
      (entryLength[last]! - entryLength[id]!) % align === 0 &&
      endsWith(record, last, id)
    )
      entryWhole[id] = last
    else last = id
  }
}

/** Does `longer` end with the bytes of `shorter`? Ends of one set are equal, so they may be compared, too. */
function endsWith(record: EndRecord, longer: I32, shorter: I32): boolean {
  const { views, entrySource, entryOffset, entryLength } = record
  const left = views[entrySource[longer]!]!
  const right = views[entrySource[shorter]!]!
  let b = entryOffset[shorter]!
  const end = b + entryLength[shorter]!
  let a = entryOffset[longer]! + entryLength[longer]! - entryLength[shorter]!
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

/** Sorts `ids[start]` to `ids[end - 1]`: ascending by bytes from the end backwards, a string that ends another before it. */
function sortByEnds(record: EndRecord, start: I32, end: I32, character: U32): void {
  const { ids, keys, parts, entryLength } = record
  // Three words each: start, end, bytes known to be equal; their complement where keys have to be read. Parts do not
  // overlap and have two strings at least, so two words per string are enough.
  const bottom = start * 2
  let top = pushPart(parts, bottom, start, end, -1)
  while (top > bottom) {
    top -= 3
    const from = parts[top]!
    const to = parts[top + 1]!
    let depth = parts[top + 2]!
    const needsKeys = depth < 0
    if (needsKeys) depth = ~depth
    if (to - from < fewStrings) {
      insertionSort(record, from, to, depth >>> 0, character)
      continue
    }
    if (needsKeys) {
      let longest: U32 = 0
      for (let i = from; i < to; i++) {
        keys[i] = keyAt(record, ids[i]!, depth >>> 0, character)
        const length = entryLength[ids[i]!]! - character
        if (length > longest) longest = length
      }
      if (longest <= depth >>> 0) {
        // All bytes equal up to zeros at the front: only wide characters might do this.
        insertionSort(record, from, to, depth >>> 0, character)
        continue
      }
    }
    const pivot = median(keys[from]!, keys[(from + to) >> 1]!, keys[to - 1]!)
    let below = from
    let above = to
    for (let i = from; i < above; ) {
      const key = keys[i]!
      const id = ids[i]!
      if (key < pivot) {
        keys[i] = keys[below]!
        keys[below] = key
        ids[i] = ids[below]!
        ids[below] = id
        below++
        i++
      } else if (key > pivot) {
        above--
        keys[i] = keys[above]!
        keys[above] = key
        ids[i] = ids[above]!
        ids[above] = id
      } else i++
    }
    top = pushPart(parts, top, below, above, ~(depth + 4))
    top = pushPart(parts, top, from, below, depth)
    top = pushPart(parts, top, above, to, depth)
  }
}

function pushPart(parts: Int32Array, top: I32, from: I32, to: I32, depth: I32): I32 {
  if (to - from < 2) return top
  parts[top] = from
  parts[top + 1] = to
  parts[top + 2] = depth
  return top + 3
}

function median(a: U32, b: U32, c: U32): U32 {
  if (a < b) return b < c ? b : a < c ? c : a
  return a < c ? a : b < c ? c : b
}

/** Four bytes from `depth` bytes before the end, the one nearest the end first; zeros in front of the string. */
function keyAt(record: EndRecord, entry: I32, depth: U32, character: U32): U32 {
  const view = record.views[record.entrySource[entry]!]!
  const length = record.entryLength[entry]! - character
  if (length <= depth) return 0
  const rest = length - depth
  const start = record.entryOffset[entry]!
  if (rest >= 4) return view.getUint32(start + rest - 4, true)
  let key = view.getUint8(start + rest - 1) << 24
  if (rest > 1) key |= view.getUint8(start + rest - 2) << 16
  if (rest > 2) key |= view.getUint8(start + rest - 3) << 8
  return key >>> 0
}

function insertionSort(record: EndRecord, start: I32, end: I32, depth: U32, character: U32): void {
  const { ids } = record
  for (let i = start + 1; i < end; i++) {
    const id = ids[i]!
    let j = i
    while (j > start && isBehind(record, ids[j - 1]!, id, depth, character)) {
      ids[j] = ids[j - 1]!
      j--
    }
    ids[j] = id
  }
}

/** Does `a` come behind `b`? `depth` bytes are known to be equal, where both have them. */
function isBehind(record: EndRecord, a: I32, b: I32, depth: U32, character: U32): boolean {
  const { views, entrySource, entryOffset, entryLength } = record
  const left = views[entrySource[a]!]!
  const right = views[entrySource[b]!]!
  const leftLength = entryLength[a]! - character
  const rightLength = entryLength[b]! - character
  const leftEnd = entryOffset[a]! + leftLength
  const rightEnd = entryOffset[b]! + rightLength
  const shared = Math.min(leftLength, rightLength)
  for (let i = depth; i < shared; i++) {
    const first = left.getUint8(leftEnd - i - 1)
    const second = right.getUint8(rightEnd - i - 1)
    if (first !== second) return first > second
  }
  return leftLength > rightLength
}
