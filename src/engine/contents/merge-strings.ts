/**
 * SHF_MERGE sections: equal strings and constants are kept once, and a string that ends another one lies inside it.
 *
 * Sections merge when they go to the same output section and agree in kind (strings or constants), entry size and
 * alignment. As GNU ld 2.44 does: everything that is kept stands where the first section of such a set stood, in order of
 * first appearance; the other sections of the set vanish. Tail merging is always on.
 *
 * Scale: debug strings come by the million. The loops over them are kernels (src/kernels/strings.ts, which explains the
 * columns); this file says what they work on.
 */
import { SHF_STRINGS } from '../../elf/constants.ts'
import type { Memory } from '../../kernels/compute.ts'
import {
  blockBytes,
  type MovedOffsets,
  movedOffset,
  type PieceColumns,
  type PlacedEntries,
  Progress,
  stringBatch,
} from '../../kernels/strings.ts'
import type { Program } from '../records/program.ts'
import type { FileBytes } from './file-bytes.ts'
import { beginFolding } from './fold-ends.ts'

/** Sections that share their entries. */
interface MergeSet {
  readonly number: number
  /** the section that holds everything */
  readonly home: number
  /** see OutputNames.of */
  readonly output: number
  readonly isStrings: boolean
  readonly entsize: number
  readonly align: number
  /** the section that came last */
  last: number
  /** its entries in `listed` */
  first: number
  end: number
  /** bytes of what is kept */
  size: number
}

/** slots that are in use at first, a power of two */
const firstSlots = 1024

export class MergedContents {
  /** where the piece that holds the byte asked for went; set by `move` */
  movedSection = 0
  movedOffset = 0

  private readonly program: Program
  /** by section id: row, -1: not merged */
  readonly rowOf: Int32Array
  /** plain columns that say where bytes went, for kernels; undefined before `place`, and where nothing merges */
  moved: MovedOffsets | undefined

  private readonly sets: MergeSet[] = []
  /** by a hash of what the sections of a set share: sets */
  private readonly setsByKey = new Map<number, MergeSet[]>()
  /** by row: section id */
  private ids: readonly number[] = []
  private columns: PieceColumns | undefined
  private placed: PlacedEntries | undefined
  private folding: { finish(): void } | undefined

  constructor(program: Program) {
    this.program = program
    this.rowOf = program.compute.memory.int32(program.sections.count).fill(-1)
  }

  /**
   * Cuts sections into pieces and enters them, in the order of the link.
   * @param files whose bytes hold the sections
   * @param outputOf tells output sections apart
   */
  enter(ids: readonly number[], files: FileBytes, outputOf: (section: number) => number): void {
    if (ids.length === 0) return
    const { sections, compute } = this.program
    const { memory, kernels } = compute
    const count = ids.length
    this.ids = ids
    const set = memory.int32(count)
    const { bytes } = files
    const tails: Uint8Array[] = []
    const rows = {
      source: memory.int32(count),
      base: memory.uint32(count),
      size: memory.uint32(count),
      entsize: memory.uint32(count),
      isStrings: memory.uint8(count),
      tail: memory.int32(count).fill(-1),
      tailLength: memory.uint32(count),
      pieceCount: memory.int32(count),
    }
    const align = memory.uint32(count)
    for (let row = 0; row < count; row++) {
      const id = ids[row]!
      const number = this.setOf(id, outputOf(id))
      const { isStrings, entsize } = this.sets[number]!
      const start = sections.offset[id]!
      const size = sections.size[id]!
      const source = sections.file[id]!
      this.rowOf[id] = row
      set[row] = number
      align[row] = sections.align[id]!
      rows.source[row] = source
      rows.base[row] = start
      rows.size[row] = size
      rows.entsize[row] = entsize
      if (!isStrings) continue
      rows.isStrings[row] = 1
      const whole = wholeStrings(bytes[source]!, start, size, entsize)
      if (whole === size) continue
      // The last string lacks its end: it is read from a copy that has one.
      const tail = memory.uint8(size - whole + entsize)
      tail.set(bytes[source]!.subarray(start + whole, start + size))
      rows.size[row] = whole
      rows.tailLength[row] = tail.length
      rows.tail[row] = bytes.length + tails.push(tail) - 1
    }
    const sources = { ...(tails.length === 0 ? files : withTails(files, tails)), ...rows }
    compute.begin('countPieces', sources, count).finish()
    const columns = this.makeColumns(memory, { ...sources, set, align })
    this.columns = columns
    compute.begin('splitPieces', columns, count).finish()
    while (kernels.enterPieces(columns, count)) {}
    this.listEntries(columns)
  }

