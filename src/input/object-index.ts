/**
 * Indexes of objects (kernels/objects.ts) and where they are found.
 *
 * The loading stage makes the index of an object when its turn comes, one object at a time, with an `ObjectIndexer`. A host
 * with another thread may have them made beforehand, as soon as a file is read: `Host.indexOf` then gives a `FileIndex`.
 */
import type { Compute } from '../kernels/compute.ts'
import { nameCache, ObjectFact, odd } from '../kernels/objects.ts'
import type { IndexColumns } from '../kernels/symbols.ts'

/** Kernels work with signed 32-bit offsets. */
const mostBytes = 0x7fff_0000

/** The indexes of the objects in one file: an object, or the members of an archive. */
export interface FileIndex {
  readonly columns: IndexColumns
  /** Place of the first fact of the object at `start` (bytes from the start of the file); -1: it has no index. */
  rowOf(start: number): number
}

/** Makes the index of one object, in place of the one before. */
export class ObjectIndexer {
  private readonly compute: Compute
  private readonly cache: Int32Array
  private room: IndexColumns

  constructor(compute: Compute) {
    this.compute = compute
    const { memory } = compute
    this.cache = memory.int32(nameCache)
    this.room = { facts: memory.int32(ObjectFact.width), words: memory.int32(1024) }
  }

  /** The index that was made last; its facts begin at 0. */
  get columns(): IndexColumns {
    return this.room
  }

  /** Makes the index of the object at `start`. False: it has none. */
  make(view: DataView, start: number, size: number): boolean {
    const { kernels, memory } = this.compute
    if (start + size > mostBytes) return false
    const { facts } = this.room
    const words = kernels.surveyObject(view, start, size, facts, 0)
    if (words === odd) return false
    if (words > this.room.words.length) this.room = { facts, words: memory.int32(words * 2) }
    facts[ObjectFact.WordsAt] = 0
    return kernels.indexNames(view, start, facts, 0, this.room.words, this.cache)
  }
}
