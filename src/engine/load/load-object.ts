/**
 * A relocatable object: section headers into columns, in one pass.
 *
 * A large C++ program has some 600,000 section headers, so the loop below writes columns and allocates nothing. Every field
 * that a later stage uses as an index, offset or count is checked here; afterwards the columns can be trusted.
 */
import { nameBlock } from '../../base/name-table.ts'
import { damagedSection, notRelocatable } from '../../diag/catalogue/input.ts'
import {
  ET_REL,
  SHF_ALLOC,
  SHF_EXCLUDE,
  SHT_GROUP,
  SHT_NOBITS,
  SHT_NULL,
  SHT_REL,
  SHT_RELA,
  SHT_STRTAB,
  SHT_SYMTAB,
  SHT_SYMTAB_SHNDX,
} from '../../elf/constants.ts'
import { fileTypeName } from '../../elf/names.ts'
import { hasCompressedSections, withoutCompression } from '../../input/compressed-sections.ts'
import { type ElfHeader, readElfHeader } from '../../input/elf-file.ts'
import { ObjectFact } from '../../kernels/objects.ts'
import type { InputFile } from '../records/program.ts'
import { SectionState } from '../records/tables.ts'
import { enterGroups } from './comdat.ts'
import { loadIndexed } from './indexed-object.ts'
import { judgeNames } from './judge-names.ts'
import { addSource, expected, type Loading, type ObjectPlace, placeOf } from './loading.ts'
import { acceptMachine } from './machine.ts'
import { enterSymbols } from './resolve-symbols.ts'

/** An InputFile while it is filled. */
export type FileDraft = { -readonly [Key in keyof InputFile]: InputFile[Key] }

const none = new Int32Array(0)

/** Loads an object and resolves its symbols. Returns its file id, or -1 after an error. */
export function loadObject(loading: Loading, at: ObjectPlace, justSymbols = false): number {
  const { report, indexer } = loading
  if (!justSymbols && loading.wrap === undefined) {
    const { index, view } = at.source
    const ready = index?.rowOf(at.start) ?? -1
    const row = ready >= 0 ? ready : indexer.make(view, at.start, at.size) ? 0 : -1
    const columns = ready >= 0 ? index!.columns : indexer.columns
    const { facts, words } = columns
    // A name with a version is more than one name.
    if (row >= 0 && words[facts[row + ObjectFact.WordsAt]!] === 0) {
      const machine = { machine: facts[row + ObjectFact.Machine]!, bits: 64, littleEndian: true } as const
      return acceptMachine(loading, machine, at) ? loadIndexed(loading, at, columns, row) : -1
    }
  }
  const place = placeOf(at)
  const header = readElfHeader(at.source.view, at.start, at.size, place, report)
  if (header === undefined || !acceptMachine(loading, header, at)) return -1
  if (header.type !== ET_REL && !justSymbols) {
    report.add(notRelocatable({ found: fileTypeName(header.type) }), place)
    return -1
  }
  if (hasCompressedSections(at.source.view, header)) {
    const bytes = withoutCompression(at.source.bytes, at.start, at.size, header, place, report)
    if (bytes === undefined) return -1
    const source = addSource(loading, at.source.path, bytes)
    return loadObject(loading, { ...at, source, start: 0, size: bytes.length }, justSymbols)
  }
  const file = newFile(loading, at, header)
  if (!enterSections(loading, file, at.source.sectionSource, header, justSymbols)) return -1
  if (!justSymbols && !enterGroups(loading, file)) return -1
  loading.files.push(file)
  loading.progress++
  if (!enterSymbols(loading, file, at.source.symbolSource, justSymbols)) {
    loading.files.pop()
    return -1
  }
  return file.id
}

function newFile(loading: Loading, at: ObjectPlace, header: ElfHeader): FileDraft {
  return {
    id: loading.files.length,
    name: at.name,
    archive: at.archive,
    kind: 'object',
    bytes: at.source.bytes,
    view: at.source.view,
    littleEndian: header.littleEndian,
    bits: header.bits,
    start: at.start,
    size: at.size,
    firstSection: 0,
    sectionCount: header.sectionCount,
    symbolTable: { offset: 0, count: 0, firstGlobal: 0 },
    strings: { offset: 0, size: 0 },
    extendedIndex: 0,
    globals: none,
    source: at.source.symbolSource,
    machineFlags: header.machineFlags,
  }
}

