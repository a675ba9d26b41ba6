/**
 * .eh_frame: cutting sections into records, and which functions' records stay (LSB core, chapter "Exception Frames").
 *
 * A *row* is an input section, in the order of the output. Its records are rows of columns of their own, from
 * `firstRecord[row]` on, in order of offset. Callers have checked that sections, their relocations and the symbol tables lie
 * in their files.
 */
import { SHN_ABS, SHN_LORESERVE, SHN_XINDEX } from '../elf/constants.ts'
import { SymbolState } from '../engine/records/tables.ts'
import type { F64, I32, U32 } from './types.ts'

/** Values of FrameRows.kind. */
export const RecordKind = { Cie: 0, Fde: 1, Terminator: 2 } as const

/** Bits of FrameRows.form: ELFCLASS64, big-endian, r_info with the symbol in front (MIPS64), tables with addends. */
export const FileForm = { Wide: 1, Big: 2, SymbolFirst: 4, Addends: 8 } as const

/** Values of FrameRows.status. */
export const FrameStatus = {
  Ok: 0,
  /** damaged, or of a form that cannot be edited */
  Odd: 1,
  /** more records than there is room for */
  Full: 2,
} as const

/** DW_EH_PE_: what an address is relative to */
const relativeTo = 0x70
const pcRelative = 0x10

/** Values of half a byte of `operands`: what an operand of a call frame instruction is. */
export const Operand = { None: 0, Leb: 1, Block: 2, Address: 3, Bytes1: 4, Bytes2: 5, Bytes4: 6, Bytes8: 7 } as const
export const unknownInstruction = 0xff

/** no relocation is there */
const behindAll = 9007199254740992

/** What is to be known of files. */
export interface FrameFiles {
  readonly bytes: readonly Uint8Array[]
  readonly views: readonly DataView[]
  readonly globals: readonly Int32Array[]
  /** bits of FileForm but Addends */
  readonly fileForm: Int32Array
  /** symbol table: offset, symbols, locals among them; SHT_SYMTAB_SHNDX, 0: none */
  readonly symbols: Uint32Array
  readonly symbolCount: Uint32Array
  readonly firstGlobal: Uint32Array
  readonly extended: Uint32Array
  readonly firstSection: Int32Array
  readonly sectionCount: Uint32Array
}

export interface FrameRows extends FrameFiles {
  // by row
  readonly file: Int32Array
  /** bits of FileForm */
  readonly form: Int32Array
  /** offset in the file, bytes */
  readonly base: Uint32Array
  readonly size: Uint32Array
  /** its relocations: offset in the file, how many */
  readonly table: Uint32Array
  readonly tableRows: Int32Array
  readonly firstRecord: Int32Array
  /** records that there is room for, 0: the section does not lie in its file */
  readonly room: Int32Array
  // by row; results
  /** FrameStatus */
  readonly status: Int32Array
  readonly recordCount: Int32Array
  readonly cieCount: Int32Array
  /** FDEs that stay */
  readonly frameCount: Int32Array
  /** 1: some FDE that stays has an address that a sorted table cannot be made from */
  readonly isUnsorted: Uint8Array
  // by record; results
  /** offset in the section */
  readonly start: Uint32Array
  /** bytes without the no-operations at the end */
  readonly length: Uint32Array
  /** RecordKind */
  readonly kind: Uint8Array
  /** 0: stays, -1: goes; of a CIE that is decided later */
  readonly place: Int32Array
  /** of an FDE: the record of its CIE; of a CIE: itself */
  readonly cie: Int32Array
  /** of a CIE: encoding of addresses in its FDEs */
  readonly encoding: Uint8Array
  /** of a CIE: 1: its FDEs have augmentation data */
  readonly hasData: Uint8Array
  /** of a CIE: first relocation at or behind its start */
  readonly relocation: Int32Array
  /** of a CIE: row */
  readonly owner: Int32Array
  // by section
  readonly live: Uint8Array
  readonly sectionFile: Int32Array
  // by symbol
  readonly symbolState: Uint8Array
  readonly symbolSection: Int32Array
  /** by DW_CFA_ instruction 0x00 to 0x3f: Operand of the first operand, and of the second times 16; or unknownInstruction */
  readonly operands: Uint8Array
}

