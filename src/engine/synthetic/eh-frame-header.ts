/**
 * .eh_frame_hdr: where .eh_frame lies, and a table of its functions sorted by address, so that unwinding can search by
 * halving (LSB core, chapter "Exception Frame Header").
 */
import { frameBatch } from '../../kernels/frame-places.ts'
import type { FrameOrder } from '../../kernels/frame-table.ts'
import type { EhFrames } from '../contents/eh-frame.ts'
import type { Layout } from '../records/placement.ts'
import type { Program } from '../records/program.ts'

/** DW_EH_PE_ values. */
const PointerEncoding = {
  omit: 0xff,
  unsigned4: 0x03,
  signed4: 0x0b,
  pcRelative: 0x10,
  headerRelative: 0x30,
} as const

/** Tables of so few entries are sorted by insertion. */
const fewEntries = 48

/** Bytes; without frames or with frames that could not be read there is only the pointer. */
export function ehFrameHeaderSize(frames: EhFrames): number {
  if (frames.ids.length === 0) return 0
  return hasTable(frames) ? 12 + 8 * frames.frameCount : 8
}

function hasTable(frames: EhFrames): boolean {
  return frames.isComplete && frames.isSortable
}

/** Writes the header at `at`, whose address is `address`; .eh_frame must be relocated already. */
export function writeEhFrameHeader(
  image: Uint8Array,
  at: number,
  address: number,
  program: Program,
  frames: EhFrames,
  layout: Layout,
): void {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength)
  const little = program.arch.littleEndian
  const first = frames.sections.find(section => layout.outputOf[section]! >= 0)
  const output = first === undefined ? undefined : layout.outputs[layout.outputOf[first]!]
  const frameAddress = output === undefined ? 0 : Number(BigInt.asIntN(64, output.address))
  const table = hasTable(frames)
  image[at] = 1
  image[at + 1] = PointerEncoding.pcRelative | PointerEncoding.signed4
  image[at + 2] = table ? PointerEncoding.unsigned4 : PointerEncoding.omit
  image[at + 3] = table ? PointerEncoding.headerRelative | PointerEncoding.signed4 : PointerEncoding.omit
  view.setInt32(at + 4, frameAddress - (address + 4), little)
  if (!table) return
  const { count, functions, records } = sortedTable(view, address, program, frames, layout)
  view.setUint32(at + 8, count, little)
  if (little && (image.byteOffset + at) % 4 === 0) {
    const words = new Int32Array(image.buffer, image.byteOffset + at + 12, count * 2)
    for (let i = 0; i < count; i++) {
      words[2 * i] = functions[i]!
      words[2 * i + 1] = records[i]!
    }
    return
  }
  for (let i = 0; i < count; i++) {
    view.setInt32(at + 12 + 8 * i, functions[i]!, little)
    view.setInt32(at + 16 + 8 * i, records[i]!, little)
  }
}

/** Distances of functions and their records from the header, in order. */
function sortedTable(out: DataView, header: number, program: Program, frames: EhFrames, layout: Layout): FrameOrder {
  const { memory, kernels } = program.compute
  const { ids, columns } = frames
  const rowCount = ids.length
  const imageOffset = frames.imageOffsets(layout)
  const address = memory.float64(rowCount)
  const firstFrame = memory.int32(rowCount)
  let count = 0
  let isAscending = true
  let before = -Infinity
  for (let row = 0; row < rowCount; row++) {
    if (imageOffset[row]! < 0) continue
    address[row] = layout.addressOf[ids[row]!]!
    isAscending &&= address[row]! >= before
    before = address[row]!
    firstFrame[row] = count
    count += frames.frames[row]!
  }
  const order = {
    count,
    functions: memory.int32(count),
    records: memory.int32(count),
    functions2: memory.int32(count),
    records2: memory.int32(count),
    counts: memory.int32(256),
  }
  if (columns === undefined) return order
  const record = { ...columns, ...order, out, rowCount, imageOffset, address, firstFrame, header }
  program.compute.begin('readFrameTable', record, Math.ceil(rowCount / frameBatch)).finish()
  if (count < fewEntries) kernels.insertFrames(order)
  else {
    // Entries of one function come in the order of their records, as they do unless outputs have changed places.
    if (!isAscending) for (let shift = 0; shift < 32; shift += 8) kernels.sortFrames(order, shift, true)
    for (let shift = 0; shift < 32; shift += 8) kernels.sortFrames(order, shift, false)
  }
  return order
}
