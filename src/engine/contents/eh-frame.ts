/**
 * .eh_frame: call frame information that the C++ run time and debuggers walk (LSB core, chapter "Exception Frames").
 *
 * The section is a chain of records: a CIE holds what many functions share, an FDE describes one function and points back
 * at its CIE. Editing it is forced by three things: an FDE of a dropped function must go, because its addresses would be
 * wrong; equal CIEs of many objects are kept once; and a zero word ends the chain for the run time, so only the very last
 * input may end with one and no input may be padded with zeros: its last record is made longer instead.
 *
 * A section that cannot be read is copied as it is, and then there is no look-up table (.eh_frame_hdr) either.
 * The loops over records are kernels (src/kernels/frames.ts, frame-places.ts); this file says what they work on.
 */
import { SHT_NOBITS } from '../../elf/constants.ts'
import type { Work } from '../../kernels/compute.ts'
import { type FramePlaces, frameBatch } from '../../kernels/frame-places.ts'
import { FrameTotal, type FrameTotals } from '../../kernels/frame-rows.ts'
import { type FrameRows, FrameStatus } from '../../kernels/frames.ts'
import type { Layout, Live } from '../records/placement.ts'
import type { Program } from '../records/program.ts'
import { type FileBytes, type FrameFileColumns, frameFiles } from './file-bytes.ts'
import { instructionOperands } from './frame-instructions.ts'

/** Places of records: plain columns, for kernels and for those who look single places up. */
export interface FrameColumns {
  // by row
  readonly firstRecord: Int32Array
  readonly recordCount: Int32Array
  readonly form: Int32Array
  /** bytes in the output */
  readonly size: Float64Array
  // by record, in order of offset
  /** offset in the section */
  readonly start: Uint32Array
  /** bytes without the no-operations at the end */
  readonly length: Uint32Array
  /** RecordKind */
  readonly kind: Uint8Array
  /** offset in the section's part of the output, -1: dropped */
  readonly place: Int32Array
  /** of an FDE: the record of its CIE; of a CIE: itself or the equal one that is kept */
  readonly cie: Int32Array
  /** of a CIE: encoding of addresses in its FDEs */
  readonly encoding: Uint8Array
  /** of a CIE: row */
  readonly owner: Int32Array
}

export class EhFrames {
  private readonly program: Program
  /** by section id: row in `columns`, -1: not edited. Relocations of these sections come in order of offset. */
  readonly rowOf: Int32Array
  /** sections that could not be read */
  readonly damaged: number[] = []
  /** by row, in order of the output: section ids; the damaged ones are among them and have no records */
  ids: Int32Array = Int32Array.of()
  /** by row: live FDEs */
  frames: Int32Array = Int32Array.of()
  /** live FDEs */
  frameCount = 0
  /** addresses are such that a sorted table can be made */
  isSortable = true
  columns: FrameColumns | undefined
  movedOffset = 0

  private outputOf: Int32Array = Int32Array.of()
  private files: FrameFileColumns | undefined
  private rows: FrameRows | undefined
  private work: Work | undefined
  private placed: FramePlaces | undefined

  constructor(program: Program) {
    this.program = program
    this.rowOf = program.compute.memory.int32(program.sections.count).fill(-1)
  }

  /** sections that are edited, in order of the output */
  get sections(): readonly number[] {
    return [...this.ids].filter(id => this.rowOf[id]! >= 0)
  }

  /** every section was understood */
  get isComplete(): boolean {
    return this.damaged.length === 0
  }

  /**
   * Begins to cut sections into records, and to choose those that are kept.
   * @param ids in order of the output
   * @param outputOf by place in `ids`: tells sections of different output sections apart
   */
  begin(ids: Int32Array, outputOf: Int32Array, live: Live, files: FileBytes): void {
    if (ids.length === 0) return
    this.ids = ids
    this.outputOf = outputOf
    this.files = frameFiles(this.program, files)
    this.rows = this.makeRows(live, false)
    this.work = this.program.compute.begin('parseFrames', this.rows, ids.length)
  }

  /**
   * Waits for what was begun, and decides where records go. Afterwards everything may be used.
   * @param contentSize by section id: receives the sizes of sections that are edited
   */
  finish(contentSize: Float64Array): void {
    const { ids, program } = this
    if (this.rows === undefined || this.work === undefined) return
    const { memory, kernels } = program.compute
    this.work.finish()
    let sums = this.sum(this.rows)
    if (sums.totals[FrameTotal.Full]! > 0) {
      this.rows = this.makeRows(this.rows.live, true)
      program.compute.begin('parseFrames', this.rows, ids.length).finish()
      sums = this.sum(this.rows)
    }
    const { totals } = sums
    const { rows } = this
    this.frameCount = totals[FrameTotal.Frames]!
    this.isSortable = totals[FrameTotal.Unsorted] === 0
    if (totals[FrameTotal.Odd]! > 0)
      for (let row = 0; row < ids.length; row++) if (rows.status[row] !== FrameStatus.Ok) this.damaged.push(ids[row]!)
    this.frames = rows.frameCount
    const slots = slotsFor(totals[FrameTotal.Cies]!)
    const places = {
      ...rows,
      ...sums,
      size: memory.float64(ids.length),
      slots: memory.int32(slots),
      slotMask: slots - 1,
      sawLast: memory.uint8(totals[FrameTotal.Outputs]!),
    }
    for (let row = 0; row < ids.length; row += frameBatch)
      kernels.placeFrames(places, row, Math.min(ids.length, row + frameBatch))
    kernels.padFrames(places, contentSize)
    this.placed = places
    this.columns = places
  }

