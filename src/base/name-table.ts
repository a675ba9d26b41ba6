import type { Memory } from '../kernels/compute.ts'
import { behindTexts, entryWords, findName, hashName, internName, type NameColumns } from '../kernels/names.ts'

/** most names that `internBlock` takes at once */
export const nameBlock = 128

/** bytes of text that room is made for with each name */
const usualLength = 20
/** From so many bytes on, slots are written when they are made: a page that is read first is mapped twice. */
const manySlots = 1 << 21
/** words of `texts` in front of the first entry, which stand for no entry */
const textsHead = 2

/** Places in NameColumns.counts. */
const Counts = { Names: 0, TextWords: 1, words: 3 } as const

/**
 * Interned byte strings.
 *
 * A name is an integer id; its bytes are copied once, when it is new, so that names lie side by side in the order of their
 * ids, whatever file brought them. Hashing and comparing work on bytes, four at a time: three to seven times faster than a
 * Map of JS strings, and a million names do not enter the heap. A JS string (Latin-1, one char per byte) is made only for
 * messages and scripts.
 *
 * Kernels work on `columns`; names of one file are entered by them (kernels/names.ts, kernels/objects.ts).
 */
export class NameTable {
  private readonly memory: Memory | undefined
  private table: NameColumns
  private textBytes: Uint8Array
  private textView: DataView
  private readonly views: DataView[] = []
  /** names given as JS strings, while they are looked up */
  private scratch = new Uint8Array(256)
  private scratchView = new DataView(this.scratch.buffer)

  /** length, hash and mark of the name scanned last */
  private readonly scanned = new Int32Array(3)
  /** where the names of the block begin that `internBlock` is to enter */
  readonly blockOffsets = new Uint32Array(nameBlock)
  /** length and hash by name of the block; one word that nobody reads */
  private readonly blockNames = new Int32Array(nameBlock * 2 + 1)

  /**
   * @param capacity names that fit without moving
   * @param memory where the columns lie; absent: plain arrays
   * @param textBytes bytes of all their texts, roughly
   */
  constructor(capacity = 1024, memory?: Memory, textBytes = capacity * usualLength) {
    this.memory = memory
    this.table = this.newColumns(capacity, slotsFor(capacity), wordsFor(capacity, textBytes), this.int32(Counts.words))
    this.table.counts[Counts.TextWords] = textsHead
    this.textBytes = bytesOf(this.table)
    this.textView = viewOf(this.table)
  }

  /** number of names; ids are 0 .. count-1 in order of first appearance */
  get count(): number {
    return this.table.counts[Counts.Names]!
  }

  /** length of each name in bytes */
  get lengths(): Uint32Array {
    return this.table.lengths
  }

  /** The columns as kernels take them: another record after the table grew. */
  get columns(): NameColumns {
    return this.table
  }

  /** names that fit without moving */
  get capacity(): number {
    return this.table.lengths.length
  }

  /** bytes of text in use, with what stands in front of each name and behind it */
  get textSize(): number {
    return this.table.counts[Counts.TextWords]! * 4
  }

  /** Makes room for `capacity` names in all. */
  reserve(capacity: number): void {
    if (capacity > this.capacity) this.resize(capacity, this.table.texts.length)
  }

  /** Do `more` names, which have `bytes` bytes together, fit without moving? */
  hasRoom(more: number, bytes: number): boolean {
    const { counts, texts } = this.table
    return this.count + more <= this.capacity && counts[Counts.TextWords]! + wordsFor(more, bytes) <= texts.length
  }

  /**
   * Makes room for `more` names, which have `bytes` bytes together.
   * @param expected names that will come in all, 0 where that is not known
   */
  makeRoom(more: number, bytes: number, expected = 0): void {
    const { texts } = this.table
    const { count, capacity } = this
    const words = this.table.counts[Counts.TextWords]! + wordsFor(more, bytes)
    if (count + more <= capacity && words <= texts.length) return
    // Names come by the million or hardly at all: few large steps.
    const step = count < 1 << 20 ? 4 : 2
    const names = count + more <= capacity ? capacity : Math.max(count + more, expected || count * step)
    const room =
      words <= texts.length
        ? texts.length
        : Math.max(words, expected > count ? (words / (count + more)) * expected * 1.1 : words * step)
    this.resize(names, Math.ceil(room))
  }

  private resize(capacity: number, words: number): void {
    const old = this.table
    const slots = Math.max(slotsFor(capacity), old.mask + 1)
    const table = this.newColumns(capacity, slots, words, old.counts)
    if (table.texts !== old.texts) table.texts.set(old.texts.subarray(0, old.counts[Counts.TextWords]))
    if (table.lengths !== old.lengths) {
      table.lengths.set(old.lengths)
      table.starts.set(old.starts)
    }
    if (table.slots !== old.slots) rehash(old.slots, table.slots, table.mask)
    this.table = table
    this.textBytes = bytesOf(table)
    this.textView = viewOf(table)
  }

  /** Columns of these sizes: those of the table where they have them already. */
  private newColumns(capacity: number, slots: number, words: number, counts: Int32Array): NameColumns {
    const old: NameColumns | undefined = this.table
    const wordCount = Math.max(words, textsHead + behindTexts)
    const keepsNames = old?.lengths.length === capacity
    return {
      slots: old?.slots.length === slots * 2 ? old.slots : this.newSlots(slots * 2),
      mask: slots - 1,
      texts: old?.texts.length === wordCount ? old.texts : this.int32(wordCount),
      lengths: keepsNames ? old.lengths : (this.memory?.uint32(capacity) ?? new Uint32Array(capacity)),
      starts: keepsNames ? old.starts : this.int32(capacity),
      counts,
    }
  }

