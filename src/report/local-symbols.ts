/** Local symbols of an input file, read from its symbol table as the map shows them. */
import { SHN_XINDEX, STT_FILE, STT_SECTION } from '../elf/constants.ts'
import type { InputFile } from '../engine/records/program.ts'

export interface LocalSymbol {
  /** Latin-1 */
  readonly name: string
  /** bytes from the start of its section */
  readonly offset: bigint
}

/** Named symbols of a section, without those that compilers make (`.L`), in the order of the table. */
export function localSymbols(file: InputFile, sectionIndex: number): LocalSymbol[] {
  const { view, littleEndian: little, symbolTable, strings } = file
  const wide = file.bits === 64
  const found: LocalSymbol[] = []
  for (let index = 1; index < symbolTable.firstGlobal; index++) {
    const at = symbolTable.offset + index * (wide ? 24 : 16)
    let shndx = view.getUint16(at + (wide ? 6 : 14), little)
    if (shndx === SHN_XINDEX && file.extendedIndex !== 0) shndx = view.getUint32(file.extendedIndex + 4 * index, little)
    const type = view.getUint8(at + (wide ? 4 : 12)) & 15
    if (shndx !== sectionIndex || type === STT_SECTION || type === STT_FILE) continue
    const name = textAt(file.bytes, strings.offset + view.getUint32(at, little), strings.offset + strings.size)
    if (name === '' || name.startsWith('.L')) continue
    const offset = wide ? view.getBigUint64(at + 8, little) : BigInt(view.getUint32(at + 4, little))
    found.push({ name, offset })
  }
  return found
}

function textAt(bytes: Uint8Array, start: number, limit: number): string {
  let text = ''
  for (let at = start; at < limit && bytes[at] !== 0; at++) text += String.fromCharCode(bytes[at]!)
  return text
}
