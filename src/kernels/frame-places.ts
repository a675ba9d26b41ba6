/**
 * .eh_frame: which CIEs are kept, where records go, and writing them. Rows and records are those of frames.ts.
 */
import { FileForm, placeOf, RecordKind, relocationBytes, symbolOf, word } from './frames.ts'
import type { F64, I32, U32 } from './types.ts'

/** rows that one call does at most */
export const frameBatch = 64

export interface FramePlaces {
  // by file
  readonly bytes: readonly Uint8Array[]
  readonly views: readonly DataView[]
  readonly globals: readonly Int32Array[]
  readonly symbolCount: Uint32Array
  readonly firstGlobal: Uint32Array
  // by row
  readonly file: Int32Array
  readonly form: Int32Array
  readonly base: Uint32Array
  readonly table: Uint32Array
  readonly tableRows: Int32Array
  readonly firstRecord: Int32Array
  readonly recordCount: Int32Array
  /** number of the output section */
  readonly output: Int32Array
  /** by number of an output section: its last row */
  readonly outputLast: Int32Array
  /** result: bytes in the output */
  readonly size: Float64Array
  // by record
  readonly start: Uint32Array
  readonly length: Uint32Array
  readonly kind: Uint8Array
  /** result: offset in the row's part of the output, -1: goes */
  readonly place: Int32Array
  /** of an FDE: the record of its CIE; of a CIE, result: itself or the equal one that is kept */
  readonly cie: Int32Array
  readonly relocation: Int32Array
  readonly owner: Int32Array
  /** CIEs that are kept, by hash: record + 1, 0: free; a power of two, twice as many as there are CIEs */
  readonly slots: Int32Array
  readonly slotMask: I32
}

/** Chooses CIEs and gives the records of the rows `from` to `to - 1` their places. In order. */
export function placeFrames(record: FramePlaces, from: I32, to: I32): void {
  const { firstRecord, recordCount, output, outputLast, size, length, kind, place } = record
  for (let row = from; row < to; row++) {
    chooseCies(record, row)
    const end = firstRecord[row]! + recordCount[row]!
    let offset: I32 = 0
    for (let each = firstRecord[row]!; each < end; each++) {
      if (kind[each]! === RecordKind.Terminator) {
        if (outputLast[output[row]!]! !== row) continue
      } else if (place[each]! < 0) continue
      place[each] = offset
      offset += ((length[each]! + 3) & -4) | 0
    }
    size[row] = offset
  }
}

/** Keeps the CIEs that FDEs need, one of those that are equal. */
function chooseCies(record: FramePlaces, row: I32): void {
  const { firstRecord, recordCount, kind, place, cie: cies } = record
  const end = firstRecord[row]! + recordCount[row]!
  let known: I32 = -1
  for (let each = firstRecord[row]!; each < end; each++) {
    if (kind[each]! !== RecordKind.Fde || place[each]! < 0) continue
    const cie = cies[each]!
    if (cie === known) continue
    known = cie
    if (cies[cie]! !== cie || place[cie]! >= 0) continue
    const kept = findCie(record, cie)
    if (kept === cie) place[cie] = 0
    else cies[cie] = kept
  }
}

/** The CIE that is kept for this one: an equal one, or itself. */
function findCie(record: FramePlaces, cie: I32): I32 {
  const { slots, slotMask } = record
  let slot = hashCie(record, cie) & slotMask
  while (slots[slot]! !== 0) {
    const known = slots[slot]! - 1
    if (isSameCie(record, known, cie)) return known
    slot = (slot + 1) & slotMask
  }
  slots[slot] = cie + 1
  return cie
}

function hashCie(record: FramePlaces, cie: I32): I32 {
  const { bytes: files, file, base, start, length, owner } = record
  const row = owner[cie]!
  const bytes = files[file[row]!]!
  const at = base[row]! + start[cie]!
  let hash = record.output[row]!
  for (let i: U32 = 8; i < length[cie]!; i++) hash = Math.imul(hash ^ bytes[at + i]!, 0x01000193)
  return (hash ^ (hash >>> 15)) & 0x7fffffff
}

/** Are bytes and the targets of relocations (personality routine) the same? */
function isSameCie(record: FramePlaces, a: I32, b: I32): boolean {
  const { bytes, views, file, form: forms, base, table, tableRows, output, start, length, owner } = record
  const left = owner[a]!
  const right = owner[b]!
  const form = forms[left]!
  if (output[left]! !== output[right]! || form !== forms[right]! || length[a]! !== length[b]!) return false
  const size = length[a]!
  const limit = size as F64
  const leftBytes = bytes[file[left]!]!
  const rightBytes = bytes[file[right]!]!
  const leftAt = base[left]! + start[a]!
  const rightAt = base[right]! + start[b]!
  for (let i: U32 = 8; i < size; i++) if (leftBytes[leftAt + i]! !== rightBytes[rightAt + i]!) return false
  const step = relocationBytes(form)
  const leftView = views[file[left]!]!
  const rightView = views[file[right]!]!
  let i = record.relocation[a]!
  let j = record.relocation[b]!
  for (;;) {
    const leftField = table[left]! + (i >>> 0) * step
    const rightField = table[right]! + (j >>> 0) * step
    const leftPlace = i < tableRows[left]! ? placeOf(leftView, leftField, form) - start[a]! : limit
    const rightPlace = j < tableRows[right]! ? placeOf(rightView, rightField, form) - start[b]! : limit
    if (leftPlace >= limit || rightPlace >= limit) return leftPlace >= limit && rightPlace >= limit
    if (leftPlace !== rightPlace) return false
    // The type and, where the table has it, the addend, as they stand there; the other addends are among the bytes.
    if (typeWord(leftView, leftField, form) !== typeWord(rightView, rightField, form)) return false
    if (!isSameTarget(record, left, symbolOf(leftView, leftField, form), right, symbolOf(rightView, rightField, form)))
      return false
    for (let k: U32 = (form & FileForm.Wide) !== 0 ? 16 : 8; k < step; k += 4)
      if (leftView.getInt32(leftField + k, true) !== rightView.getInt32(rightField + k, true)) return false
    i++
    j++
  }
}

