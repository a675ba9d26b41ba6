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
import type { Memory, Work } from '../../kernels/compute.ts'
import type { MergedSections, RuleOutputs } from '../../kernels/edited-rows.ts'
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
  readonly isStrings: boolean
  readonly entsize: number
  readonly align: number
  /** the section that came last */
  readonly last: number
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
  /** by row: section id */
  private ids: Int32Array = Int32Array.of()
  private setHome: Int32Array = Int32Array.of()
  private rows: RowColumns | undefined
  private work: Work | undefined
  private columns: PieceColumns | undefined
  private placed: PlacedEntries | undefined
  private folding: Work | undefined

  constructor(program: Program) {
    this.program = program
    this.rowOf = program.compute.memory.int32(program.sections.count).fill(-1)
  }

  /**
   * Begins to count the pieces of sections, which come in the order of the link. `cut` and `enter` go on; between them
   * there may be other work, as other threads are busy with the pieces.
   * @param files whose bytes hold the sections
   */
  begin(ids: Int32Array, files: FileBytes, outputs: RuleOutputs): void {
    if (ids.length === 0) return
    const { compute } = this.program
    const { memory } = compute
    const count = ids.length
    this.ids = ids
    const sections = this.describe(ids, files, outputs)
    const rows: RowColumns = { ...sections, tailLength: memory.uint32(count), pieceCount: memory.int32(count) }
    this.rows = sections.counts[1] === 0 ? rows : { ...rows, ...this.closeStrings(sections, rows) }
    this.work = compute.begin('countPieces', this.rows, count)
  }

  /** Begins to cut sections into pieces. */
  cut(): void {
    const { rows, work, program } = this
    if (rows === undefined || work === undefined) return
    work.finish()
    this.columns = this.makeColumns(program.compute.memory, rows)
    this.work = program.compute.begin('splitPieces', this.columns, this.ids.length)
  }

  /** Enters the pieces in their order. */
  enter(): void {
    const { columns, work, program } = this
    if (columns === undefined || work === undefined) return
    work.finish()
    while (program.compute.kernels.enterPieces(columns, this.ids.length)) {}
    this.listEntries(columns)
  }

  /** What the headers of sections say, and the sets that they form. */
  private describe(ids: Int32Array, files: FileBytes, outputs: RuleOutputs): MergedSections & FileBytes {
    const { sections, compute } = this.program
    const { memory, kernels } = compute
    const count = ids.length
    let slots = 4
    while (slots < count * 2) slots *= 2
    const described = {
      ...files,
      ...outputs,
      ids,
      file: sections.file,
      offset: sections.offset,
      sectionSize: sections.size,
      sectionAlign: sections.align,
      sectionEntsize: sections.entsize,
      flags: sections.flags,
      rowOf: this.rowOf,
      source: memory.int32(count),
      base: memory.uint32(count),
      size: memory.uint32(count),
      entsize: memory.uint32(count),
      isStrings: memory.uint8(count),
      tail: memory.int32(count),
      align: memory.uint32(count),
      set: memory.int32(count),
      isOpen: memory.uint8(count),
      setHome: memory.int32(count),
      setLast: memory.int32(count),
      setOutput: memory.int32(count),
      setSlots: memory.int32(slots),
      slotMask: slots - 1,
      counts: memory.int32(2),
    }
    for (let from = 0; from < count; from += stringBatch)
      kernels.describeMerged(described, from, Math.min(count, from + stringBatch))
    this.setHome = described.setHome
    for (let number = 0; number < described.counts[0]!; number++) {
      const home = described.setHome[number]!
      this.sets.push({
        number,
        home,
        isStrings: (sections.flags[home]! & SHF_STRINGS) !== 0,
        entsize: sections.entsize[home]!,
        align: sections.align[home]!,
        last: described.setLast[number]!,
        first: 0,
        end: 0,
        size: 0,
      })
    }
    return described
  }

  /** Last strings that lack their end are read from copies that have one. */
  private closeStrings({ bytes, views, isOpen }: MergedSections & FileBytes, rows: RowColumns): FileBytes {
    const { memory } = this.program.compute
    const allBytes = [...bytes]
    const allViews = [...views]
    for (let row = 0; row < isOpen.length; row++) {
      if (isOpen[row] === 0) continue
      const start = rows.base[row]!
      const size = rows.size[row]!
      const entsize = rows.entsize[row]!
      const from = bytes[rows.source[row]!]!
      const whole = wholeStrings(from, start, size, entsize)
      const tail = memory.uint8(size - whole + entsize)
      tail.set(from.subarray(start + whole, start + size))
      rows.size[row] = whole
      rows.tailLength[row] = tail.length
      rows.tail[row] = allBytes.push(tail) - 1
      allViews.push(new DataView(tail.buffer, tail.byteOffset, tail.byteLength))
    }
    return { bytes: allBytes, views: allViews }
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
    const { memory, kernels } = this.program.compute
    const { size } = this.program.sections
    const { ids, setHome } = this
    const { firstBlock, blocks, firstPiece, pieceCount, pieceStart, pieceEntry, set } = columns
    const count = ids.length
    const setSize = memory.float64(this.sets.length)
    for (const each of this.sets) setSize[each.number] = each.size
    const rows = {
      home: memory.int32(count),
      homeSize: memory.float64(count),
      sectionSize: memory.float64(count),
      lastPiece: memory.int32(count),
    }
    const record = { ids, size, set, firstPiece, pieceCount, setHome, setSize, ...rows }
    for (let from = 0; from < count; from += stringBatch)
      kernels.describeMoved(record, from, Math.min(count, from + stringBatch))
    return { rowOf: this.rowOf, ...rows, firstBlock, blocks, pieceStart, pieceEntry, entryPlace }
  }

  private setAt(section: number): MergeSet {
    return this.sets[this.columns!.set[this.rowOf[section]!]!]!
  }

  /** Bytes that stand at the place of a section: all of its set, or 0. */
  sizeOf(section: number): number {
    const set = this.setAt(section)
    return set.home === section ? set.size : 0
  }

  /** Gives the sections that hold everything their sizes. */
  storeSizes(sizes: Float64Array): void {
    for (const set of this.sets) sizes[set.home] = set.size
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
