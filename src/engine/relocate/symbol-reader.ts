/** Fields of an object's own symbol table, read where they lie. */
import { SHN_ABS, SHN_LORESERVE, SHN_XINDEX } from '../../elf/constants.ts'
import type { InputFile } from '../records/program.ts'

/** Values of `symbolPlace` below 0. */
export const SymbolPlace = { Undefined: -1, Absolute: -2, Common: -3 } as const

/** Section id of a symbol's definition in its own file, or a value of SymbolPlace. */
export function symbolPlace(file: InputFile, index: number): number {
  const { view, littleEndian: little } = file
  const wide = file.bits === 64
  const at = file.symbolTable.offset + index * (wide ? 24 : 16)
  let shndx = view.getUint16(at + (wide ? 6 : 14), little)
  if (shndx === 0) return SymbolPlace.Undefined
  if (shndx >= SHN_LORESERVE) {
    if (shndx === SHN_ABS) return SymbolPlace.Absolute
    if (shndx !== SHN_XINDEX || file.extendedIndex === 0) return SymbolPlace.Common
    shndx = view.getUint32(file.extendedIndex + 4 * index, little)
  }
  return shndx < file.sectionCount ? file.firstSection + shndx : SymbolPlace.Undefined
}

/** st_info & 15 */
export function symbolType(file: InputFile, index: number): number {
  const wide = file.bits === 64
  return file.view.getUint8(file.symbolTable.offset + index * (wide ? 24 : 16) + (wide ? 4 : 12)) & 15
}

/** st_value as signed double */
export function symbolValue(file: InputFile, index: number): number {
  const { view, littleEndian: little } = file
  if (file.bits === 32) return view.getInt32(file.symbolTable.offset + index * 16 + 4, little)
  const at = file.symbolTable.offset + index * 24 + 8
  const first = view.getUint32(little ? at : at + 4, little)
  const high = view.getInt32(little ? at + 4 : at, little)
  return high * 0x1_0000_0000 + first
}

/** st_size */
export function symbolSize(file: InputFile, index: number): number {
  const { view, littleEndian: little } = file
  if (file.bits === 32) return view.getUint32(file.symbolTable.offset + index * 16 + 8, little)
  const at = file.symbolTable.offset + index * 24 + 16
  return view.getUint32(little ? at : at + 4, little) + view.getUint32(little ? at + 4 : at, little) * 0x1_0000_0000
}

/** Latin-1 name, for messages. */
export function symbolName(file: InputFile, index: number): string {
  const at = file.symbolTable.offset + index * (file.bits === 64 ? 24 : 16)
  const start = file.strings.offset + file.view.getUint32(at, file.littleEndian)
  const end = file.strings.offset + file.strings.size
  let text = ''
  for (let i = start; i < end && file.bytes[i] !== 0; i++) text += String.fromCharCode(file.bytes[i]!)
  return text
}