  private sum(rows: FrameRows): FrameTotals {
    const { ids, outputOf, rowOf, program } = this
    const { memory, kernels } = program.compute
    const count = ids.length
    const slots = slotsFor(count)
    const sums = {
      ...{ ids, rowCount: count, outputOf, rowOf, sectionAlign: program.sections.align },
      ...{ status: rows.status, cieCount: rows.cieCount, frameCount: rows.frameCount, isUnsorted: rows.isUnsorted },
      output: memory.int32(count),
      outputs: memory.int32(count),
      outputLast: memory.int32(count),
      outputAlign: memory.uint32(count),
      outputSlots: memory.int32(slots),
      slotMask: slots - 1,
      totals: memory.int32(6),
    }
    kernels.sumFrames(sums)
    return sums
  }

  sizeOf(section: number): number {
    const row = this.rowOf[section]!
    return row < 0 ? 0 : this.columns!.size[row]!
  }

  /** Sets `movedOffset` to where byte `offset` of the section went; false when its record was dropped. */
  move(section: number, offset: number): boolean {
    const { firstRecord, recordCount, start, length, place, size } = this.columns!
    const row = this.rowOf[section]!
    let low = firstRecord[row]!
    let high = low + recordCount[row]! - 1
    if (high < low) return false
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (start[middle]! <= offset) low = middle
      else high = middle - 1
    }
    const inside = offset - start[low]!
    if (inside >= length[low]!) {
      this.movedOffset = size[row]!
      return offset <= this.program.sections.size[section]!
    }
    // A place in a CIE that was found elsewhere is not needed: the kept one has its own relocations.
    if (place[low]! < 0) return false
    this.movedOffset = place[low]! + inside
    return true
  }

  /** As `move` for what refers to the frames: of a dropped record, the next one that is kept, else the end. */
  follow(section: number, offset: number): boolean {
    const row = this.rowOf[section]!
    if (row < 0 || offset > this.program.sections.size[section]!) return false
    const { firstRecord, recordCount, start, length, place, size } = this.columns!
    this.movedOffset = size[row]!
    for (let record = firstRecord[row]! + recordCount[row]! - 1; record >= firstRecord[row]!; record--) {
      if (start[record]! + length[record]! <= offset) break
      if (place[record]! >= 0) this.movedOffset = place[record]!
    }
    return true
  }

  /** Begins to copy the kept records. Pointers from FDEs to CIEs are set by `link`. */
  beginWriting(image: Uint8Array, layout: Layout): Work {
    const { placed, ids } = this
    if (placed === undefined) return { finish() {} }
    const record = {
      ...placed,
      out: new DataView(image.buffer, image.byteOffset, image.byteLength),
      rowCount: ids.length,
      imageOffset: this.imageOffsets(layout),
    }
    return this.program.compute.begin('copyFrames', record, Math.ceil(ids.length / frameBatch))
  }

  /** Sets the CIE pointer of each FDE in the image, when every section has its place. */
  link(image: Uint8Array, layout: Layout): void {
    const { columns, ids } = this
    if (columns === undefined) return
    const { memory } = this.program.compute
    const outputOffset = memory.float64(ids.length)
    for (let row = 0; row < ids.length; row++) outputOffset[row] = layout.offsetOf[ids[row]!]!
    const record = {
      ...columns,
      out: new DataView(image.buffer, image.byteOffset, image.byteLength),
      rowCount: ids.length,
      imageOffset: this.imageOffsets(layout),
      outputOffset,
    }
    this.program.compute.begin('linkFrames', record, Math.ceil(ids.length / frameBatch)).finish()
  }

  /** By row: offset in the image, -1: the section has no bytes there. */
  imageOffsets(layout: Layout): Float64Array {
    const { ids } = this
    const offsets = this.program.compute.memory.float64(ids.length)
    for (let row = 0; row < ids.length; row++) {
      const section = ids[row]!
      const output = layout.outputs[layout.outputOf[section]!]
      const isThere = output !== undefined && output.type !== SHT_NOBITS && this.rowOf[section]! >= 0
      offsets[row] = isThere ? output.fileOffset + layout.offsetOf[section]! : -1
    }
    return offsets
  }

  /** What the kernels work on. `isAmple`: room for as many records as there could be, not as there usually are. */
  private makeRows(live: Live, isAmple: boolean): FrameRows {
    const { program, ids } = this
    const { sections, symbols } = program
    const { memory, kernels } = program.compute
    const files = this.files!
    const count = ids.length
    const described = {
      ...{ ids, rowCount: count, isAmple },
      ...{ fileForm: files.fileForm, fileSize: files.fileSize },
      sectionFile: sections.file,
      sectionType: sections.type,
      sectionOffset: sections.offset,
      sectionSize: sections.size,
      relocations: sections.relocations,
      file: memory.int32(count),
      form: memory.int32(count),
      base: memory.uint32(count),
      size: memory.uint32(count),
      table: memory.uint32(count),
      tableRows: memory.int32(count),
      firstRecord: memory.int32(count),
      room: memory.int32(count),
    }
    const records = kernels.describeFrames(described)
    return {
      ...files,
      ...described,
      status: memory.int32(count),
      recordCount: memory.int32(count),
      cieCount: memory.int32(count),
      frameCount: memory.int32(count),
      isUnsorted: memory.uint8(count),
      start: memory.uint32(records),
      length: memory.uint32(records),
      kind: memory.uint8(records),
      place: memory.int32(records),
      cie: memory.int32(records),
      encoding: memory.uint8(records),
      hasData: memory.uint8(records),
      relocation: memory.int32(records),
      owner: memory.int32(records),
      live,
      symbolState: symbols.state,
      symbolSection: symbols.section,
      operands: instructionOperands(memory),
    }
  }
}

/** A power of two: slots for so many keys. */
function slotsFor(count: number): number {
  let slots = 4
  while (slots < count * 2) slots *= 2
  return slots
}
