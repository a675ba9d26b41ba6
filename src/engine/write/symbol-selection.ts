/** Which symbols a link writes, and where an input symbol lies. */
import { SHN_XINDEX } from '../../elf/constants.ts'
import type { Layout } from '../records/placement.ts'
import type { InputFile } from '../records/program.ts'
import type { FileSymbols } from './file-symbols.ts'
import type { MadeSymbol } from './made-symbols.ts'

/** Which symbols are written, and how much room they take. */
export interface SymbolSelection {
  /** where the symbols of the inputs lie */
  readonly files: FileSymbols
  /** columns of the locals: file id and symbol index; a negative one is a section (container-symbols.ts) */
  readonly localFiles: Int32Array
  readonly localIndices: Int32Array
  /** bytes of their names */
  readonly localLengths: Uint32Array
  readonly localCount: number
  /** global symbol ids; the first `forcedLocalCount` are written as locals */
  readonly globals: Int32Array
  readonly globalCount: number
  readonly forcedLocalCount: number
  /** behind the locals: those of what the linker makes */
  readonly made?: readonly MadeSymbol[]
  /** STT_SECTION symbols behind the null symbol, one for each of the first outputs (--emit-relocs); absent: none */
  readonly sectionSymbols?: number
  /** entries including the null symbol */
  readonly count: number
  /** sh_info: index of the first global */
  readonly firstGlobal: number
  /** bytes of .strtab */
  readonly stringSize: number
  /** true when some section index does not fit st_shndx, so .symtab_shndx is needed */
  readonly extended: boolean
}

/** A symbol for each section stands in front of all others. */
export function withSectionSymbols(selection: SymbolSelection, layout: Layout): SymbolSelection {
  if (selection.sectionSymbols !== undefined) return selection
  const sectionSymbols = layout.outputs.length
  return {
    ...selection,
    sectionSymbols,
    count: selection.count + sectionSymbols,
    firstGlobal: selection.firstGlobal + sectionSymbols,
  }
}

/** Index of a symbol's section in its file; -1 absolute or common, -2 undefined. A negative index is that of a section. */
export function sectionOf(file: InputFile, index: number): number {
  if (index < 0) return -index
  const at = file.symbolTable.offset + index * (file.bits === 64 ? 24 : 16) + (file.bits === 64 ? 6 : 14)
  const shndx = file.view.getUint16(at, file.littleEndian)
  if (shndx === 0) return -2
  if (shndx < 0xff00) return shndx
  if (shndx === SHN_XINDEX && file.extendedIndex !== 0)
    return file.view.getUint32(file.extendedIndex + 4 * index, file.littleEndian)
  return -1
}
