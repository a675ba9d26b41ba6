/**
 * .eh_frame_hdr: where .eh_frame lies, and a table of its functions sorted by address, so that unwinding can search by
 * halving (LSB core, chapter "Exception Frame Header").
 */
import { type EhFrames, encodedBytes, PointerEncoding } from '../contents/eh-frame.ts'
import type { Layout } from '../records/placement.ts'
import type { Program } from '../records/program.ts'

/** Bytes; without frames or with frames that could not be read there is only the pointer. */
export function ehFrameHeaderSize(frames: EhFrames): number {
  if (frames.sections.length === 0 && frames.isComplete) return 0
  return hasTable(frames) ? 12 + 8 * frames.frameCount : 8
}

function hasTable(frames: EhFrames): boolean {
  if (!frames.isComplete) return false
  let isSimple = true
  for (const section of frames.sections)
    frames.eachFrame(section, (_, encoding) => {
      if (encodedBytes(encoding, 64) === 0 || ((encoding & 0x70) !== 0 && (encoding & 0x70) !== 0x10)) isSimple = false
    })
  return isSimple
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
  image[at + 3] = table ? 0x30 | PointerEncoding.signed4 : PointerEncoding.omit // relative to the header
  view.setInt32(at + 4, frameAddress - (address + 4), little)
  if (!table) return
  const starts = new Float64Array(frames.frameCount)
  const records = new Float64Array(frames.frameCount)
  let count = 0
  for (const section of frames.sections) {
    const home = layout.outputOf[section]!
    if (home < 0) continue
    const base = layout.outputs[home]!.fileOffset + layout.offsetOf[section]!
    const sectionAddress = layout.addressOf[section]!
    frames.eachFrame(section, (place, encoding) => {
      if (count >= starts.length) return
      const field = base + place + 8
      let start = readEncoded(view, field, encoding, little, program.arch.bits)
      if ((encoding & 0x70) === PointerEncoding.pcRelative) start += sectionAddress + place + 8
      starts[count] = start - address
      records[count++] = sectionAddress + place - address
    })
  }
  view.setUint32(at + 8, count, little)
  const order = new Uint32Array(count)
  for (let i = 0; i < count; i++) order[i] = i
  order.sort((a, b) => starts[a]! - starts[b]! || records[a]! - records[b]!)
  for (let i = 0; i < count; i++) {
    view.setInt32(at + 12 + 8 * i, starts[order[i]!]!, little)
    view.setInt32(at + 16 + 8 * i, records[order[i]!]!, little)
  }
}

function readEncoded(view: DataView, at: number, encoding: number, little: boolean, bits: 32 | 64): number {
  switch (encoding & 0x0f) {
    case 0x02:
      return view.getUint16(at, little)
    case 0x0a:
      return view.getInt16(at, little)
    case 0x03:
      return view.getUint32(at, little)
    case 0x0b:
      return view.getInt32(at, little)
    default:
      return (encoding & 0x0f) === 0 && bits === 32 ? view.getInt32(at, little) : Number(view.getBigInt64(at, little))
  }
}