function enterSections(
  loading: Loading,
  file: FileDraft,
  source: number,
  header: ElfHeader,
  justSymbols: boolean,
): boolean {
  const { sections } = loading
  const { view, littleEndian: little, start, size: fileSize } = file
  const wide = header.bits === 64
  const count = header.sectionCount
  if (sections.count + count > sections.file.length) sections.reserve(expected(loading, sections.count, count))
  const first = sections.add(count)
  file.firstSection = first
  if (count === 0) return true
  const step = header.sectionHeaderSize
  const table = header.sectionHeaders
  const bad = (index: number, field: string, found: string | number, expected: string): false => {
    loading.report.add(damagedSection({ index, field, found: String(found), expected }), placeOf(file))
    return false
  }

  // String table of the section names.
  let namesAt = 0
  let namesSize = 0
  if (header.nameSection !== 0) {
    const at = table + header.nameSection * step
    namesAt = word(view, at, 24, 16, wide, little)
    namesSize = word(view, at, 32, 20, wide, little)
    if (namesAt + namesSize > fileSize)
      return bad(header.nameSection, 'sh_offset + sh_size', namesAt + namesSize, `at most the file size ${fileSize}`)
    namesAt += start
  }
  const { file: files, name: names, type: types, flags: allFlags, offset: offsets, size: sizes } = sections
  const { align: aligns, link: links, info: infos, entsize: entsizes, relocations, state: states } = sections
  const slots = wide ? 48 : 32
  let symbolTable = 0
  let extended = 0
  let extendedLink = 0
  for (let index = 0, at = table; index < count; index++, at += step) {
    const id = first + index
    const type = view.getUint32(at + 4, little)
    files[id] = file.id
    types[id] = type
    if (type === SHT_NULL) {
      states[id] = SectionState.Table
      continue
    }
    const flags = view.getUint32(at + (wide && !little ? 12 : 8), little)
    const offset = word(view, at, 24, 16, wide, little)
    const size = word(view, at, 32, 20, wide, little)
    const align = word(view, at, 48, 32, wide, little)
    const link = view.getUint32(at + (wide ? 40 : 24), little)
    const info = view.getUint32(at + (wide ? 44 : 28), little)
    const entsize = word(view, at, slots + 8, slots + 4, wide, little)
    allFlags[id] = flags
    offsets[id] = start + offset
    sizes[id] = size
    links[id] = link
    infos[id] = info
    entsizes[id] = entsize
    if (type !== SHT_NOBITS && offset + size > fileSize)
      return bad(index, 'sh_offset + sh_size', offset + size, `at most the file size ${fileSize} (truncated?)`)
    if (type === SHT_NOBITS && size > Number.MAX_SAFE_INTEGER) return bad(index, 'sh_size', size, 'less than 2^53')
    if (align > 1) {
      if (align > 0x8000_0000 || (align & (align - 1)) !== 0) return bad(index, 'sh_addralign', align, 'a power of two')
      aligns[id] = align
    }

    if (type === SHT_RELA || type === SHT_REL) {
      // Names of relocation sections are never looked at.
      states[id] = SectionState.Table
      if (justSymbols) continue
      if (info >= count || info === 0) {
        if ((flags & SHF_ALLOC) === 0) return bad(index, 'sh_info', info, `the index of a section (1 to ${count - 1})`)
        continue
      }
      const entry = type === SHT_RELA ? (wide ? 24 : 12) : wide ? 16 : 8
      if (entsize !== entry) return bad(index, 'sh_entsize', entsize, String(entry))
      if (size % entry !== 0) return bad(index, 'sh_size', size, `a multiple of ${entry}`)
      const target = first + info
      if (relocations[target] !== -1)
        return bad(
          index,
          'sh_info',
          info,
          `a section without relocations (section ${relocations[target]! - first} has them)`,
        )
      relocations[target] = id
      continue
    }

    // For now the offset; see enterNames.
    names[id] = view.getInt32(at, little)

    if (type === SHT_SYMTAB) {
      if (symbolTable !== 0)
        return bad(index, 'sh_type', 'SHT_SYMTAB', `one symbol table (section ${symbolTable} is one)`)
      symbolTable = index
      states[id] = SectionState.Table
    } else if (type === SHT_SYMTAB_SHNDX) {
      extended = index
      extendedLink = link
      states[id] = SectionState.Table
    } else if (type === SHT_GROUP) {
      states[id] = SectionState.Table
    } else if (type === SHT_STRTAB && (flags & SHF_ALLOC) === 0 && index === header.nameSection) {
      states[id] = SectionState.Table
    } else if (justSymbols) {
      states[id] = SectionState.JustSymbols
    } else if ((flags & SHF_EXCLUDE) !== 0) {
      // -r keeps them: they are meant for the last link
      if (loading.request.kind !== 'relocatable') states[id] = SectionState.Excluded
    }
  }
  if (!enterNames(loading, file, source, namesAt, namesSize)) return false
  if (!justSymbols) judgeNames(loading, file)
  if (symbolTable !== 0)
    return enterSymbolTable(loading, file, count, symbolTable, extendedLink === symbolTable ? extended : 0)
  return true
}

