/**
 * What stands around the placed sections: the section header table, .symtab, .strtab, .shstrtab and their file offsets.
 *
 * By default as GNU ld does it: symbol and string tables behind everything else, the section header table last. A plan
 * may ask for another file layout (FilePlan).
 */
import { compileGlob, matchesText } from '../../base/glob.ts'
import { reserveTooSmall } from '../../diag/catalogue/file-layout.ts'
import type { Report } from '../../diag/report.ts'
import {
  PT_LOAD,
  SHF_ALLOC,
  SHN_LORESERVE,
  SHT_NOBITS,
  SHT_STRTAB,
  SHT_SYMTAB,
  SHT_SYMTAB_SHNDX,
} from '../../elf/constants.ts'
import { foldConstant } from '../../plan/expression.ts'
import type { FilePlan } from '../../plan/plan.ts'
import type { Arch } from '../../target/target.ts'
import type { Layout, PlacedSection } from '../records/placement.ts'
import { nameBytes, nameStrings, tableNames } from './name-strings.ts'
import type { SymbolSelection } from './symbol-selection.ts'
import type { SymbolTablePlace } from './symbol-table.ts'

/** One section header as it will be written. */
export interface HeaderRow {
  readonly name: string
  /** offset in .shstrtab */
  nameOffset: number
  readonly type: number
  flags: number
  readonly address: bigint
  offset: number
  readonly size: number
  link: number
  info: number
  readonly align: number
  entsize: number
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
  /** the layout with the file offsets of everything final */
  readonly layout: Layout
}

const roundUp = (value: number, align: number): number => (align > 1 ? Math.ceil(value / align) * align : value)

/**
 * Decides what the section header table holds and where all that is not loaded stands.
 *
 * Without wishes of the plan (FilePlan) as GNU ld does: .symtab, .strtab, .shstrtab behind the last section, then the section
 * headers. `layout` of the result is the layout with the file offsets that these wishes changed.
 */
export function planFileTables(
  layout: Layout,
  selection: SymbolSelection | undefined,
  arch: Arch,
  file: FilePlan | undefined,
  report: Report,
): FileTables {
  const wide = arch.bits === 64
  const word = wide ? 8 : 4
  const names = nameStrings(headerNames(layout, selection, file), file)
  const contents = fileParts(layout, selection, names.size, arch, file)
  const { offsets: contentOffsets, end } = offsetsOf(contents, layout, file)
  const placed = withOffsets(layout, contents, contentOffsets)
  const order = headerOrder(contents, file?.headerOrder)
  const parts = order.map(i => contents[i]!)
  const offsets = order.map(i => contentOffsets[i]!)

  const headers: HeaderRow[] = [{ ...emptyRow }]
  const headerIndex = new Int32Array(layout.outputs.length)
  const byName = new Map<string, number>()
  // Sections of the layout may go by the names of these tables.
  const tableByName = new Map<string, number>()
  parts.forEach((part, i) => {
    const row: HeaderRow =
      part.output === undefined
        ? { ...emptyRow, ...part, offset: offsets[i]! }
        : rowOf(placed.outputs[part.output.index]!, layout, file)
    row.nameOffset = names.offsets.get(row.name) ?? 0
    if (part.output === undefined) tableByName.set(row.name, headers.length)
    else headerIndex[part.output.index] = headers.length
    if (!byName.has(row.name)) byName.set(row.name, headers.length)
    headers.push(row)
  })
  for (const output of layout.outputs) {
    const header = headers[headerIndex[output.index]!]!
    header.link = typeof output.link === 'string' ? (byName.get(output.link) ?? 0) : (output.link ?? 0)
    header.info = typeof output.info === 'string' ? (byName.get(output.info) ?? 0) : (output.info ?? 0)
  }
  const place = selection === undefined ? undefined : linkSymbolTable(headers, tableByName, selection)
  const namesIndex = (tableByName.get('.shstrtab') ?? byName.get('.shstrtab'))!
  const programHeaderOffset = layout.segments.length > 0 ? (wide ? 64 : 52) : 0
  const headersEnd = programHeaderOffset + layout.segments.length * (wide ? 56 : 32)
  const tableBytes = headers.length * (wide ? 64 : 40)
  let sectionHeaderOffset = roundUp(end, word)
  let size = sectionHeaderOffset + tableBytes
  if (file?.sectionHeaders === 'after-program-headers') {
    const front = roundUp(Math.max(headersEnd, wide ? 64 : 52), word)
    const first = firstContent(placed)
    if (first === undefined || front + tableBytes <= first.fileOffset) {
      sectionHeaderOffset = front
      size = Math.max(end, front + tableBytes)
    } else if (file.sectionHeadersOverflow !== 'end')
      report.add(reserveTooSmall({ needed: front + tableBytes, room: first.fileOffset, section: first.name }))
  }
  return {
    headers,
    headerIndex,
    programHeaderOffset,
    sectionHeaderOffset,
    namesIndex,
    names: { offset: headers[namesIndex]!.offset, bytes: nameBytes(names) },
    symbols: place,
    size,
    layout: placed,
  }
}