  /** Lets all threads look for strings that end others; `place` waits for them. */
  beginFolding(): void {
    if (this.placed !== undefined)
      this.folding = beginFolding(
        this.program.compute,
        this.placed,
        this.sets.filter(set => set.isStrings),
      )
  }

  /** Number of the set that a section belongs to. */
  private setOf(id: number, output: number): number {
    const { sections } = this.program
    const isStrings = (sections.flags[id]! & SHF_STRINGS) !== 0
    const entsize = sections.entsize[id]!
    const align = sections.align[id]!
    const key = Math.imul(output ^ (isStrings ? 0x5bd1 : 0), 0x9e3779b1) ^ Math.imul(entsize, 0x85ebca6b) ^ align
    let alike = this.setsByKey.get(key)
    if (alike === undefined) {
      alike = []
      this.setsByKey.set(key, alike)
    }
    for (const set of alike)
      if (set.output === output && set.isStrings === isStrings && set.entsize === entsize && set.align === align) {
        set.last = id
        return set.number
      }
    const number = this.sets.length
    const set = { number, home: id, output, isStrings, entsize, align, last: id, first: 0, end: 0, size: 0 }
    this.sets.push(set)
    alike.push(set)
    return number
  }

  /** Room for everything that is made of so many pieces. */
  private makeColumns(memory: Memory, rows: RowColumns): PieceColumns {
    const count = this.ids.length
    const firstPiece = memory.int32(count)
    const firstBlock = memory.int32(count)
    const blockCount = memory.int32(count)
    let pieces = 0
    let blocks = 0
    for (let row = 0; row < count; row++) {
      firstPiece[row] = pieces
      pieces += rows.pieceCount[row]!
      firstBlock[row] = blocks
      blockCount[row] = Math.ceil(this.program.sections.size[this.ids[row]!]! / blockBytes)
      blocks += blockCount[row]!
    }
    let slots = 2
    while (slots < pieces * 2) slots *= 2
    const progress = memory.int32(4)
    progress[Progress.Slots] = Math.min(slots, firstSlots)
    return {
      ...rows,
      firstPiece,
      firstBlock,
      blockCount,
      pieceStart: memory.uint32(pieces),
      pieceEntry: memory.int32(pieces),
      blocks: memory.int32(blocks),
      entrySource: memory.int32(pieces),
      entryOffset: memory.uint32(pieces),
      entryLength: memory.uint32(pieces),
      entryHash: memory.int32(pieces),
      entrySet: memory.int32(pieces),
      entryAlign: memory.uint32(pieces),
      entryWhole: memory.int32(pieces),
      slots: memory.int32(slots * 2),
      setCount: memory.int32(this.sets.length),
      progress,
    }
  }

  /** Sorts the entries by sets. */
  private listEntries(columns: PieceColumns): void {
    const { memory, kernels } = this.program.compute
    const { views, entrySource, entryOffset, entryLength, entryAlign, entryWhole, entrySet, setCount } = columns
    const count = columns.progress[Progress.Entries]!
    const listed = memory.int32(count)
    let at = 0
    for (const set of this.sets) {
      const entries = setCount[set.number]!
      set.first = at
      setCount[set.number] = at
      at += entries
      set.end = at
    }
    for (let from = 0; from < count; from += stringBatch)
      kernels.listEntries(entrySet, listed, setCount, from, Math.min(count, from + stringBatch))
    const entryPlace = memory.float64(count)
    const end = memory.float64(1)
    const entries = { views, entrySource, entryOffset, entryLength, entryAlign, entryWhole }
    this.placed = { ...entries, entryPlace, listed, end }
  }

