/**
 * A relocation section as columns over the bytes of its file: nothing is copied, a row is read by calls on its index.
 * Hot loops read RELA of 64-bit files themselves; this reader is for everything that looks at single rows.
 */
import { SHT_RELA } from '../../elf/constants.ts'
import type { InputFile, Program } from '../records/program.ts'

export class RelocationTable {
  readonly count: number
  readonly file: InputFile
  /** offset of row 0 in the bytes of the file */
  readonly start: number
  readonly rowBytes: number
  /** rows hold addends */
  readonly hasAddends: boolean

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
  }

  /** r_offset, bytes from the start of the section */
  offset(row: number): number {
    return this.word(this.start + row * this.rowBytes)
  }

  type(row: number): number {
    const at = this.start + row * this.rowBytes
    if (this.file.bits === 32) return this.file.view.getUint8(at + (this.file.littleEndian ? 4 : 7))
    return this.file.view.getUint32(at + (this.file.littleEndian ? 8 : 12), this.file.littleEndian)
  }

  symbol(row: number): number {
    const at = this.start + row * this.rowBytes
    if (this.file.bits === 32) return this.file.view.getUint32(at + 4, this.file.littleEndian) >>> 8
    return this.file.view.getUint32(at + (this.file.littleEndian ? 12 : 8), this.file.littleEndian)
  }

  /** r_addend as signed double; 0 in REL tables, whose addends lie at the place */
  addend(row: number): number {
    if (!this.hasAddends) return 0
    const { view, littleEndian: little } = this.file
    if (this.file.bits === 32) return view.getInt32(this.start + row * 12 + 8, little)
    const at = this.start + row * 24 + 16
    return view.getInt32(little ? at + 4 : at, little) * 0x1_0000_0000 + view.getUint32(little ? at : at + 4, little)
  }

  private word(at: number): number {
    const { view, littleEndian: little } = this.file
    if (this.file.bits === 32) return view.getUint32(at, little)
    return view.getUint32(little ? at + 4 : at, little) * 0x1_0000_0000 + view.getUint32(little ? at : at + 4, little)
  }
}