const emptyRow: HeaderRow = {
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
}

/** An output section, or a table that the linker adds, in the order of the section headers. */
interface FilePart {
  readonly output?: PlacedSection
  readonly name: string
  readonly type: number
  readonly size: number
  readonly align: number
  readonly entsize: number
}

function headerNames(layout: Layout, selection: SymbolSelection | undefined, file: FilePlan | undefined): string[] {
  const names = layout.outputs.map(output => output.name)
  names.push(...tableNames(file, selection !== undefined))
  if (selection?.extended) names.push('.symtab_shndx')
  return names
}

function fileParts(
  layout: Layout,
  selection: SymbolSelection | undefined,
  nameSize: number,
  arch: Arch,
  file: FilePlan | undefined,
): FilePart[] {
  const word = arch.bits === 64 ? 8 : 4
  const entry = arch.bits === 64 ? 24 : 16
  const tables: FilePart[] = []
  if (selection !== undefined) {
    tables.push({ name: '.symtab', type: SHT_SYMTAB, size: selection.count * entry, align: word, entsize: entry })
    if (selection.extended)
      tables.push({ name: '.symtab_shndx', type: SHT_SYMTAB_SHNDX, size: selection.count * 4, align: 4, entsize: 4 })
    tables.push({ name: '.strtab', type: SHT_STRTAB, size: selection.stringSize, align: 1, entsize: 0 })
  }
  if (!file?.namesAreSection) tables.push({ name: '.shstrtab', type: SHT_STRTAB, size: nameSize, align: 1, entsize: 0 })
  const outputs = layout.outputs.map(output => ({ ...output, output }))
  if (file === undefined) return [...outputs, ...tables]
  const inFile = loadedOutputs(layout)
  const last = file.headersLast ?? []
  const isLast = (part: FilePart): boolean => last.includes(part.name)
  const loaded = outputs.filter(part => inFile.has(part.index))
  const unloaded = [...outputs.filter(part => !inFile.has(part.index)), ...tables]
  return [
    ...loaded.filter(part => !isLast(part)),
    ...inOrder(loaded.filter(isLast), last),
    ...inOrder(unloaded, file.unloaded ?? []),
  ]
}

/** Sorts by the first pattern that fits; what fits none comes last. Stable. */
function inOrder(parts: readonly FilePart[], patterns: readonly string[]): FilePart[] {
  const globs = patterns.map(compileGlob)
  const rank = (part: FilePart): number => {
    const found = globs.findIndex(glob => matchesText(glob, part.name))
    return found < 0 ? globs.length : found
  }
  return parts
    .map(part => ({ part, rank: rank(part) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ part }) => part)
}

/** Positions of the parts in the order of their headers. */
function headerOrder(parts: readonly FilePart[], patterns: readonly string[] | undefined): readonly number[] {
  const all = parts.map((_, i) => i)
  if (patterns === undefined) return all
  const globs = patterns.map(compileGlob)
  const others = patterns.indexOf('*')
  const ranks = parts.map(part => {
    const found = globs.findIndex((glob, i) => i !== others && matchesText(glob, part.name))
    return found >= 0 ? found : others < 0 ? globs.length : others
  })
  return all.sort((a, b) => ranks[a]! - ranks[b]! || a - b)
}

/** Indices of the outputs that are part of a loaded segment's file contents, or have an address. */
function loadedOutputs(layout: Layout): ReadonlySet<number> {
  const loaded = new Set<number>()
  for (const segment of layout.segments) for (const index of segment.sections) loaded.add(index)
  for (const output of layout.outputs) if ((output.flags & SHF_ALLOC) !== 0) loaded.add(output.index)
  return loaded
}