  /** Decides where every entry lies. After this `sizeOf`, `move` and `write` may be used. */
  place(): void {
    const { columns, placed } = this
    if (columns === undefined || placed === undefined) return
    this.folding?.finish()
    const { kernels } = this.program.compute
    const { sections } = this.program
    for (const set of this.sets) {
      placed.end[0] = 0
      for (let from = set.first; from < set.end; from += stringBatch)
        kernels.placeEntries(placed, from, Math.min(set.end, from + stringBatch))
      for (let from = set.first; from < set.end && set.isStrings; from += stringBatch)
        kernels.placeEnds(placed, from, Math.min(set.end, from + stringBatch))
      const size = placed.end[0]!
      // GNU ld keeps the end aligned where the last section's was.
      const isEndAligned = sections.size[set.last]! % set.align === 0
      set.size = isEndAligned ? Math.ceil(size / set.align) * set.align : size
    }
    this.moved = this.movedOffsets(columns, placed.entryPlace)
  }

  private movedOffsets(columns: PieceColumns, entryPlace: Float64Array): MovedOffsets {
    const { memory } = this.program.compute
    const { size } = this.program.sections
    const { firstBlock, blocks, firstPiece, pieceCount, pieceStart, pieceEntry, set } = columns
    const count = this.ids.length
    const home = memory.int32(count)
    const sectionSize = memory.float64(count)
    const homeSize = memory.float64(count)
    const lastPiece = memory.int32(count)
    for (let row = 0; row < count; row++) {
      const owner = this.sets[set[row]!]!
      home[row] = owner.home
      homeSize[row] = owner.size
      sectionSize[row] = size[this.ids[row]!]!
      lastPiece[row] = firstPiece[row]! + pieceCount[row]! - 1
    }
    const byRow = { home, sectionSize, homeSize, firstBlock, lastPiece }
    return { rowOf: this.rowOf, ...byRow, blocks, pieceStart, pieceEntry, entryPlace }
  }

  private setAt(section: number): MergeSet {
    return this.sets[this.columns!.set[this.rowOf[section]!]!]!
  }

  /** Bytes that stand at the place of a section: all of its set, or 0. */
  sizeOf(section: number): number {
    const set = this.setAt(section)
    return set.home === section ? set.size : 0
  }

  /** Where byte `offset` of a merged section is now; a byte behind the end moves to the end. */
  move(section: number, offset: number): void {
    const row = this.rowOf[section]!
    this.movedSection = this.moved!.home[row]!
    this.movedOffset = movedOffset(this.moved!, row, offset)
  }

  /** Writes what the set of `section` keeps, if it stands there. */
  write(section: number, out: Uint8Array, at: number): void {
    const set = this.setAt(section)
    if (set.home !== section) return
    const view = new DataView(out.buffer, out.byteOffset, out.byteLength)
    const { kernels } = this.program.compute
    for (let from = set.first; from < set.end; from += stringBatch)
      kernels.writeEntries(this.placed!, from, Math.min(set.end, from + stringBatch), view, at)
  }
}

type RowColumns = Pick<
  PieceColumns,
  | 'bytes'
  | 'views'
  | 'source'
  | 'base'
  | 'size'
  | 'entsize'
  | 'isStrings'
  | 'tail'
  | 'tailLength'
  | 'pieceCount'
  | 'set'
  | 'align'
>

function withTails({ bytes, views }: FileBytes, tails: readonly Uint8Array[]): FileBytes {
  const more = tails.map(tail => new DataView(tail.buffer, tail.byteOffset, tail.byteLength))
  return { bytes: [...bytes, ...tails], views: [...views, ...more] }
}

/** Bytes of the strings at the start of a section that have their end. */
function wholeStrings(bytes: Uint8Array, start: number, size: number, entsize: number): number {
  let end = start + size
  while (end > start && !isZero(bytes, end - entsize, entsize)) end -= entsize
  return end - start
}

function isZero(bytes: Uint8Array, at: number, count: number): boolean {
  for (let i = 0; i < count; i++) if (bytes[at + i] !== 0) return false
  return true
}
