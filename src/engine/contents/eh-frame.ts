/**
 * .eh_frame: call frame information that the C++ run time and debuggers walk (LSB core, chapter "Exception Frames").
 *
 * The section is a chain of records: a CIE holds what many functions share, an FDE describes one function and points back
 * at its CIE. Editing it is forced by three things: an FDE of a dropped function must go, because its addresses would be
 * wrong; equal CIEs of many objects are kept once; and a zero word ends the chain for the run time, so only the very last
 * input may end with one and no input may be padded with zeros: its last record is made longer instead.
 *
 * A section that cannot be read is copied as it is, and then there is no look-up table (.eh_frame_hdr) either.
 */
import { extended } from '../../base/name-table.ts'
import type { Live } from '../records/placement.ts'
import type { InputFile, Program } from '../records/program.ts'
import { SymbolState } from '../records/tables.ts'
import { RelocationTable } from '../relocate/relocation-table.ts'
import { symbolPlace } from '../relocate/symbol-reader.ts'

/** Values of EhFrames.kind. */
const RecordKind = { Cie: 0, Fde: 1, Terminator: 2 } as const

/** DW_EH_PE_ values. */
export const PointerEncoding = { absolute: 0x00, omit: 0xff, pcRelative: 0x10, signed4: 0x0b, unsigned4: 0x03 } as const

export class EhFrames {
  private readonly program: Program
  /** by section id: first record, -1: not edited */
  readonly firstRecord: Int32Array
  private readonly records: Int32Array
  /** by section id: bytes in the output */
  private readonly sizes = new Map<number, number>()
  /** sections in order */
  readonly sections: number[] = []
  /** live FDEs */
  frameCount = 0
  /** every section was understood, so a sorted table can be made */
  isComplete = true

  // Records, in order of section and offset.
  private count = 0
  private start = new Uint32Array(256)
  /** bytes without the no-operations at the end */
  private size = new Uint32Array(256)
  private kind = new Uint8Array(256)
  /** offset in the section's part of the output, -1: dropped */
  private place = new Float64Array(256)
  /** of an FDE: the record of its CIE; of a CIE: itself or the equal one that is kept */
  private cie = new Int32Array(256)
  /** of a CIE: encoding of addresses in its FDEs */
  private encoding = new Uint8Array(256)
  /** of a CIE: 1: its FDEs have augmentation data */
  private hasData = new Uint8Array(256)
  /** of a record: first relocation row at or behind its start */
  private row = new Int32Array(256)
  private owner = new Int32Array(256)

  private readonly knownCies = new Map<string, number>()

  movedOffset = 0

  constructor(program: Program) {
    this.program = program
    this.firstRecord = new Int32Array(program.sections.count).fill(-1)
    this.records = new Int32Array(program.sections.count)
  }

  /**
   * Cuts a section into records. False when it is damaged or uses forms that cannot be edited; then nothing is kept
   * and the section is to be copied whole.
   */
  add(section: number): boolean {
    const before = this.count
    const problem = this.parse(section)
    if (problem !== undefined) {
      this.count = before
      this.isComplete = false
      return false
    }
    this.firstRecord[section] = before
    this.records[section] = this.count - before
    this.sections.push(section)
    return true
  }

  /**
   * Chooses what is kept. `sections` in order of the output; `outputs` tells sections of different output sections apart.
   */
  chooseAndPlace(live: Live, outputOf: (section: number) => number): void {
    const lastOf = new Map<number, number>()
    for (const section of this.sections) lastOf.set(outputOf(section), section)
    for (const section of this.sections) this.choose(section, live, outputOf(section))
    for (const section of this.sections) this.assign(section, lastOf.get(outputOf(section)) === section)
    this.padLast(outputOf)
  }

  sizeOf(section: number): number {
    return this.sizes.get(section) ?? 0
  }

