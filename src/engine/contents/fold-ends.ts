/** Tail merging: which strings are the ends of others. */
import type { FoldWork } from '../../host.ts'
import { type ByteStrings, endsWith, sortByEnds } from './suffix-order.ts'

/**
 * Finds strings that end others. Each is compared with the string behind it in the order of reversed bytes that was not
 * itself folded; where alignments differ this may miss a chance, and it misses the same ones as GNU ld.
 * @param ids is sorted
 * @param whole receives, by id, the string that this one is the end of
 */
export function foldEnds(
  strings: ByteStrings,
  ids: Int32Array,
  aligns: Uint32Array,
  entsize: number,
  whole: Int32Array,
): void {
  sortForFolding(strings, ids, aligns, entsize)
  const { length } = strings
  let last = -1
  for (let i = ids.length - 1; i >= 0; i--) {
    const id = ids[i]!
    const align = aligns[id]!
    if (
      last >= 0 &&
      aligns[last]! >= align &&
      (length[last]! - length[id]!) % align === 0 &&
      endsWith(strings, last, id)
    )
      whole[id] = last
    else last = id
  }
}

/** The same for strings that are numbered from 0: what another thread is given. */
export function foldAll(work: FoldWork): void {
  const ids = Int32Array.from(work.whole.keys())
  foldEnds(work, ids, work.align, work.entsize, work.whole)
}

/** Where all strings have one alignment larger than a character, those whose lengths fit together come together. */
function sortForFolding(strings: ByteStrings, ids: Int32Array, aligns: Uint32Array, entsize: number): void {
  if (ids.length === 0) return
  const align = aligns[ids[0]!]!
  let isUniform = align > entsize
  for (let i = 1; i < ids.length && isUniform; i++) isUniform = aligns[ids[i]!] === align
  if (!isUniform) {
    sortByEnds(strings, ids)
    return
  }
  const byRemainder: number[][] = Array.from({ length: Math.min(align, 4096) }, () => [])
  for (const id of ids) byRemainder[strings.length[id]! % byRemainder.length]!.push(id)
  let at = 0
  for (const some of byRemainder) {
    ids.set(some, at)
    sortByEnds(strings, ids.subarray(at, at + some.length))
    at += some.length
  }
}