/** Cuts a row into records and says which of its FDEs stay. */
export function parseFrames(record: FrameRows, row: I32): void {
  record.recordCount[row] = 0
  record.cieCount[row] = 0
  record.frameCount[row] = 0
  record.isUnsorted[row] = 0
  record.status[row] = parseRow(record, row)
}

function parseRow(record: FrameRows, row: I32): I32 {
  const { start, length: lengths, kind, place, cie: cies, room, firstRecord, encoding, owner } = record
  const file = record.file[row]!
  const form = record.form[row]!
  const bytes = record.bytes[file]!
  const view = record.views[file]!
  const base = record.base[row]!
  const size = record.size[row]!
  const rows = record.tableRows[row]!
  if (room[row]! === 0) return FrameStatus.Odd
  const step = relocationBytes(form)
  const table = record.table[row]!
  const first = firstRecord[row]!
  const end = first + room[row]!
  let next = first
  let lastCie: I32 = -1
  let at: U32 = 0
  let relocation: I32 = 0
  let field = table
  let here = rows > 0 ? placeOf(view, field, form) : behindAll
  while (at < size) {
    if (size - at < 4) return FrameStatus.Odd
    const length = word(view, base + at, form)
    // 0xffffffff begins a 64-bit record
    if (length > size - at - 4) return FrameStatus.Odd
    if (next === end) return FrameStatus.Full
    while (here < (at as F64)) {
      relocation++
      field += step
      const place = relocation < rows ? placeOf(view, field, form) : behindAll
      if (place < here) return FrameStatus.Odd
      here = place
    }
    start[next] = at
    place[next] = -1
    if (length === 0) {
      lengths[next] = 4
      kind[next] = RecordKind.Terminator
      next++
      // Only zeros may follow.
      for (let i = at + 4; i < size; i++) if (bytes[base + i]! !== 0) return FrameStatus.Odd
      break
    }
    if (length < 4) return FrameStatus.Odd
    const pointer = word(view, base + at + 4, form)
    const stop = base + at + 4 + length
    let used: U32 = 0
    if (pointer === 0) {
      const instructions = readCie(record, next, bytes, base + at + 8, stop, form)
      if (instructions === 0) return FrameStatus.Odd
      used = instructionsEnd(record, bytes, instructions, stop, encodedBytes(encoding[next]!, form))
      if (used === 0) return FrameStatus.Odd
      kind[next] = RecordKind.Cie
      cies[next] = next
      record.relocation[next] = relocation
      owner[next] = row
      record.cieCount[row] = record.cieCount[row]! + 1
      lastCie = next
    } else {
      if (pointer > at + 4) return FrameStatus.Odd
      const target = at + 4 - pointer
      const cie = lastCie >= 0 && start[lastCie]! === target ? lastCie : findRecord(start, first, next, target)
      if (cie < 0 || kind[cie]! !== RecordKind.Cie) return FrameStatus.Odd
      const width = encodedBytes(encoding[cie]!, form)
      if (length < 4 + 2 * width) return FrameStatus.Odd
      if (here !== (at as F64) + 8) return FrameStatus.Odd
      let instructions = base + at + 8 + 2 * width
      if (record.hasData[cie]! !== 0) {
        const data = lebValue(bytes, instructions, stop)
        instructions = lebEnd(bytes, instructions, stop)
        if (instructions > stop || data > ((stop - instructions) as F64)) return FrameStatus.Odd
        instructions += data >>> 0
      }
      used = instructionsEnd(record, bytes, instructions, stop, width)
      if (used === 0) return FrameStatus.Odd
      kind[next] = RecordKind.Fde
      cies[next] = cie
      if (isLive(record, form, file, symbolOf(view, field, form))) {
        place[next] = 0
        record.frameCount[row] = record.frameCount[row]! + 1
        const relative = encoding[cie]! & relativeTo
        if (width === 0 || (relative !== 0 && relative !== pcRelative)) record.isUnsorted[row] = 1
      }
    }
    lengths[next] = used - base - at
    next++
    at += 4 + length
  }
  if (!isSorted(view, form, field, rows - relocation)) return FrameStatus.Odd
  record.recordCount[row] = next - first
  return FrameStatus.Ok
}