  /** Sets `movedOffset` to where byte `offset` of the section went; false when its record was dropped. */
  move(section: number, offset: number): boolean {
    const first = this.firstRecord[section]!
    let low = first
    let high = first + this.records[section]! - 1
    if (high < low) return false
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.start[middle]! <= offset) low = middle
      else high = middle - 1
    }
    const inside = offset - this.start[low]!
    if (inside >= this.size[low]!) {
      this.movedOffset = this.sizeOf(section)
      return offset <= this.program.sections.size[section]!
    }
    // A place in a CIE that was found elsewhere is not needed: the kept one has its own relocations.
    if (this.place[low]! < 0) return false
    this.movedOffset = this.place[low]! + inside
    return true
  }

  /** As `move` for what refers to the frames: of a dropped record, the next one that is kept, else the end. */
  follow(section: number, offset: number): boolean {
    const first = this.firstRecord[section]!
    if (first < 0 || offset > this.program.sections.size[section]!) return false
    this.movedOffset = this.sizeOf(section)
    for (let record = first + this.records[section]! - 1; record >= first; record--) {
      if (this.start[record]! + this.size[record]! <= offset) break
      if (this.place[record]! >= 0) this.movedOffset = this.place[record]!
    }
    return true
  }

  /** Copies the kept records. Pointers from FDEs to CIEs in other sections are set by `linkRecords`. */
  write(section: number, out: Uint8Array, at: number): void {
    const { sections, files } = this.program
    const file = files[sections.file[section]!]!
    const base = sections.offset[section]!
    const first = this.firstRecord[section]!
    const end = first + this.records[section]!
    const view = new DataView(out.buffer, out.byteOffset, out.byteLength)
    let last = -1
    for (let record = first; record < end; record++) {
      const place = this.place[record]!
      if (place < 0) continue
      last = record
      const from = base + this.start[record]!
      out.set(file.bytes.subarray(from, from + this.size[record]!), at + place)
      if (this.kind[record] !== RecordKind.Terminator)
        view.setUint32(at + place, roundUp(this.size[record]!, 4) - 4, file.littleEndian)
    }
    if (last >= 0 && this.kind[last] !== RecordKind.Terminator)
      view.setUint32(at + this.place[last]!, this.sizeOf(section) - this.place[last]! - 4, file.littleEndian)
  }

  /**
   * Sets the CIE pointer of each FDE, when every section has its place.
   * @param offsetOf by section: offset in the output section, bytes
   */
  linkRecords(section: number, view: DataView, at: number, offsetOf: Float64Array): void {
    const first = this.firstRecord[section]!
    const end = first + this.records[section]!
    const little = this.program.arch.littleEndian
    for (let record = first; record < end; record++) {
      const place = this.place[record]!
      if (place < 0 || this.kind[record] !== RecordKind.Fde) continue
      const cie = this.cie[this.cie[record]!]!
      const target = offsetOf[this.owner[cie]!]! + this.place[cie]!
      view.setUint32(at + place + 4, offsetOf[section]! + place + 4 - target, little)
    }
  }

  /** Calls `visit` with the offset (in the section's part of the output) and address encoding of each kept FDE. */
  eachFrame(section: number, visit: (place: number, encoding: number) => void): void {
    const first = this.firstRecord[section]!
    const end = first + this.records[section]!
    for (let record = first; record < end; record++)
      if (this.kind[record] === RecordKind.Fde && this.place[record]! >= 0)
        visit(this.place[record]!, this.encoding[this.cie[record]!]!)
  }

  private parse(section: number): string | undefined {
    const { sections, files } = this.program
    const file = files[sections.file[section]!]!
    const { view, littleEndian: little } = file
    const base = sections.offset[section]!
    const size = sections.size[section]!
    const table = relocationsOf(this.program, section)
    if (table !== undefined && !isSorted(table)) return 'relocations out of order'
    const first = this.count
    let at = 0
    let row = 0
    while (at < size) {
      if (size - at < 4) return 'record cut off'
      const length = view.getUint32(base + at, little)
      if (length === 0xffff_ffff) return '64-bit record'
      if (length > size - at - 4) return 'record longer than the section'
      while (table !== undefined && row < table.count && table.offset(row) < at) row++
      if (length === 0) {
        this.record(section, at, 4, RecordKind.Terminator, row)
        at += 4
        // Only zeros may follow.
        for (let i = at; i < size; i++) if (file.bytes[base + i] !== 0) return 'records behind the terminator'
        break
      }
      if (length < 4) return 'record too short'
      const pointer = view.getUint32(base + at + 4, little)
      if (pointer === 0) {
        const end = base + at + 4 + length
        const header = readCie(file.bytes, base + at + 8, end, file.bits)
        if (header === undefined) return 'unknown augmentation'
        const used = instructionsEnd(file.bytes, header.instructions, end, encodedBytes(header.encoding, file.bits))
        if (used < 0) return 'unknown instruction'
        const record = this.record(section, at, used - base - at, RecordKind.Cie, row)
        this.encoding[record] = header.encoding
        this.hasData[record] = header.hasData ? 1 : 0
        this.cie[record] = record
      } else {
        const cie = this.findRecord(first, at + 4 - pointer)
        if (cie < 0 || this.kind[cie] !== RecordKind.Cie) return 'no CIE where a record points to'
        if (length < 4 + 2 * encodedBytes(this.encoding[cie]!, file.bits)) return 'record too short'
        if (table === undefined || row >= table.count || table.offset(row) !== at + 8)
          return 'address without relocation'
        const width = encodedBytes(this.encoding[cie]!, file.bits)
        const end = base + at + 4 + length
        let instructions = base + at + 8 + 2 * width
        if (this.hasData[cie] === 1) {
          const data = readLeb(file.bytes, instructions, end)
          instructions = data.next + data.value
        }
        const used = instructionsEnd(file.bytes, instructions, end, width)
        if (used < 0) return 'unknown instruction'
        const record = this.record(section, at, used - base - at, RecordKind.Fde, row)
        this.cie[record] = cie
      }
      at += 4 + length
    }
    return undefined
  }

  private record(section: number, start: number, size: number, kind: number, row: number): number {
    const record = this.count++
    if (record === this.start.length) {
      const capacity = record * 2
      this.start = extended(this.start, new Uint32Array(capacity))
      this.size = extended(this.size, new Uint32Array(capacity))
      this.kind = extended(this.kind, new Uint8Array(capacity))
      this.place = extended(this.place, new Float64Array(capacity))
      this.cie = extended(this.cie, new Int32Array(capacity))
      this.hasData = extended(this.hasData, new Uint8Array(capacity))
      this.encoding = extended(this.encoding, new Uint8Array(capacity))
      this.row = extended(this.row, new Int32Array(capacity))
      this.owner = extended(this.owner, new Int32Array(capacity))
    }
    this.start[record] = start
    this.size[record] = size
    this.kind[record] = kind
    this.place[record] = -1
    this.cie[record] = -1
    this.row[record] = row
    this.owner[record] = section
    return record
  }

  /** Record of this section that starts at `offset`, or -1. */
  private findRecord(first: number, offset: number): number {
    let low = first
    let high = this.count - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      const start = this.start[middle]!
      if (start === offset) return middle
      if (start < offset) low = middle + 1
      else high = middle - 1
    }
    return -1
  }

  /** Marks the live FDEs and the CIEs they need with place 0. */
  private choose(section: number, live: Live, output: number): void {
    const file = this.program.files[this.program.sections.file[section]!]!
    const table = relocationsOf(this.program, section)
    const first = this.firstRecord[section]!
    const end = first + this.records[section]!
    for (let record = first; record < end; record++) {
      if (this.kind[record] !== RecordKind.Fde) continue
      if (!isFrameLive(this.program, file, table!.symbol(this.row[record]!), live)) continue
      this.place[record] = 0
      this.frameCount++
      const cie = this.cie[record]!
      const known = this.cie[cie]!
      if (known !== cie || this.place[cie]! >= 0) continue
      const key = this.cieKey(cie, section, table, file, output)
      const kept = this.knownCies.get(key)
      if (kept === undefined) {
        this.knownCies.set(key, cie)
        this.place[cie] = 0
      } else this.cie[cie] = kept
    }
  }

  /** Equal keys mean equal CIEs: bytes, and the targets of their relocations (personality routine). */
  private cieKey(
    cie: number,
    section: number,
    table: RelocationTable | undefined,
    file: InputFile,
    output: number,
  ): string {
    const from = this.program.sections.offset[section]! + this.start[cie]!
    let key = `${output}:`
    for (let i = 8; i < this.size[cie]!; i++) key += String.fromCharCode(file.bytes[from + i]!)
    const end = this.start[cie]! + this.size[cie]!
    if (table !== undefined)
      for (let row = this.row[cie]!; row < table.count && table.offset(row) < end; row++) {
        const symbol = table.symbol(row)
        const target =
          symbol >= file.symbolTable.firstGlobal
            ? `g${file.globals[symbol - file.symbolTable.firstGlobal]}`
            : `l${file.id}.${symbol}`
        key += `|${table.offset(row) - this.start[cie]!},${table.type(row)},${target},${table.addend(row)}`
      }
    return key
  }

  private assign(section: number, isLast: boolean): void {
    const first = this.firstRecord[section]!
    const end = first + this.records[section]!
    let offset = 0
    for (let record = first; record < end; record++) {
      if (this.kind[record] === RecordKind.Terminator) this.place[record] = isLast ? 0 : -1
      if (this.place[record]! < 0) continue
      this.place[record] = offset
      offset += roundUp(this.size[record]!, 4)
    }
    this.sizes.set(section, offset)
  }

  /** All but the last section of each output are made longer up to the alignment, so that no zeros come between. */
  private padLast(outputOf: (section: number) => number): void {
    const align = new Map<number, number>()
    for (const section of this.sections) {
      const output = outputOf(section)
      align.set(output, Math.max(align.get(output) ?? 1, this.program.sections.align[section]!))
    }
    const sawLast = new Set<number>()
    for (let i = this.sections.length - 1; i >= 0; i--) {
      const section = this.sections[i]!
      const output = outputOf(section)
      const size = this.sizes.get(section)!
      if (size === 0) continue
      if (sawLast.has(output)) {
        const step = align.get(output)!
        this.sizes.set(section, Math.ceil(size / step) * step)
      } else if (size > 4) sawLast.add(output)
    }
  }
}

