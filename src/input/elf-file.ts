/**
 * The ELF header of an input, checked: whoever reads the section headers afterwards can trust count, size and place.
 */
import { damagedHeader, unknownFormat } from '../diag/catalogue/input.ts'
import type { Place } from '../diag/diagnostic.ts'
import type { Report } from '../diag/report.ts'
import { ELFCLASS32, ELFCLASS64, ELFDATA2LSB, ELFDATA2MSB, SHN_XINDEX } from '../elf/constants.ts'

export interface ElfHeader {
  readonly bits: 32 | 64
  readonly littleEndian: boolean
  /** e_type, e_machine, e_flags, EI_OSABI */
  readonly type: number
  readonly machine: number
  readonly machineFlags: number
  readonly osabi: number
  /** offset of the section headers in `bytes`; each has `sectionHeaderSize` bytes */
  readonly sectionHeaders: number
  readonly sectionHeaderSize: number
  readonly sectionCount: number
  /** section index of the section names, 0: none */
  readonly nameSection: number
}

/** Reads the header at `start` of `bytes`; the file ends at `start + size`. Undefined after an error. */
export function readElfHeader(
  view: DataView,
  start: number,
  size: number,
  place: Place,
  report: Report,
): ElfHeader | undefined {
  const damaged = (field: string, found: string | number, expected: string): undefined => {
    report.add(damagedHeader({ field, found: String(found), expected }), place)
    return undefined
  }
  if (size < 20) {
    report.add(unknownFormat({ found: `an ELF file of only ${size} bytes` }), place)
    return undefined
  }
  const elfClass = view.getUint8(start + 4)
  if (elfClass !== ELFCLASS32 && elfClass !== ELFCLASS64)
    return damaged('EI_CLASS', elfClass, '1 (32 bit) or 2 (64 bit)')
  const data = view.getUint8(start + 5)
  if (data !== ELFDATA2LSB && data !== ELFDATA2MSB)
    return damaged('EI_DATA', data, '1 (little endian) or 2 (big endian)')
  if (view.getUint8(start + 6) !== 1) return damaged('EI_VERSION', view.getUint8(start + 6), '1')
  const wide = elfClass === ELFCLASS64
  const little = data === ELFDATA2LSB
  const headerSize = wide ? 64 : 52
  if (size < headerSize) return damaged('file size', size, `at least ${headerSize} bytes (truncated)`)
  const entrySize = wide ? 64 : 40
  const tableOffset = wide
    ? view.getUint32(start + (little ? 40 : 44), little) +
      view.getUint32(start + (little ? 44 : 40), little) * 0x1_0000_0000
    : view.getUint32(start + 32, little)
  const tail = start + (wide ? 48 : 36)
  let count = view.getUint16(tail + 12, little)
  let nameSection = view.getUint16(tail + 14, little)
  if (tableOffset === 0) {
    if (count !== 0) return damaged('e_shoff', 0, `the offset of ${count} section headers`)
  } else {
    const found = view.getUint16(tail + 10, little)
    if (found !== entrySize) return damaged('e_shentsize', found, String(entrySize))
    if (tableOffset > size - entrySize)
      return damaged('e_shoff', tableOffset, `an offset in a file of ${size} bytes (truncated)`)
    const first = start + tableOffset
    // More than 65,279 sections: the numbers are in section header 0.
    if (count === 0) {
      const high = wide ? view.getUint32(first + (little ? 36 : 32), little) : 0
      count = view.getUint32(first + (wide ? (little ? 32 : 36) : 20), little) + high * 0x1_0000_0000
    }
    if (nameSection === SHN_XINDEX) nameSection = view.getUint32(first + (wide ? 40 : 24), little)
    if (count > Math.floor((size - tableOffset) / entrySize))
      return damaged('e_shnum', count, `at most ${Math.floor((size - tableOffset) / entrySize)}: the file ends there`)
    if (nameSection >= count && nameSection !== 0)
      return damaged('e_shstrndx', nameSection, `a section index below ${count}`)
  }
  return {
    bits: wide ? 64 : 32,
    littleEndian: little,
    type: view.getUint16(start + 16, little),
    machine: view.getUint16(start + 18, little),
    machineFlags: view.getUint32(tail, little),
    osabi: view.getUint8(start + 7),
    sectionHeaders: start + tableOffset,
    sectionHeaderSize: entrySize,
    sectionCount: count,
    nameSection,
  }
}