/**
 * Puts ids of names in place of the offsets in the column of names, a block at a time. Most sections of a file share few
 * names: equal offsets are looked up once. False after an error.
 */
function enterNames(loading: Loading, file: FileDraft, source: number, namesAt: number, namesSize: number): boolean {
  const { sections, sectionNames, cachedOffset, cachedName, blockSections } = loading
  const { name: names, type: types } = sections
  const { blockOffsets } = sectionNames
  const first = file.firstSection
  const end = first + file.sectionCount
  const cacheMask = cachedOffset.length - 1
  cachedOffset.fill(-1)
  let block = 0
  for (let id = first; id < end; id++) {
    const type = types[id]!
    if (type === SHT_NULL || type === SHT_RELA || type === SHT_REL) continue
    const offset = names[id]! >>> 0
    if (offset >= namesSize && namesSize + offset > 0) {
      const [found, expected] = [String(offset), `an offset in a string table of ${namesSize} bytes`]
      loading.report.add(damagedSection({ index: id - first, field: 'sh_name', found, expected }), placeOf(file))
      return false
    }
    const slot = offset & cacheMask
    if (cachedOffset[slot] === offset) {
      // Where the name is not known yet, the section that stands in the block for it.
      names[id] = cachedName[slot]!
      continue
    }
    cachedOffset[slot] = offset
    cachedName[slot] = -1 - id
    blockSections[block] = id
    blockOffsets[block++] = namesAt + offset
    if (block === nameBlock) {
      internNames(loading, source, block, namesAt, namesSize)
      block = 0
    }
  }
  internNames(loading, source, block, namesAt, namesSize)
  for (let id = first; id < end; id++) if (names[id]! < 0) names[id] = names[-1 - names[id]!]!
  return true
}

function internNames(loading: Loading, source: number, block: number, namesAt: number, namesSize: number): void {
  const { sectionNames, sections, blockSections, blockNames, cachedOffset, cachedName } = loading
  const { blockOffsets } = sectionNames
  const cacheMask = cachedOffset.length - 1
  sectionNames.internBlock(source, block, namesAt + namesSize, blockNames, 0)
  for (let i = 0; i < block; i++) {
    sections.name[blockSections[i]!] = blockNames[i]!
    const offset = blockOffsets[i]! - namesAt
    if (cachedOffset[offset & cacheMask] === offset) cachedName[offset & cacheMask] = blockNames[i]!
  }
}

/** Checks the symbol table's header, its string table and its extended indices, and notes where they lie. */
function enterSymbolTable(
  loading: Loading,
  file: FileDraft,
  count: number,
  symbolTable: number,
  extended: number,
): boolean {
  const { sections } = loading
  const id = file.firstSection + symbolTable
  const bad = (index: number, field: string, found: string | number, expected: string): false => {
    loading.report.add(damagedSection({ index, field, found: String(found), expected }), placeOf(file))
    return false
  }
  const entry = file.bits === 64 ? 24 : 16
  const size = sections.size[id]!
  if (sections.entsize[id] !== entry) return bad(symbolTable, 'sh_entsize', sections.entsize[id]!, String(entry))
  if (size % entry !== 0) return bad(symbolTable, 'sh_size', size, `a multiple of ${entry}`)
  const symbolCount = size / entry
  const firstGlobal = sections.info[id]!
  if (firstGlobal > symbolCount || (firstGlobal === 0 && symbolCount > 0))
    return bad(symbolTable, 'sh_info', firstGlobal, `the index of the first global symbol (1 to ${symbolCount})`)
  const link = sections.link[id]!
  const strings = file.firstSection + link
  if (link >= count || sections.type[strings] !== SHT_STRTAB)
    return bad(symbolTable, 'sh_link', link, 'the index of a string table')
  sections.state[strings] = SectionState.Table
  file.symbolTable = { offset: sections.offset[id]!, count: symbolCount, firstGlobal }
  file.strings = { offset: sections.offset[strings]!, size: sections.size[strings]! }
  if (extended !== 0) {
    const table = file.firstSection + extended
    if (sections.size[table]! < symbolCount * 4)
      return bad(extended, 'sh_size', sections.size[table]!, `4 bytes for each of ${symbolCount} symbols`)
    file.extendedIndex = sections.offset[table]!
  }
  return true
}

/** A field of a section header: at `wideAt` with 8 bytes in ELF64, at `shortAt` with 4 bytes in ELF32. */
function word(view: DataView, header: number, wideAt: number, shortAt: number, wide: boolean, little: boolean): number {
  if (!wide) return view.getUint32(header + shortAt, little)
  const at = header + wideAt
  const low = view.getUint32(little ? at : at + 4, little)
  const high = view.getUint32(little ? at + 4 : at, little)
  return high === 0 ? low : high * 0x1_0000_0000 + low
}