function relocationsOf(program: Program, section: number): RelocationTable | undefined {
  const id = program.sections.relocations[section]!
  return id < 0 ? undefined : new RelocationTable(program, id)
}

function isSorted(table: RelocationTable): boolean {
  let before = -1
  for (let row = 0; row < table.count; row++) {
    const offset = table.offset(row)
    if (offset < before) return false
    before = offset
  }
  return true
}

/** An FDE lives when the function it describes is in the output, and is the one of its own file. */
function isFrameLive(program: Program, file: InputFile, symbol: number, live: Live): boolean {
  if (symbol === 0 || symbol >= file.symbolTable.count) return false
  const first = file.symbolTable.firstGlobal
  if (symbol >= first) {
    const { symbols } = program
    const id = file.globals[symbol - first]!
    if (symbols.state[id] === SymbolState.Defined) {
      const section = symbols.section[id]!
      return section < 0 || (live[section] === 1 && program.sections.file[section] === file.id)
    }
    return true
  }
  const section = symbolPlace(file, symbol)
  return section < 0 || live[section] === 1
}

/** Bytes of an encoded address, for the encodings of fixed size; 0 for LEB128. */
export function encodedBytes(encoding: number, bits: 32 | 64): number {
  switch (encoding & 0x0f) {
    case 0x00:
      return bits / 8
    case 0x02:
    case 0x0a:
      return 2
    case 0x03:
    case 0x0b:
      return 4
    case 0x04:
    case 0x0c:
      return 8
    default:
      return 0
  }
}

