/** The names an object defines, for archives without an index. Tolerant: what is damaged is reported when it is loaded. */
import { nowhere } from '../diag/diagnostic.ts'
import { Report } from '../diag/report.ts'
import { SHN_COMMON, SHN_UNDEF, SHT_SYMTAB, STB_LOCAL } from '../elf/constants.ts'
import { readElfHeader } from './elf-file.ts'

/**
 * Calls `visit` for each global symbol that is defined or common in the object at `start`.
 * `name` and `limit` are offsets in the view: where the name starts and where its string table ends.
 */
export function forEachDefined(
  view: DataView,
  start: number,
  size: number,
  visit: (name: number, limit: number, common: boolean) => void,
): void {
  forEachGlobal(view, start, size, (name, limit, section) => {
    if (section !== SHN_UNDEF) visit(name, limit, section === SHN_COMMON)
  })
}

/** As forEachDefined for every global symbol; `section` is its st_shndx, `value` its st_value. */
export function forEachGlobal(
  view: DataView,
  start: number,
  size: number,
  visit: (name: number, limit: number, section: number, value: number) => void,
): void {
  const header = readElfHeader(view, start, size, nowhere, new Report())
  if (header === undefined) return
  const { littleEndian: little, sectionHeaders, sectionHeaderSize, sectionCount } = header
  const wide = header.bits === 64
  const word = (at: number): number => (wide ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little))
  for (let index = 0; index < sectionCount; index++) {
    const at = sectionHeaders + index * sectionHeaderSize
    if (view.getUint32(at + 4, little) !== SHT_SYMTAB) continue
    const link = view.getUint32(at + (wide ? 40 : 24), little)
    const entry = wide ? 24 : 16
    const offset = word(at + (wide ? 24 : 16))
    const count = Math.floor(word(at + (wide ? 32 : 20)) / entry)
    if (link >= sectionCount || offset + count * entry > size) return
    const strings = sectionHeaders + link * sectionHeaderSize
    const stringsAt = word(strings + (wide ? 24 : 16))
    const stringsSize = word(strings + (wide ? 32 : 20))
    if (stringsAt + stringsSize > size) return
    for (let i = view.getUint32(at + (wide ? 44 : 28), little); i < count; i++) {
      const symbol = start + offset + i * entry
      const section = view.getUint16(symbol + (wide ? 6 : 14), little)
      const name = view.getUint32(symbol, little)
      const binding = view.getUint8(symbol + (wide ? 4 : 12)) >> 4
      if (binding === STB_LOCAL || name >= stringsSize) continue
      visit(start + stringsAt + name, start + stringsAt + stringsSize, section, word(symbol + (wide ? 8 : 4)))
    }
    return
  }
}
