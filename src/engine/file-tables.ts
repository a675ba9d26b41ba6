/**
 * What stands around the placed sections: the section header table, .symtab, .strtab, .shstrtab and their file offsets.
 *
 * By default as GNU ld does it: symbol and string tables behind everything else, the section header table last. A plan
 * may ask for another file layout (FilePlan).
 */
import { SHN_LORESERVE, SHT_NOBITS, SHT_STRTAB, SHT_SYMTAB, SHT_SYMTAB_SHNDX } from '../elf/constants.ts'
import type { FilePlan } from '../plan/plan.ts'
import type { Arch } from '../target/target.ts'
import type { Layout } from './records/placement.ts'
import type { SymbolSelection, SymbolTablePlace } from './symbol-table.ts'

/** One section header as it will be written. */
export interface HeaderRow {
  readonly name: string
  /** offset in .shstrtab */
  nameOffset: number
  readonly type: number
  readonly flags: number
  readonly address: bigint
  offset: number
  readonly size: number
  link: number
  info: number
  readonly align: number
  readonly entsize: number
}

export interface FileTables {
  /** with the null header; empty when no section header table is written */
  readonly headers: readonly HeaderRow[]
  /** section header index by index in layout.outputs */
  readonly headerIndex: Int32Array
  readonly programHeaderOffset: number
  readonly sectionHeaderOffset: number
  /** section header index of .shstrtab */
  readonly namesIndex: number
  readonly names: { readonly offset: number; readonly bytes: Uint8Array }
  readonly symbols?: SymbolTablePlace
  /** bytes of the whole file */
  readonly size: number
}

const roundUp = (value: number, align: number): number => (align > 1 ? Math.ceil(value / align) * align : value)

export function planFileTables(
  layout: Layout,
  selection: SymbolSelection | undefined,
  arch: Arch,
  file: FilePlan | undefined,
): FileTables {
  const wide = arch.bits === 64
  const word = wide ? 8 : 4
  const headers: HeaderRow[] = [
    {
      name: '',
      nameOffset: 0,
      type: 0,
      flags: 0,
      address: 0n,
      offset: 0,
      size: 0,
      link: 0,
      info: 0,
      align: 0,
      entsize: 0,
    },
  ]
  const headerIndex = new Int32Array(layout.outputs.length)
  const byName = new Map<string, number>()
  for (const output of layout.outputs) {
    headerIndex[output.index] = headers.length
    if (!byName.has(output.name)) byName.set(output.name, headers.length)
    headers.push({
      name: output.name,
      nameOffset: 0,
      type: output.type,
      flags: output.flags,
      address: output.address,
      offset: output.fileOffset,
      size: output.size,
      link: 0,
      info: 0,
      align: output.align,
      entsize: output.entsize,
    })
  }
  let at = layout.fileEnd
  const row = (name: string, type: number, size: number, align: number, entsize: number): HeaderRow => {
    at = roundUp(at, align)
    const made = {
      name,
      nameOffset: 0,
      type,
      flags: 0,
      address: 0n,
      offset: at,
      size,
      link: 0,
      info: 0,
      align,
      entsize,
    }
    byName.set(name, headers.length)
    headers.push(made)
    at += size
    return made
  }
  let place: SymbolTablePlace | undefined
  if (selection !== undefined) {
    const symbols = row('.symtab', SHT_SYMTAB, selection.count * (wide ? 24 : 16), word, wide ? 24 : 16)
    const extended = selection.extended ? row('.symtab_shndx', SHT_SYMTAB_SHNDX, selection.count * 4, 4, 4) : undefined
    const strings = row('.strtab', SHT_STRTAB, selection.stringSize, 1, 0)
    symbols.link = byName.get('.strtab')!
    symbols.info = selection.firstGlobal
    if (extended !== undefined) extended.link = byName.get('.symtab')!
    place = { symbols: symbols.offset, strings: strings.offset, extended: extended?.offset ?? 0 }
  }
  byName.set('.shstrtab', headers.length)
  const nameRow = {
    name: '.shstrtab',
    nameOffset: 0,
    type: SHT_STRTAB,
    flags: 0,
    address: 0n,
    offset: at,
    size: 0,
    link: 0,
    info: 0,
    align: 1,
    entsize: 0,
  }
  headers.push(nameRow)
  const bytes = sectionNames(headers, file?.sectionNames)
  nameRow.size = bytes.length
  at += bytes.length
  for (const output of layout.outputs) {
    const header = headers[headerIndex[output.index]!]!
    header.link = typeof output.link === 'string' ? (byName.get(output.link) ?? 0) : (output.link ?? 0)
    header.info = typeof output.info === 'string' ? (byName.get(output.info) ?? 0) : (output.info ?? 0)
  }
  const sectionHeaderOffset = roundUp(at, word)
  return {
    headers,
    headerIndex,
    programHeaderOffset: layout.segments.length > 0 ? (wide ? 64 : 52) : 0,
    sectionHeaderOffset,
    namesIndex: byName.get('.shstrtab')!,
    names: { offset: nameRow.offset, bytes },
    symbols: place,
    size: sectionHeaderOffset + headers.length * (wide ? 64 : 40),
  }
}