interface CieHeader {
  /** encoding of addresses in its FDEs */
  readonly encoding: number
  /** its FDEs have augmentation data */
  readonly hasData: boolean
  /** offset of the initial instructions */
  readonly instructions: number
}

/** Reads a CIE behind its pointer field; undefined if it cannot be understood. */
function readCie(bytes: Uint8Array, start: number, end: number, bits: 32 | 64): CieHeader | undefined {
  let at = start
  const version = bytes[at++]!
  if (version !== 1 && version !== 3 && version !== 4) return undefined
  const augmentation = at
  while (at < end && bytes[at] !== 0) at++
  if (at >= end) return undefined
  const augmentationEnd = at++
  if (version === 4) at += 2 // sizes of addresses and segment selectors
  at = readLeb(bytes, at, end).next // code alignment
  at = readLeb(bytes, at, end).next // data alignment
  at = version === 1 ? at + 1 : readLeb(bytes, at, end).next // return address register
  if (augmentation === augmentationEnd)
    return at <= end ? { encoding: PointerEncoding.absolute, hasData: false, instructions: at } : undefined
  if (bytes[augmentation] !== 0x7a) return undefined // 'z'
  const data = readLeb(bytes, at, end)
  at = data.next
  const instructions = at + data.value
  let encoding: number = PointerEncoding.absolute
  for (let i = augmentation + 1; i < augmentationEnd; i++) {
    switch (bytes[i]) {
      case 0x4c: // L: encoding of the language-specific data's address
        at++
        break
      case 0x52: // R
        encoding = bytes[at++]!
        break
      case 0x50: {
        // P: encoding, address of the personality routine
        const form = bytes[at++]!
        const size = encodedBytes(form, bits)
        if (size === 0 || (form & 0x70) === 0x50) return undefined
        at += size
        break
      }
      case 0x53: // S: signal frame
      case 0x42: // B: pointer authentication
        break
      default:
        return undefined
    }
  }
  return at <= instructions && instructions <= end ? { encoding, hasData: true, instructions } : undefined
}