/** A word of a file of this form. */
export function word(view: DataView, at: U32, form: I32): U32 {
  const value = view.getUint32(at, true)
  if ((form & FileForm.Big) === 0) return value
  return ((value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0
}

/** Bytes of a row of a table of relocations. */
export function relocationBytes(form: I32): U32 {
  const width: U32 = (form & FileForm.Wide) !== 0 ? 8 : 4
  return (form & FileForm.Addends) !== 0 ? width * 3 : width * 2
}

/** r_offset */
export function placeOf(view: DataView, at: U32, form: I32): F64 {
  if ((form & FileForm.Wide) === 0) return word(view, at, form) as F64
  const first = word(view, at, form) as F64
  const second = word(view, at + 4, form) as F64
  return (form & FileForm.Big) === 0 ? second * 4294967296 + first : first * 4294967296 + second
}

/** The symbol of a relocation. */
export function symbolOf(view: DataView, at: U32, form: I32): U32 {
  if ((form & FileForm.Wide) === 0) return word(view, at + 4, form) >>> 8
  return word(view, (form & (FileForm.Big | FileForm.SymbolFirst)) === 0 ? at + 12 : at + 8, form)
}

function isSorted(view: DataView, form: I32, table: U32, rows: I32): boolean {
  const step = relocationBytes(form)
  let before: F64 = -1
  let at = table
  for (let row: I32 = 0; row < rows; row++, at += step) {
    const place = placeOf(view, at, form)
    if (place < before) return false
    before = place
  }
  return true
}

/** Record that starts at `offset`, or -1. */
function findRecord(start: Uint32Array, first: I32, end: I32, offset: U32): I32 {
  let low = first
  let high = end - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const found = start[middle]!
    if (found === offset) return middle
    if (found < offset) low = middle + 1
    else high = middle - 1
  }
  return -1
}

/** An FDE lives when the function it describes is in the output, and is the one of its own file. */
function isLive(record: FrameRows, form: I32, file: I32, symbol: U32): boolean {
  const { live, firstGlobal, symbolCount, symbolState, symbolSection, sectionFile } = record
  if (symbol === 0 || symbol >= symbolCount[file]!) return false
  const locals = firstGlobal[file]!
  if (symbol >= locals) {
    const id = record.globals[file]![symbol - locals]!
    if (symbolState[id]! !== SymbolState.Defined) return true
    const section = symbolSection[id]!
    return section < 0 || (live[section]! === 1 && sectionFile[section]! === file)
  }
  const view = record.views[file]!
  const entry: U32 = (form & FileForm.Wide) !== 0 ? 24 : 16
  const at = record.symbols[file]! + symbol * entry + ((form & FileForm.Wide) !== 0 ? 6 : 14)
  const half = view.getUint16(at, true) >>> 0
  let index: U32 = (form & FileForm.Big) === 0 ? half : ((half >>> 8) | ((half & 0xff) << 8)) >>> 0
  if (index === 0) return true
  if (index >= SHN_LORESERVE) {
    const extended = record.extended[file]!
    if (index === SHN_ABS || index !== SHN_XINDEX || extended === 0) return true
    index = word(view, extended + 4 * symbol, form)
  }
  return index >= record.sectionCount[file]! || live[record.firstSection[file]! + (index | 0)]! === 1
}

/** Bytes of an encoded address, for the encodings of fixed size; 0 for LEB128. */
export function encodedBytes(encoding: I32, form: I32): U32 {
  const code = encoding & 0x0f
  if (code === 0x00) return (form & FileForm.Wide) !== 0 ? 8 : 4
  if (code === 0x0b || code === 0x03) return 4
  if (code === 0x0c || code === 0x04) return 8
  return code === 0x0a || code === 0x02 ? 2 : 0
}

/**
 * Reads CIE `cie` behind its pointer field: its encoding, and whether FDEs have data. Returns the offset of its instructions,
 * 0 when it cannot be understood.
 */
function readCie(record: FrameRows, cie: I32, bytes: Uint8Array, start: U32, end: U32, form: I32): U32 {
  const { encoding, hasData } = record
  if (start >= end) return 0
  const version = bytes[start]!
  if (version !== 1 && version !== 3 && version !== 4) return 0
  const letters = start + 1
  let at = letters
  while (at < end && bytes[at]! !== 0) at++
  if (at >= end) return 0
  const lettersEnd = at
  at = version === 4 ? at + 3 : at + 1 // sizes of addresses and segment selectors
  at = lebEnd(bytes, at, end) // code alignment
  at = lebEnd(bytes, at, end) // data alignment
  at = version === 1 ? at + 1 : lebEnd(bytes, at, end) // return address register
  encoding[cie] = 0 // an absolute address
  hasData[cie] = 0
  if (letters === lettersEnd) return at <= end ? at : 0
  if (bytes[letters]! !== 0x7a) return 0 // z
  const size = lebValue(bytes, at, end)
  at = lebEnd(bytes, at, end)
  if (at > end || size > ((end - at) as F64)) return 0
  const instructions = at + (size >>> 0)
  for (let i = letters + 1; i < lettersEnd; i++) {
    const letter = bytes[i]!
    // S: signal frame; B: pointer authentication
    if (letter === 0x53 || letter === 0x42) continue
    if (at >= instructions) return 0
    const code = bytes[at]!
    at++
    if (letter === 0x52)
      encoding[cie] = code // R
    else if (letter === 0x50) {
      // P: encoding, address of the personality routine
      const width = encodedBytes(code, form)
      if (width === 0 || (code & relativeTo) === 0x50) return 0
      at += width
    } else if (letter !== 0x4c) return 0 // L: encoding of the language-specific data's address
  }
  hasData[cie] = 1
  return at <= instructions ? instructions : 0
}

/** An unsigned LEB128 number. */
function lebValue(bytes: Uint8Array, start: U32, end: U32): F64 {
  let value: F64 = 0
  let scale: F64 = 1
  for (let at = start; at < end; at++) {
    value += (bytes[at]! & 0x7f) * scale
    if ((bytes[at]! & 0x80) === 0) break
    scale *= 128
  }
  return value
}

/** Offset behind the LEB128 number at `start`; `end` + 1 when it does not end. */
function lebEnd(bytes: Uint8Array, start: U32, end: U32): U32 {
  for (let at = start; at < end; at++) if ((bytes[at]! & 0x80) === 0) return at + 1
  return end + 1
}

/**
 * Offset behind the last call frame instruction that is not a no-operation, so that padding can be left out; 0 for an
 * instruction that is not known or runs over the end. A zero may be an operand, so all have to be read.
 */
function instructionsEnd(record: FrameRows, bytes: Uint8Array, start: U32, end: U32, width: U32): U32 {
  if (start > end) return 0
  const { operands } = record
  let used = start
  let at = start
  while (at < end) {
    const code = bytes[at]!
    at++
    if (code === 0) continue
    const high = code & 0xc0
    if (high === 0x80) at = lebEnd(bytes, at, end)
    else if (high === 0) {
      let forms = operands[code]!
      if (forms === unknownInstruction) return 0
      for (; forms !== 0; forms >>= 4) {
        const form = forms & 15
        if (form === Operand.Leb) at = lebEnd(bytes, at, end)
        else if (form === Operand.Block) {
          const size = lebValue(bytes, at, end)
          at = lebEnd(bytes, at, end)
          if (at > end || size > ((end - at) as F64)) return 0
          at += size >>> 0
        } else if (form === Operand.Address) at += width
        else at += (1 << (form - Operand.Bytes1)) >>> 0
      }
    }
    if (at > end) return 0
    used = at
  }
  return used
}