/** The part of r_info that is not the symbol, in some order of its bits. */
function typeWord(view: DataView, at: U32, form: I32): U32 {
  if ((form & FileForm.Wide) === 0) return (word(view, at + 4, form) & 0xff) >>> 0
  return word(view, (form & (FileForm.Big | FileForm.SymbolFirst)) === 0 ? at + 8 : at + 12, form)
}

function isSameTarget(record: FramePlaces, left: I32, a: U32, right: I32, b: U32): boolean {
  const { firstGlobal, symbolCount, globals } = record
  const leftFile = record.file[left]!
  const rightFile = record.file[right]!
  if (a >= symbolCount[leftFile]! || b >= symbolCount[rightFile]!) return false
  if (a < firstGlobal[leftFile]! || b < firstGlobal[rightFile]!) return leftFile === rightFile && a === b
  return globals[leftFile]![a - firstGlobal[leftFile]!]! === globals[rightFile]![b - firstGlobal[rightFile]!]!
}

/** Rows of frames and where they go. */
export interface WrittenFrames {
  readonly out: DataView
  readonly rowCount: I32
  readonly views: readonly DataView[]
  readonly file: Int32Array
  readonly form: Int32Array
  readonly base: Uint32Array
  readonly firstRecord: Int32Array
  readonly recordCount: Int32Array
  readonly size: Float64Array
  readonly start: Uint32Array
  readonly length: Uint32Array
  readonly kind: Uint8Array
  readonly place: Int32Array
  /** by row: offset in the image, -1: it has no bytes there */
  readonly imageOffset: Float64Array
}

/** Copies the kept records of a piece: frameBatch rows. */
export function copyFrames(record: WrittenFrames, piece: I32): void {
  const { out, rowCount, views, file, form, base, firstRecord, recordCount, size } = record
  const { start, length: lengths, kind, place, imageOffset } = record
  const lastRow = Math.min(rowCount, (piece + 1) * frameBatch)
  for (let row = piece * frameBatch; row < lastRow; row++) {
    if (imageOffset[row]! < 0) continue
    const at = imageOffset[row]! >>> 0
    const view = views[file[row]!]!
    const end = firstRecord[row]! + recordCount[row]!
    let last: I32 = -1
    for (let each = firstRecord[row]!; each < end; each++) {
      if (place[each]! < 0) continue
      last = each
      const length = lengths[each]!
      const from = base[row]! + start[each]!
      const to = at + (place[each]! >>> 0)
      let i: U32 = 0
      for (; i + 4 <= length; i += 4) out.setInt32(to + i, view.getInt32(from + i, true), true)
      for (; i < length; i++) out.setUint8(to + i, view.getUint8(from + i))
      if (kind[each]! !== RecordKind.Terminator) storeWord(out, to, ((length + 3) & -4) - 4, form[row]!)
    }
    if (last >= 0 && kind[last]! !== RecordKind.Terminator)
      storeWord(out, at + (place[last]! >>> 0), (size[row]! - place[last]! - 4) | 0, form[row]!)
  }
}

function storeWord(view: DataView, at: U32, value: I32, form: I32): void {
  if ((form & FileForm.Big) === 0) view.setInt32(at, value, true)
  else {
    const swapped = (value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)
    view.setInt32(at, swapped, true)
  }
}

/** Rows in their places in the image. */
export interface LinkedFrames {
  readonly out: DataView
  readonly rowCount: I32
  readonly form: Int32Array
  readonly firstRecord: Int32Array
  readonly recordCount: Int32Array
  readonly kind: Uint8Array
  readonly place: Int32Array
  readonly cie: Int32Array
  readonly owner: Int32Array
  /** by row: offset in the image, -1: it has no bytes there; offset in the output section */
  readonly imageOffset: Float64Array
  readonly outputOffset: Float64Array
}

/** Sets the CIE pointers of the FDEs of a piece: frameBatch rows. */
export function linkFrames(record: LinkedFrames, piece: I32): void {
  const { out, rowCount, form, firstRecord, recordCount, kind, place, cie: cies, owner } = record
  const { imageOffset, outputOffset } = record
  const to = Math.min(rowCount, (piece + 1) * frameBatch)
  for (let row = piece * frameBatch; row < to; row++) {
    if (imageOffset[row]! < 0) continue
    const at = imageOffset[row]! >>> 0
    const offset = outputOffset[row]!
    const end = firstRecord[row]! + recordCount[row]!
    for (let each = firstRecord[row]!; each < end; each++) {
      if (place[each]! < 0 || kind[each]! !== RecordKind.Fde) continue
      const cie = cies[cies[each]!]!
      const target = outputOffset[owner[cie]!]! + place[cie]!
      storeWord(out, at + (place[each]! >>> 0) + 4, (offset + place[each]! + 4 - target) | 0, form[row]!)
    }
  }
}
