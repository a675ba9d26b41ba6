/** Tail merging: which strings are the ends of others. Strings are dealt out to buckets, and threads sort those. */
import type { Compute } from '../../kernels/compute.ts'
import type { ClassRecord } from '../../kernels/string-ends.ts'
import { stringBatch } from '../../kernels/strings.ts'

/** Sets of so many strings are dealt out by their last byte. */
const manyStrings = 2048
/** bytes beyond which alignments are not told apart when strings are dealt out */
const largestRemainder = 4096

/** Strings that may end each other: `listed[first]` to `listed[end - 1]`. */
export interface StringSet {
  readonly first: number
  readonly end: number
  /** bytes of a character */
  readonly entsize: number
}

/** Entries as in src/kernels/strings.ts. */
export interface FoldColumns {
  readonly views: readonly DataView[]
  readonly entrySource: Int32Array
  readonly entryOffset: Uint32Array
  readonly entryLength: Uint32Array
  readonly entryAlign: Uint32Array
  readonly entryWhole: Int32Array
  readonly listed: Int32Array
}

interface Bucket {
  readonly start: number
  readonly end: number
  readonly character: number
}

/** Begins to fill `entryWhole`; the columns may be used again after `finish`. Undefined: there is nothing to do. */
export function beginFolding(
  compute: Compute,
  columns: FoldColumns,
  sets: readonly StringSet[],
): { finish(): void } | undefined {
  const some = sets.filter(({ first, end }) => end - first > 1)
  if (some.length === 0) return undefined
  let total = 0
  for (const { first, end } of some) total += end - first
  const folding = new Folding(compute, columns, total)
  for (const set of some) folding.deal(set)
  return folding.begin()
}

class Folding {
  private readonly compute: Compute
  private readonly columns: FoldColumns
  private readonly ids: Int32Array
  private readonly classes: ClassRecord
  private used = 0
  private readonly buckets: Bucket[] = []
  /** places in `ids` of empty strings, and the first bucket of the others of their set */
  private readonly empty: { readonly at: number; readonly next: Bucket }[] = []

  constructor(compute: Compute, columns: FoldColumns, total: number) {
    this.compute = compute
    this.columns = columns
    this.ids = compute.memory.int32(total)
    const { views, entrySource, entryOffset, entryLength } = columns
    this.classes = { views, entrySource, entryOffset, entryLength, ids: this.ids }
  }

  deal(set: StringSet): void {
    const { first, end, entsize } = set
    const { listed, entryAlign } = this.columns
    const align = entryAlign[listed[first]!]!
    let isUniform = align > entsize
    for (let i = first + 1; i < end && isUniform; i++) isUniform = entryAlign[listed[i]!] === align
    // Where all strings have one alignment larger than a character, those whose lengths fit together come together.
    if (isUniform) this.dealByClass(set, Math.min(align, largestRemainder))
    else if (end - first >= manyStrings) this.dealByClass(set, 0)
    else {
      const start = this.used
      this.ids.set(listed.subarray(first, end), start)
      this.used += end - first
      this.buckets.push({ start, end: this.used, character: entsize })
    }
  }

  private dealByClass({ first, end, entsize }: StringSet, remainder: number): void {
    const { kernels, memory } = this.compute
    const { listed } = this.columns
    const record = this.classes
    const next = memory.int32(remainder === 0 ? 257 : remainder)
    for (let from = first; from < end; from += stringBatch)
      kernels.countClasses(record, listed, from, Math.min(end, from + stringBatch), entsize, remainder, next)
    let isEmpty = remainder === 0 && next[0]! > 0
    for (let kind = 0; kind < next.length; kind++) {
      const start = this.used
      this.used += next[kind]!
      next[kind] = start
      if (this.used === start || (isEmpty && kind === 0)) continue
      const bucket = { start, end: this.used, character: entsize }
      this.buckets.push(bucket)
      if (isEmpty) this.empty.push({ at: next[0]!, next: bucket })
      isEmpty = false
    }
    for (let from = first; from < end; from += stringBatch)
      kernels.spreadClasses(record, listed, from, Math.min(end, from + stringBatch), entsize, remainder, next)
  }

  begin(): { finish(): void } {
    const { buckets, compute, ids } = this
    const { memory } = compute
    // The largest come first, so that threads end together.
    buckets.sort((a, b) => b.end - b.start - (a.end - a.start) || a.start - b.start)
    const { views, entrySource, entryOffset, entryLength, entryAlign, entryWhole } = this.columns
    const bucketStart = memory.int32(buckets.length)
    const bucketEnd = memory.int32(buckets.length)
    const bucketCharacter = memory.uint32(buckets.length)
    buckets.forEach(({ start, end, character }, index) => {
      bucketStart[index] = start
      bucketEnd[index] = end
      bucketCharacter[index] = character
    })
    const work = compute.begin(
      'foldBucket',
      {
        views,
        entrySource,
        entryOffset,
        entryLength,
        entryAlign,
        entryWhole,
        ids,
        keys: memory.uint32(ids.length),
        parts: memory.int32(ids.length * 2),
        bucketStart,
        bucketEnd,
        bucketCharacter,
      },
      buckets.length,
    )
    return {
      finish: () => {
        work.finish()
        this.foldEmpty()
      },
    }
  }

  /** The empty string ends every other one: it is compared with the first of those that were not folded. */
  private foldEmpty(): void {
    const { entryWhole, entryAlign, entryLength } = this.columns
    for (const { at, next } of this.empty) {
      const id = this.ids[at]!
      const first = this.ids[next.start]!
      const last = entryWhole[first]! < 0 ? first : entryWhole[first]!
      const align = entryAlign[id]!
      if (entryAlign[last]! >= align && (entryLength[last]! - entryLength[id]!) % align === 0) entryWhole[id] = last
    }
  }
}