/** File offsets of the parts, and where the last one ends. Loaded sections keep theirs. */
function offsetsOf(
  parts: readonly FilePart[],
  layout: Layout,
  file: FilePlan | undefined,
): { readonly offsets: readonly number[]; readonly end: number } {
  if (file?.unloaded === undefined) {
    let at = layout.fileEnd
    const offsets = parts.map(part => {
      if (part.output !== undefined) return part.output.fileOffset
      const offset = roundUp(at, part.align)
      at = offset + part.size
      return offset
    })
    return { offsets, end: at }
  }
  const inFile = loadedOutputs(layout)
  let end = 0
  for (const segment of layout.segments) end = Math.max(end, segment.fileOffset + segment.fileSize)
  for (const index of inFile) {
    const output = layout.outputs[index]!
    if (output.type !== SHT_NOBITS && output.size > 0) end = Math.max(end, output.fileOffset + output.size)
  }
  let at = roundUp(end, layout.unloadedAlign ?? 1)
  if (file.unloadedPadded) end = at
  const offsets = parts.map(part => {
    if (part.output !== undefined && inFile.has(part.output.index)) return part.output.fileOffset
    at = file.unloadedPacked && part.name !== '.symtab' ? at : roundUp(at, part.align)
    const offset = at
    if (part.type !== SHT_NOBITS) at += part.size
    if (part.size > 0) end = Math.max(end, at)
    return offset
  })
  return { offsets, end }
}

function withOffsets(layout: Layout, parts: readonly FilePart[], offsets: readonly number[]): Layout {
  const outputs = [...layout.outputs]
  let changed = false
  parts.forEach((part, i) => {
    if (part.output === undefined || part.output.fileOffset === offsets[i]) return
    outputs[part.output.index] = { ...part.output, fileOffset: offsets[i]! }
    changed = true
  })
  return changed ? { ...layout, outputs } : layout
}

/** The file offset that a section without bytes shows: that of its loaded segment plus its distance in memory. */
function offsetByAddress(output: PlacedSection, layout: Layout): number {
  const segment = layout.segments.find(each => each.type === PT_LOAD && each.sections.includes(output.index))
  if (segment === undefined) return output.fileOffset
  // .tbss may have an address of its own, which is none in memory.
  const distance = Number(output.address - segment.address)
  return distance < 0 ? 0 : segment.fileOffset + distance
}

function rowOf(output: PlacedSection, layout: Layout, file: FilePlan | undefined): HeaderRow {
  const isHidden = output.because?.extra?.unallocated === true
  const isNames = file?.namesAreSection === true && output.name === '.shstrtab'
  return {
    name: output.name,
    nameOffset: 0,
    type: isNames ? SHT_STRTAB : output.type,
    flags: isHidden ? output.flags & ~SHF_ALLOC : output.flags,
    address: isHidden ? 0n : output.address,
    offset: output.because?.extra?.offsetByAddress ? offsetByAddress(output, layout) : output.fileOffset,
    size: output.size,
    link: 0,
    info: 0,
    align: isNames ? 1 : shownAlign(output),
    entsize: output.entsize,
  }
}

function shownAlign(output: PlacedSection): number {
  const wanted = output.because?.extra?.headerAlign
  return wanted === undefined ? output.align : Number(foldConstant(wanted) ?? output.align)
}

function linkSymbolTable(
  headers: readonly HeaderRow[],
  tableByName: ReadonlyMap<string, number>,
  selection: SymbolSelection,
): SymbolTablePlace {
  const symbols = headers[tableByName.get('.symtab')!]!
  const strings = headers[tableByName.get('.strtab')!]!
  const extended = selection.extended ? headers[tableByName.get('.symtab_shndx')!] : undefined
  symbols.link = tableByName.get('.strtab')!
  symbols.info = selection.firstGlobal
  if (extended !== undefined) extended.link = tableByName.get('.symtab')!
  return { symbols: symbols.offset, strings: strings.offset, extended: extended?.offset ?? 0 }
}

/** The section with contents that stands first in the file. */
function firstContent(layout: Layout): PlacedSection | undefined {
  let first: PlacedSection | undefined
  for (const output of layout.outputs) {
    if (output.type === SHT_NOBITS || output.size === 0) continue
    if (first === undefined || output.fileOffset < first.fileOffset) first = output
  }
  return first
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