/** Bytes of .shstrtab; sets `nameOffset` of the rows. `fixed`: these strings first, in this order, used or not. */
function sectionNames(headers: readonly HeaderRow[], fixed: readonly string[] | undefined): Uint8Array {
  const offsets = new Map<string, number>([['', 0]])
  const texts: string[] = ['']
  let size = 1
  const add = (name: string): number => {
    const known = offsets.get(name)
    if (known !== undefined) return known
    const offset = size
    offsets.set(name, offset)
    texts.push(name)
    size += name.length + 1
    return offset
  }
  for (const name of fixed ?? []) add(name)
  for (const header of headers) header.nameOffset = add(header.name)
  const bytes = new Uint8Array(size)
  let at = 0
  for (const text of texts) {
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i)
    at++
  }
  return bytes
}

/** Everything the ELF header says that is not in the tables. */
export interface ElfHeaderFacts {
  /** e_type */
  readonly type: number
  readonly entry: bigint
  readonly machineFlags: number
  readonly osabi: number
}

/** Writes ELF header, program headers, section headers and section names (gABI, chapters 4 and 5). */
export function writeFileTables(
  image: Uint8Array,
  tables: FileTables,
  layout: Layout,
  arch: Arch,
  facts: ElfHeaderFacts,
): void {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength)
  const little = arch.littleEndian
  const wide = arch.bits === 64
  const word = (at: number, value: bigint | number): void => {
    if (wide) view.setBigUint64(at, BigInt.asUintN(64, BigInt(value)), little)
    else view.setUint32(at, Number(BigInt.asUintN(32, BigInt(value))), little)
  }
  const wordBytes = wide ? 8 : 4
  const count = tables.headers.length
  image.set([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, little ? 1 : 2, 1, facts.osabi], 0)
  view.setUint16(16, facts.type, little)
  view.setUint16(18, arch.machine, little)
  view.setUint32(20, 1, little)
  word(24, facts.entry)
  word(24 + wordBytes, tables.programHeaderOffset)
  word(24 + 2 * wordBytes, tables.sectionHeaderOffset)
  let at = 24 + 3 * wordBytes
  view.setUint32(at, facts.machineFlags >>> 0, little)
  view.setUint16(at + 4, wide ? 64 : 52, little)
  view.setUint16(at + 6, layout.segments.length > 0 ? (wide ? 56 : 32) : 0, little)
  view.setUint16(at + 8, Math.min(layout.segments.length, 0xffff), little)
  view.setUint16(at + 10, wide ? 64 : 40, little)
  view.setUint16(at + 12, count >= SHN_LORESERVE ? 0 : count, little)
  view.setUint16(at + 14, tables.namesIndex >= SHN_LORESERVE ? 0xffff : tables.namesIndex, little)

  at = tables.programHeaderOffset
  for (const segment of layout.segments) {
    view.setUint32(at, segment.type >>> 0, little)
    if (wide) view.setUint32(at + 4, segment.flags >>> 0, little)
    let field = wide ? at + 8 : at + 4
    for (const value of [
      segment.fileOffset,
      segment.address,
      segment.loadAddress,
      segment.fileSize,
      segment.memorySize,
    ]) {
      word(field, value)
      field += wordBytes
    }
    if (!wide) {
      view.setUint32(field, segment.flags >>> 0, little)
      field += 4
    }
    word(field, segment.align)
    at += wide ? 56 : 32
  }

  image.set(tables.names.bytes, tables.names.offset)
  at = tables.sectionHeaderOffset
  for (let index = 0; index < count; index++) {
    const row = tables.headers[index]!
    view.setUint32(at, row.nameOffset, little)
    view.setUint32(at + 4, row.type >>> 0, little)
    let field = at + 8
    const isNull = index === 0
    // gABI: with too many sections or segments the null header holds the real numbers
    const size = isNull && count >= SHN_LORESERVE ? count : row.size
    for (const value of [
      row.flags >>> 0,
      row.address,
      row.type === SHT_NOBITS || row.type !== 0 ? row.offset : 0,
      size,
    ]) {
      word(field, value)
      field += wordBytes
    }
    view.setUint32(field, isNull && tables.namesIndex >= SHN_LORESERVE ? tables.namesIndex : row.link, little)
    view.setUint32(field + 4, isNull && layout.segments.length >= 0xffff ? layout.segments.length : row.info, little)
    word(field + 8, row.align)
    word(field + 8 + wordBytes, row.entsize)
    at += wide ? 64 : 40
  }
}