/** An unsigned LEB128 number and the offset behind it (beyond `end` when it is cut off). */
function readLeb(bytes: Uint8Array, start: number, end: number): { value: number; next: number } {
  let value = 0
  let scale = 1
  for (let at = start; at < end; at++) {
    value += (bytes[at]! & 0x7f) * scale
    scale *= 128
    if ((bytes[at]! & 0x80) === 0) return { value, next: at + 1 }
  }
  return { value: 0, next: end + 1 }
}

/** Offset behind the LEB128 number at `start`; `end` + 1 when it does not end. */
function lebEnd(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at++) if ((bytes[at]! & 0x80) === 0) return at + 1
  return end + 1
}

/** Characters of `operandForms`. */
const unsignedForm = 0x75
const blockForm = 0x62
const addressForm = 0x61
const digitZero = 0x30

/** Operands of DW_CFA_ instructions 0x00 .. 0x2f: u LEB128, b block, a address, 1 2 4 8 bytes. */
const operandForms: Readonly<Record<number, string>> = {
  0: '',
  1: 'a',
  2: '1',
  3: '2',
  4: '4',
  5: 'uu',
  6: 'u',
  7: 'u',
  8: 'u',
  9: 'uu',
  10: '',
  11: '',
  12: 'uu',
  13: 'u',
  14: 'u',
  15: 'b',
  16: 'ub',
  17: 'uu',
  18: 'uu',
  19: 'u',
  20: 'uu',
  21: 'uu',
  22: 'ub',
  29: '8',
  45: '',
  46: 'u',
  47: 'uu',
}

/**
 * Offset behind the last call frame instruction that is not a no-operation, so that padding can be left out; -1 for an
 * instruction that is not known or runs over the end. A zero may be an operand, so all have to be read.
 */
function instructionsEnd(bytes: Uint8Array, start: number, end: number, addressBytes: number): number {
  if (start > end) return -1
  let used = start
  let at = start
  while (at < end) {
    const code = bytes[at++]!
    if (code === 0) continue
    const high = code & 0xc0
    if (high === 0x80) at = lebEnd(bytes, at, end)
    else if (high === 0) {
      const forms = operandForms[code]
      if (forms === undefined) return -1
      for (let i = 0; i < forms.length; i++) {
        const form = forms.charCodeAt(i)
        if (form === unsignedForm) at = lebEnd(bytes, at, end)
        else if (form === blockForm) {
          const block = readLeb(bytes, at, end)
          at = block.next + block.value
        } else at += form === addressForm ? addressBytes : form - digitZero
      }
    }
    if (at > end) return -1
    used = at
  }
  return used
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step
}
