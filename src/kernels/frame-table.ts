/** .eh_frame_hdr: the functions that .eh_frame speaks of, sorted by address. */

import { frameBatch } from './frame-places.ts'
import { encodedBytes, FileForm, RecordKind, word } from './frames.ts'
import type { F64, I32, U32 } from './types.ts'

const pcRelative = 0x10

export interface FrameTable {
  /** the relocated image */
  readonly out: DataView
  readonly rowCount: I32
  readonly form: Int32Array
  readonly firstRecord: Int32Array
  readonly recordCount: Int32Array
  readonly kind: Uint8Array
  readonly place: Int32Array
  readonly cie: Int32Array
  readonly encoding: Uint8Array
  /** by row: offset in the image, -1: it has no bytes there; signed address */
  readonly imageOffset: Float64Array
  readonly address: Float64Array
  /** by row: index of its first FDE in the table */
  readonly firstFrame: Int32Array
  /** signed address of the header: entries are distances from there */
  readonly header: F64
  // entries; results
  readonly functions: Int32Array
  readonly records: Int32Array
}

/** Reads the entries of a piece: frameBatch rows. */
export function readFrameTable(record: FrameTable, piece: I32): void {
  const { out, rowCount, form, firstRecord, recordCount, kind, place, cie, encoding, imageOffset, header } = record
  const { functions, records } = record
  const to = Math.min(rowCount, (piece + 1) * frameBatch)
  for (let row = piece * frameBatch; row < to; row++) {
    if (imageOffset[row]! < 0) continue
    const at = imageOffset[row]! >>> 0
    const address = record.address[row]! - header
    const end = firstRecord[row]! + recordCount[row]!
    let next = record.firstFrame[row]!
    for (let each = firstRecord[row]!; each < end; each++) {
      if (place[each]! < 0 || kind[each]! !== RecordKind.Fde) continue
      const code = encoding[cie[each]!]!
      const field = place[each]! + 8
      let distance = readEncoded(out, at + (field >>> 0), code, form[row]!)
      if ((code & 0x70) === pcRelative) distance += address + field
      else distance -= header
      functions[next] = distance | 0
      records[next] = (address + place[each]!) | 0
      next++
    }
  }
}

function readEncoded(view: DataView, at: U32, encoding: I32, form: I32): F64 {
  const width = encodedBytes(encoding, form)
  const isSigned = (encoding & 8) !== 0
  if (width === 2) {
    const stored = view.getUint16(at, true) | 0
    const half = (form & FileForm.Big) === 0 ? stored : (stored >> 8) | ((stored & 0xff) << 8)
    return (isSigned ? (half << 16) >> 16 : half) as F64
  }
  const first = word(view, at, form)
  // Absolute addresses of 32 bits are signed, as all addresses in columns are.
  if (width === 4) return isSigned || (encoding & 15) === 0 ? ((first | 0) as F64) : (first as F64)
  const second = word(view, at + 4, form)
  return (form & FileForm.Big) === 0
    ? ((second | 0) as F64) * 4294967296 + (first as F64)
    : ((first | 0) as F64) * 4294967296 + (second as F64)
}

export interface FrameOrder {
  readonly count: I32
  /** keys: they are sorted, and with them the others; two of each, the result is in the first */
  readonly functions: Int32Array
  readonly records: Int32Array
  readonly functions2: Int32Array
  readonly records2: Int32Array
  /** 256 elements */
  readonly counts: Int32Array
}

/** Sorts a few entries by function, then by record. */
export function insertFrames(order: FrameOrder): void {
  const { count, functions, records } = order
  for (let i: I32 = 1; i < count; i++) {
    const key = functions[i]!
    const second = records[i]!
    let j = i
    while (j > 0 && (functions[j - 1]! > key || (functions[j - 1]! === key && records[j - 1]! > second))) {
      functions[j] = functions[j - 1]!
      records[j] = records[j - 1]!
      j--
    }
    functions[j] = key
    records[j] = second
  }
}

/**
 * One step of a radix sort, eight bits of a key, stable: the steps 0, 8, 16, 24 sort. Steps at odd multiples of 8 go back from
 * the second columns to the first.
 * @param byRecord the key is the record instead of the function
 */
export function sortFrames(order: FrameOrder, shift: I32, byRecord: boolean): void {
  const { count, functions, records, functions2, records2, counts } = order
  if ((shift & 8) === 0) sortStep(count, functions, records, functions2, records2, counts, shift, byRecord)
  else sortStep(count, functions2, records2, functions, records, counts, shift, byRecord)
}

function sortStep(
  count: I32,
  functions: Int32Array,
  records: Int32Array,
  functions2: Int32Array,
  records2: Int32Array,
  counts: Int32Array,
  shift: I32,
  byRecord: boolean,
): void {
  // Signed numbers: the highest bit counts the other way round.
  const flip = shift === 24 ? 128 : 0
  for (let i: I32 = 0; i < 256; i++) counts[i] = 0
  for (let i: I32 = 0; i < count; i++) {
    const digit = (((byRecord ? records[i]! : functions[i]!) >> shift) & 255) ^ flip
    counts[digit] = counts[digit]! + 1
  }
  let sum: I32 = 0
  for (let i: I32 = 0; i < 256; i++) {
    const here = counts[i]!
    counts[i] = sum
    sum += here
  }
  for (let i: I32 = 0; i < count; i++) {
    const digit = (((byRecord ? records[i]! : functions[i]!) >> shift) & 255) ^ flip
    const to = counts[digit]!
    counts[digit] = to + 1
    functions2[to] = functions[i]!
    records2[to] = records[i]!
  }
}
