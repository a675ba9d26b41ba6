/**
 * A relocation section as columns over the bytes of its file: nothing is copied, a row is read by calls on its index.
 * Hot loops read RELA of 64-bit files themselves; this reader is for everything that looks at single rows.
 */
import { SHT_NOBITS, SHT_RELA } from '../../elf/constants.ts'
import type { Arch } from '../../target/target.ts'
import type { InputFile, Program } from '../records/program.ts'

export class RelocationTable {
  readonly count: number
  readonly file: InputFile
  /** offset of row 0 in the bytes of the file */
  readonly start: number
  readonly rowBytes: number
  /** rows hold addends */
  readonly hasAddends: boolean
  private readonly arch: Arch
  private partners: Int32Array | undefined
  /** where the bytes of the section that the table applies to lie in the file: REL finds its addends there */
  private readonly placeStart: number
  private readonly placeEnd: number

  /** The table of relocation section `id`. A table that leaves its file has no rows: the loader has reported it. */
  constructor(program: Program, id: number) {
    const { sections, files } = program
    this.file = files[sections.file[id]!]!
    this.start = sections.offset[id]!
    this.hasAddends = sections.type[id] === SHT_RELA
    this.rowBytes = (this.file.bits === 64 ? 8 : 4) * (this.hasAddends ? 3 : 2)
    const size = sections.size[id]!
    const fits = this.start + size <= this.file.bytes.length
    this.count = fits ? Math.floor(size / this.rowBytes) : 0
    this.arch = program.arch
    const info = sections.info[id]!
    const target = this.hasAddends || info >= this.file.sectionCount ? -1 : this.file.firstSection + info
    const hasBytes = target >= 0 && sections.type[target] !== SHT_NOBITS
    this.placeStart = hasBytes ? sections.offset[target]! : 0
    this.placeEnd = hasBytes ? Math.min(this.placeStart + sections.size[target]!, this.file.bytes.length) : 0
  }

  /** r_offset, bytes from the start of the section */
  offset(row: number): number {
    return this.word(this.start + row * this.rowBytes)
  }

  type(row: number): number {
    const at = this.start + row * this.rowBytes
    if (this.file.bits === 32) return this.file.view.getUint8(at + (this.file.littleEndian ? 4 : 7))
    // Several types in one, which tsld does not know, are a number beyond the table.
    if (this.arch.symbolFirst) return this.file.view.getUint32(at + 12, false)
    return this.file.view.getUint32(at + (this.file.littleEndian ? 8 : 12), this.file.littleEndian)
  }

  symbol(row: number): number {
    const at = this.start + row * this.rowBytes
    if (this.file.bits === 32) return this.file.view.getUint32(at + 4, this.file.littleEndian) >>> 8
    const isBehind = this.file.littleEndian && !this.arch.symbolFirst
    return this.file.view.getUint32(at + (isBehind ? 12 : 8), this.file.littleEndian)
  }

  /** Rows can be read as those of most 64-bit architectures: RELA, little-endian, the symbol behind the type. */
  get isUsual(): boolean {
    return this.file.bits === 64 && this.file.littleEndian && this.hasAddends && !this.arch.symbolFirst
  }

  /** The addend as signed double; in REL tables the number that stands at the place, 0 when the place is not there. */
  addend(row: number): number {
    if (!this.hasAddends) return this.storedAddend(row)
    const { view, littleEndian: little } = this.file
    if (this.file.bits === 32) return view.getInt32(this.start + row * 12 + 8, little)
    const at = this.start + row * 24 + 16
    return view.getInt32(little ? at + 4 : at, little) * 0x1_0000_0000 + view.getUint32(little ? at : at + 4, little)
  }

  private storedAddend(row: number): number {
    const type = this.type(row)
    const { bytes, codec } = this.arch.relocationColumns
    const at = this.placeStart + this.offset(row)
    if (type >= bytes.length || at + bytes[type]! > this.placeEnd) return 0
    const { view, littleEndian: little } = this.file
    if (codec[type] === 0) return readStoredAddend(view, at, bytes[type]!, little)
    const addend = this.arch.fields!.read(codec[type]!, view, at)
    return this.arch.relocationColumns.lowerHalfIn[type] === 0 ? addend : addend + this.lowerHalf(row)
  }

  /**
   * REL (MIPS): the signed lower half of the addend of `row` stands where the next relocation of a certain type, against
   * the same symbol, applies; 0 when there is none, as GNU ld has it.
   */
  lowerHalf(row: number): number {
    this.partners ??= this.findPartners()
    const partner = this.partners[row]!
    return partner < 0 ? 0 : this.storedAddend(partner)
  }

  /** By row: the one that holds the lower half, -1: there is none. One pass from the end. */
  private findPartners(): Int32Array {
    const { lowerHalfIn } = this.arch.relocationColumns
    const partners = new Int32Array(this.count).fill(-1)
    const nearest = new Map<number, number>()
    const key = (symbol: number, type: number): number => symbol * 256 + type
    for (let row = this.count - 1; row >= 0; row--) {
      const type = this.type(row)
      if (type >= lowerHalfIn.length || type > 255) continue
      const lower = lowerHalfIn[type]!
      if (lower !== 0) partners[row] = nearest.get(key(this.symbol(row), lower)) ?? -1
      nearest.set(key(this.symbol(row), type), row)
    }
    return partners
  }

  private word(at: number): number {
    const { view, littleEndian: little } = this.file
    if (this.file.bits === 32) return view.getUint32(at, little)
    return view.getUint32(little ? at + 4 : at, little) * 0x1_0000_0000 + view.getUint32(little ? at : at + 4, little)
  }
}

/** REL: the addend in a plain word of `width` bytes, sign-extended. */
export function readStoredAddend(view: DataView, at: number, width: number, little: boolean): number {
  switch (width) {
    case 1:
      return view.getInt8(at)
    case 2:
      return view.getInt16(at, little)
    case 4:
      return view.getInt32(at, little)
    case 8:
      return Number(view.getBigInt64(at, little))
    default:
      return 0
  }
}
