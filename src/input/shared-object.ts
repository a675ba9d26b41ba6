/** What a link needs of a shared object: its name, its dynamic symbols and their versions. */
import { damagedShared } from '../diag/catalogue/input.ts'
import type { Place } from '../diag/diagnostic.ts'
import type { Report } from '../diag/report.ts'
import {
  DT_NEEDED,
  DT_NULL,
  DT_RPATH,
  DT_RUNPATH,
  DT_SONAME,
  SHT_DYNAMIC,
  SHT_DYNSYM,
  SHT_GNU_VERDEF,
  SHT_GNU_VERSYM,
  VER_FLG_BASE,
} from '../elf/constants.ts'
import type { ElfHeader } from './elf-file.ts'

export interface SharedTables {
  /** DT_SONAME; undefined: none, the file's name counts */
  readonly soname: string | undefined
  /** DT_NEEDED in order */
  readonly needed: readonly string[]
  /** folders of DT_RUNPATH and DT_RPATH */
  readonly runPaths: readonly string[]
  /** .dynsym: file offset, entries, index of the first global */
  readonly symbols: { readonly offset: number; readonly count: number; readonly firstGlobal: number }
  /** .dynstr */
  readonly strings: { readonly offset: number; readonly size: number }
  /** .gnu.version: file offset of the 16-bit entries, one per symbol; 0: none */
  readonly versionTable: number
  /** version names by index of .gnu.version_d */
  readonly versionNames: readonly string[]
}

interface Range {
  readonly offset: number
  readonly size: number
  readonly link: number
  readonly info: number
}

/** Reads the tables of the shared object in `view`. Undefined after an error. */
export function readSharedTables(
  view: DataView,
  header: ElfHeader,
  place: Place,
  report: Report,
): SharedTables | undefined {
  const { littleEndian: little, sectionCount } = header
  const wide = header.bits === 64
  const bad = (problem: string): undefined => {
    report.add(damagedShared({ problem }), place)
    return undefined
  }
  const word = (at: number): number => (wide ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little))
  const sectionAt = (index: number): Range => {
    const at = header.sectionHeaders + index * header.sectionHeaderSize
    return {
      offset: word(at + (wide ? 24 : 16)),
      size: word(at + (wide ? 32 : 20)),
      link: view.getUint32(at + (wide ? 40 : 24), little),
      info: view.getUint32(at + (wide ? 44 : 28), little),
    }
  }
  const found = new Map<number, Range>()
  for (let index = 1; index < sectionCount; index++) {
    const type = view.getUint32(header.sectionHeaders + index * header.sectionHeaderSize + 4, little)
    if (type !== SHT_DYNSYM && type !== SHT_DYNAMIC && type !== SHT_GNU_VERSYM && type !== SHT_GNU_VERDEF) continue
    const range = sectionAt(index)
    if (range.offset + range.size > view.byteLength)
      return bad(
        `section ${index} ends at ${range.offset + range.size}, behind the end of the file (${view.byteLength})`,
      )
    if (!found.has(type)) found.set(type, range)
  }
  const symbols = found.get(SHT_DYNSYM)
  if (symbols === undefined) return bad('it has no dynamic symbol table (SHT_DYNSYM)')
  if (symbols.link >= sectionCount)
    return bad(`the string table of .dynsym is section ${symbols.link} of ${sectionCount}`)
  const strings = sectionAt(symbols.link)
  if (strings.offset + strings.size > view.byteLength) return bad('.dynstr ends behind the end of the file')
  const count = Math.floor(symbols.size / (wide ? 24 : 16))
  if (symbols.info > count) return bad(`sh_info of .dynsym is ${symbols.info}, but it has ${count} symbols`)

  const textAt = (offset: number): string => {
    let text = ''
    if (offset >= strings.size) return text
    const end = strings.offset + strings.size
    for (let at = strings.offset + offset; at < end && view.getUint8(at) !== 0; at++)
      text += String.fromCharCode(view.getUint8(at))
    return text
  }
  let soname: string | undefined
  const needed: string[] = []
  const runPaths: string[] = []
  const dynamic = found.get(SHT_DYNAMIC)
  const step = wide ? 16 : 8
  for (let at = 0; dynamic !== undefined && at + step <= dynamic.size; at += step) {
    const tag = word(dynamic.offset + at)
    if (tag === DT_NULL) break
    const value = word(dynamic.offset + at + step / 2)
    if (tag === DT_SONAME) soname = textAt(value)
    else if (tag === DT_NEEDED) needed.push(textAt(value))
    else if (tag === DT_RUNPATH || tag === DT_RPATH) runPaths.push(...textAt(value).split(':'))
  }
  const versions = found.get(SHT_GNU_VERSYM)
  if (versions !== undefined && versions.size < count * 2) return bad('.gnu.version is shorter than .dynsym')
  const definitions = found.get(SHT_GNU_VERDEF)
  return {
    soname,
    needed,
    runPaths,
    symbols: { offset: symbols.offset, count, firstGlobal: Math.max(symbols.info, 1) },
    strings: { offset: strings.offset, size: strings.size },
    versionTable: versions?.offset ?? 0,
    versionNames: definitions === undefined ? [] : versionNames(view, definitions, little, textAt),
  }
}

/** Names of .gnu.version_d by version index; the base version (the file itself) has none. */
function versionNames(
  view: DataView,
  range: Range,
  little: boolean,
  textAt: (offset: number) => string,
): readonly string[] {
  const names: string[] = []
  const end = range.offset + range.size
  let at = range.offset
  for (let i = 0; i < range.info && at + 20 <= end; i++) {
    const flags = view.getUint16(at + 2, little)
    const index = view.getUint16(at + 4, little) & 0x7fff
    const first = at + view.getUint32(at + 12, little)
    if ((flags & VER_FLG_BASE) === 0 && first + 4 <= end) names[index] = textAt(view.getUint32(first, little))
    const next = view.getUint32(at + 16, little)
    if (next === 0) break
    at += next
  }
  return names
}