  private newSlots(words: number): Int32Array {
    const slots = this.int32(words)
    return words * 4 < manySlots ? slots : slots.fill(0)
  }

  private int32(length: number): Int32Array {
    return this.memory?.int32(length) ?? new Int32Array(length)
  }

  /** A name of its own with the same bytes as `id`: looking the bytes up still gives `id`. Returns its number. */
  twin(id: number): number {
    this.makeRoom(1, 0)
    const { counts, lengths, starts } = this.table
    const other = counts[Counts.Names]!++
    lengths[other] = lengths[id]!
    starts[other] = starts[id]!
    return other
  }

  /** Registers bytes that names may lie in, below 4 GiB each. Returns their number for `intern`. */
  addSource(bytes: DataView): number {
    return this.views.push(bytes) - 1
  }

  /** length in bytes of the name scanned last */
  get scannedLength(): number {
    return this.scanned[0]!
  }

  /** hash of the name scanned last */
  get scannedHash(): number {
    return this.scanned[1]!
  }

  /**
   * Finds the end of the NUL-terminated name at `offset` of a source and its hash, into `scannedLength`, `scannedHash`.
   * @param limit offset behind the string table; a name that has no NUL before it ends there
   */
  scan(source: number, offset: number, limit: number): void {
    hashName(this.views[source]!, offset, limit, this.scanned, 0, 2)
  }

  /** Id of the name, entering it when it is new. */
  intern(source: number, offset: number, length: number, hash: number): number {
    this.makeRoom(1, length)
    return internName(this.table, this.views[source]!, offset, length, hash)
  }

  /**
   * `scan` and `intern` for many names of one source, which begin at `blockOffsets`.
   * @param count at most `nameBlock`
   * @param ids receives the ids, from `first` on
   */
  internBlock(source: number, count: number, limit: number, ids: Int32Array, first: number): void {
    const { blockOffsets, blockNames } = this
    const view = this.views[source]!
    let bytes = 0
    for (let i = 0; i < count; i++) {
      hashName(view, blockOffsets[i]!, limit, blockNames, i * 2, nameBlock * 2)
      bytes += blockNames[i * 2]!
    }
    this.makeRoom(count, bytes)
    const { table } = this
    for (let i = 0; i < count; i++)
      ids[first + i] = internName(table, view, blockOffsets[i]!, blockNames[i * 2]!, blockNames[i * 2 + 1]!)
  }

  /** Id of the name or -1. */
  find(source: number, offset: number, length: number, hash: number): number {
    return findName(this.table, this.views[source]!, offset, length, hash)
  }

  internText(name: string): number {
    this.scanText(name)
    this.makeRoom(1, name.length)
    return internName(this.table, this.scratchView, 0, name.length, this.scanned[1]!)
  }

  findText(name: string): number {
    this.scanText(name)
    return findName(this.table, this.scratchView, 0, name.length, this.scanned[1]!)
  }

  private scanText(name: string): void {
    if (name.length > this.scratch.length) {
      this.scratch = new Uint8Array(name.length * 2)
      this.scratchView = new DataView(this.scratch.buffer)
    }
    for (let i = 0; i < name.length; i++) this.scratch[i] = name.charCodeAt(i)
    hashName(this.scratchView, 0, name.length, this.scanned, 0, 2)
  }

  /** The name as a Latin-1 string. */
  text(id: number): string {
    const bytes = this.textBytes
    const start = this.offsetOf(id)
    const end = start + this.lengths[id]!
    let text = ''
    for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at]!)
    return text
  }

  /** Bytes that hold the name; it starts at `offsetOf(id)` and has `lengths[id]` bytes. The same for all names until one is entered. */
  bytesOf(_id: number): Uint8Array {
    return this.textBytes
  }

  /** The same bytes. */
  viewOf(_id: number): DataView {
    return this.textView
  }

  offsetOf(id: number): number {
    return this.table.starts[id]! * 4
  }
}

function bytesOf({ texts }: NameColumns): Uint8Array {
  return new Uint8Array(texts.buffer, texts.byteOffset, texts.byteLength)
}

function viewOf({ texts }: NameColumns): DataView {
  return new DataView(texts.buffer, texts.byteOffset, texts.byteLength)
}

/** Slots for a table of `capacity` names: a power of two, little more than half full at most. */
function slotsFor(capacity: number): number {
  let slots = 16
  while (slots < capacity * 1.8) slots *= 2
  return slots
}

/** Words that the entries of `count` names with `bytes` bytes together take, at most. */
function wordsFor(count: number, bytes: number): number {
  return count * entryWords(3) + Math.ceil(bytes / 4) + behindTexts
}

function rehash(from: Int32Array, to: Int32Array, mask: number): void {
  for (let at = 0; at < from.length; at += 2) {
    const hash = from[at]!
    if (hash === 0) continue
    let slot = hash & mask
    while (to[slot * 2]! !== 0) slot = (slot + 1) & mask
    to[slot * 2] = hash
    to[slot * 2 + 1] = from[at + 1]!
  }
}

/** Copies a column into a larger one. */
export function extended<Column extends { set(from: Column): void }>(from: Column, to: Column): Column {
  to.set(from)
  return to
}
