/** .eh_frame: what is known of sections before they are read, and what follows for their output sections. */
import { SHT_RELA } from '../elf/constants.ts'
import { FileForm, FrameStatus, relocationBytes } from './frames.ts'
import type { F64, I32 } from './types.ts'

/** bytes beyond which a section is not edited */
const largestSize = 0x7fff0000
/** Sections have few CIEs, and each of their FDEs has a relocation. */
const usualCies = 4

/** Sections in the order of the output, by row. */
export interface FrameSections {
  readonly ids: Int32Array
  readonly rowCount: I32
  // by file
  readonly fileForm: Int32Array
  readonly fileSize: Float64Array
  // by section id
  readonly sectionFile: Int32Array
  readonly sectionType: Uint32Array
  readonly sectionOffset: Float64Array
  readonly sectionSize: Float64Array
  readonly relocations: Int32Array
  /** make room for as many records as there could be, not as there usually are */
  readonly isAmple: boolean
  // results, see FrameRows
  readonly file: Int32Array
  readonly form: Int32Array
  readonly base: Uint32Array
  readonly size: Uint32Array
  readonly table: Uint32Array
  readonly tableRows: Int32Array
  readonly firstRecord: Int32Array
  readonly room: Int32Array
}

/** Fills the rows. Returns for how many records there has to be room. */
export function describeFrames(record: FrameSections): I32 {
  const { ids, rowCount, sectionFile, sectionType, sectionOffset, sectionSize, relocations, fileSize } = record
  const { file, form, base, size, table, tableRows, firstRecord, room } = record
  let records: I32 = 0
  for (let row: I32 = 0; row < rowCount; row++) {
    const id = ids[row]!
    const home = sectionFile[id]!
    const rows = relocations[id]!
    let bits = record.fileForm[home]!
    if (rows >= 0) {
      if (sectionType[rows]! === SHT_RELA) bits |= FileForm.Addends
      table[row] = sectionOffset[rows]! >>> 0
      if (sectionOffset[rows]! + sectionSize[rows]! <= fileSize[home]!)
        tableRows[row] = (sectionSize[rows]! / (relocationBytes(bits) as F64)) | 0
    }
    const bytes = sectionSize[id]!
    file[row] = home
    form[row] = bits
    base[row] = sectionOffset[id]! >>> 0
    firstRecord[row] = records
    if (sectionOffset[id]! + bytes > fileSize[home]! || bytes > largestSize) continue
    size[row] = bytes >>> 0
    const most = ((bytes >>> 3) | 0) + 1
    room[row] = record.isAmple ? most : Math.min(most, tableRows[row]! + usualCies)
    records += room[row]!
  }
  return records
}

/** Places of FrameTotals.totals. */
export const FrameTotal = { Frames: 0, Cies: 1, Unsorted: 2, Odd: 3, Full: 4, Outputs: 5 } as const

/** What was read, for all rows. */
export interface FrameTotals {
  readonly ids: Int32Array
  readonly rowCount: I32
  readonly status: Int32Array
  readonly cieCount: Int32Array
  readonly frameCount: Int32Array
  readonly isUnsorted: Uint8Array
  /** by row: tells output sections apart */
  readonly outputOf: Int32Array
  readonly sectionAlign: Uint32Array
  // results
  /** by section id */
  readonly rowOf: Int32Array
  /** by row: number of the output section */
  readonly output: Int32Array
  // by number of an output section, room for as many as there are rows: which one; its last row; largest alignment
  readonly outputs: Int32Array
  readonly outputLast: Int32Array
  readonly outputAlign: Uint32Array
  /** number + 1, 0: free; a power of two, twice as many as there are rows */
  readonly outputSlots: Int32Array
  readonly slotMask: I32
  /** see FrameTotal; zeros at first */
  readonly totals: Int32Array
}

/** Sums up the rows that could be read, and numbers their output sections. */
export function sumFrames(record: FrameTotals): void {
  const { ids, rowCount, status, cieCount, frameCount, isUnsorted, sectionAlign, rowOf, totals } = record
  const { output, outputLast, outputAlign } = record
  let frames: I32 = 0
  let cies: I32 = 0
  for (let row: I32 = 0; row < rowCount; row++) {
    if (status[row]! !== FrameStatus.Ok) {
      const total = status[row]! === FrameStatus.Full ? FrameTotal.Full : FrameTotal.Odd
      totals[total] = totals[total]! + 1
      continue
    }
    const id = ids[row]!
    rowOf[id] = row
    frames += frameCount[row]!
    cies += cieCount[row]!
    if (isUnsorted[row]! !== 0) totals[FrameTotal.Unsorted] = 1
    const number = numberOf(record, record.outputOf[row]!)
    output[row] = number
    outputLast[number] = row
    if (sectionAlign[id]! > outputAlign[number]!) outputAlign[number] = sectionAlign[id]!
  }
  totals[FrameTotal.Frames] = frames
  totals[FrameTotal.Cies] = cies
}

function numberOf(record: FrameTotals, output: I32): I32 {
  const { outputs, outputSlots, slotMask, totals } = record
  const key = Math.imul(output, -0x61c8864f)
  let slot = (key ^ (key >>> 15)) & slotMask
  while (outputSlots[slot]! !== 0) {
    if (outputs[outputSlots[slot]! - 1]! === output) return outputSlots[slot]! - 1
    slot = (slot + 1) & slotMask
  }
  const number = totals[FrameTotal.Outputs]!
  totals[FrameTotal.Outputs] = number + 1
  outputSlots[slot] = number + 1
  outputs[number] = output
  return number
}

/** Parts of output sections, when records have their places. */
export interface FrameParts {
  readonly ids: Int32Array
  readonly rowCount: I32
  readonly rowOf: Int32Array
  readonly output: Int32Array
  readonly outputAlign: Uint32Array
  /** by number of an output section: 1: its last part that is not empty was seen; zeros at first */
  readonly sawLast: Uint8Array
  /** by row: bytes; all but the last part of each output section are made longer, so that no zeros come between */
  readonly size: Float64Array
}

/** Makes parts longer, up to their alignment, and stores sizes by section id. */
export function padFrames(record: FrameParts, contentSize: Float64Array): void {
  const { ids, rowCount, rowOf, output, outputAlign, sawLast, size } = record
  for (let row = rowCount - 1; row >= 0; row--) {
    const id = ids[row]!
    if (rowOf[id]! !== row) continue
    const number = output[row]!
    if (size[row]! > 0 && sawLast[number]! !== 0) {
      const align = outputAlign[number]! as F64
      size[row] = Math.floor((size[row]! + align - 1) / align) * align
    } else if (size[row]! > 4) sawLast[number] = 1
    contentSize[id] = size[row]!
  }
}
