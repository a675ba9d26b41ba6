/**
 * Order of byte strings read from their ends, which puts every string directly before a longer one that it ends.
 *
 * Three-way radix quicksort on four bytes at a time (Bentley and Sedgewick 1997): the next four bytes of each string are
 * kept beside its id, so a comparison touches no string. Works on columns; nothing is allocated per string.
 */

/** Strings to order, as columns by id. */
export interface ByteStrings {
  readonly sources: readonly Uint8Array[]
  readonly source: Int32Array
  readonly offset: Float64Array
  /** bytes that take part */
  readonly length: Uint32Array
}

/** Sorts `ids` in place: ascending by bytes from the end backwards, a string that ends another one before it. */
export function sortByEnds(strings: ByteStrings, ids: Int32Array): void {
  const keys = new Uint32Array(ids.length)
  // Parts still to be sorted: start, end, bytes already known to be equal.
  const stack: number[] = [0, ids.length, 0]
  while (stack.length > 0) {
    const depth = stack.pop()!
    const end = stack.pop()!
    const start = stack.pop()!
    if (end - start < 2) continue
    if (end - start < 12) {
      insertionSort(strings, ids, start, end, depth)
      continue
    }
    let longest = 0
    for (let i = start; i < end; i++) {
      keys[i] = keyAt(strings, ids[i]!, depth)
      const length = strings.length[ids[i]!]!
      if (length > longest) longest = length
    }
    if (longest <= depth) {
      // All bytes equal up to zeros at the front: only wide characters do this.
      ids.subarray(start, end).sort((a, b) => strings.length[a]! - strings.length[b]!)
      continue
    }
    partition(ids, keys, start, end, depth, stack)
  }
}

/** Quicksort by key down to runs of equal keys, which go on the stack with four more bytes. */
function partition(ids: Int32Array, keys: Uint32Array, from: number, to: number, depth: number, stack: number[]): void {
  const runs: number[] = [from, to]
  while (runs.length > 0) {
    const end = runs.pop()!
    const start = runs.pop()!
    if (end - start < 2) continue
    const pivot = median(keys[start]!, keys[(start + end) >> 1]!, keys[end - 1]!)
    let below = start
    let above = end
    for (let i = start; i < above; ) {
      const key = keys[i]!
      if (key < pivot) {
        keys[i] = keys[below]!
        keys[below] = key
        const id = ids[i]!
        ids[i++] = ids[below]!
        ids[below++] = id
      } else if (key > pivot) {
        above--
        keys[i] = keys[above]!
        keys[above] = key
        const id = ids[i]!
        ids[i] = ids[above]!
        ids[above] = id
      } else i++
    }
    if (above - below > 1) stack.push(below, above, depth + 4)
    runs.push(start, below, above, end)
  }
}

function median(a: number, b: number, c: number): number {
  return a < b ? (b < c ? b : a < c ? c : a) : a < c ? a : b < c ? c : b
}

/** Four bytes from `depth` bytes before the end, the one nearest the end first; zeros in front of the string. */
function keyAt(strings: ByteStrings, id: number, depth: number): number {
  const bytes = strings.sources[strings.source[id]!]!
  const rest = strings.length[id]! - depth
  const at = strings.offset[id]! + rest - 1
  if (rest >= 4) return ((bytes[at]! << 24) | (bytes[at - 1]! << 16) | (bytes[at - 2]! << 8) | bytes[at - 3]!) >>> 0
  let key = 0
  if (rest > 0) key = bytes[at]! << 24
  if (rest > 1) key |= bytes[at - 1]! << 16
  if (rest > 2) key |= bytes[at - 2]! << 8
  return key >>> 0
}

function insertionSort(strings: ByteStrings, ids: Int32Array, start: number, end: number, depth: number): void {
  for (let i = start + 1; i < end; i++) {
    const id = ids[i]!
    let j = i
    while (j > start && compareEnds(strings, ids[j - 1]!, id, depth) > 0) {
      ids[j] = ids[j - 1]!
      j--
    }
    ids[j] = id
  }
}

function compareEnds(strings: ByteStrings, a: number, b: number, depth: number): number {
  const left = strings.sources[strings.source[a]!]!
  const right = strings.sources[strings.source[b]!]!
  const leftLength = strings.length[a]!
  const rightLength = strings.length[b]!
  const leftEnd = strings.offset[a]! + leftLength - 1
  const rightEnd = strings.offset[b]! + rightLength - 1
  const shared = leftLength < rightLength ? leftLength : rightLength
  for (let i = depth; i < shared; i++) {
    const difference = left[leftEnd - i]! - right[rightEnd - i]!
    if (difference !== 0) return difference
  }
  return leftLength - rightLength
}

/** Does `longer` end with the bytes of `shorter`? */
export function endsWith(strings: ByteStrings, longer: number, shorter: number): boolean {
  const length = strings.length[shorter]!
  const more = strings.length[longer]! - length
  if (more <= 0) return false
  const left = strings.sources[strings.source[longer]!]!
  const right = strings.sources[strings.source[shorter]!]!
  let a = strings.offset[longer]! + more
  let b = strings.offset[shorter]!
  for (const end = b + length; b < end; a++, b++) if (left[a] !== right[b]) return false
  return true
}
