/**
 * Reads linked (or relocatable) ELF files for tests. Independent of src/ on purpose: what tsld writes is judged by code that
 * shares nothing with it. It trusts its input no further than needed to say `ElfError` instead of nonsense.
 */
import { SHN_ABS, SHN_COMMON, SHN_LORESERVE, SHN_UNDEF, SHN_XINDEX } from './elf-numbers.ts'

export class ElfError extends Error {}

export interface ElfSegment {
  readonly type: number
  readonly flags: number
  readonly offset: number
  readonly virtualAddress: bigint
  readonly physicalAddress: bigint
  readonly fileSize: number
  readonly memorySize: bigint
  readonly align: bigint
}

export interface ElfSection {
  readonly index: number
  readonly name: string
  readonly type: number
  readonly flags: number
  readonly address: bigint
  readonly offset: number
  /** bytes; for nobits the bytes in memory */
  readonly size: number
  readonly link: number
  readonly info: number
  readonly align: number
  readonly entrySize: number
}

export interface ElfSymbol {
  readonly name: string
  readonly value: bigint
  readonly size: bigint
  readonly binding: number
  readonly type: number
  readonly visibility: number
  /** section index with SHN_XINDEX resolved; a reserved value such as SHN_ABS as it is */
  readonly sectionIndex: number
  /** name of the section, or 'UND', 'ABS', 'COM', or the reserved number in hex */
  readonly section: string
}

export interface ElfRelocation {
  readonly offset: bigint
  readonly type: number
  readonly symbol: number
  /** undefined for REL */
  readonly addend: bigint | undefined
}

export interface ElfNote {
  readonly name: string
  readonly type: number
  readonly description: Uint8Array
}

export interface ElfFile {
  readonly bytes: Uint8Array
  readonly bits: 32 | 64
  readonly endian: 'little' | 'big'
  readonly osabi: number
  readonly type: number
  readonly machine: number
  readonly entry: bigint
  readonly flags: number
  readonly segments: readonly ElfSegment[]
  readonly sections: readonly ElfSection[]
  /** .symtab without its null entry */
  readonly symbols: readonly ElfSymbol[]
  /** .dynsym without its null entry */
  readonly dynamicSymbols: readonly ElfSymbol[]
}

/** Reads headers, segments, sections and both symbol tables; throws ElfError where they do not fit the file. */
export function readElf(bytes: Uint8Array): ElfFile {
  if (bytes.length < 52 || bytes[0] !== 0x7f || bytes[1] !== 0x45 || bytes[2] !== 0x4c || bytes[3] !== 0x46)
    throw new ElfError('not an ELF file')
  const reader = new Fields(bytes, bytes[4] === 2, bytes[5] === 1)
  const w = reader.wide ? 8 : 4
  const entry = reader.word(24)
  const segmentsAt = reader.number(24 + w)
  const sectionsAt = reader.number(24 + 2 * w)
  const tail = 24 + 3 * w
  const segmentBytes = reader.half(tail + 6)
  const sectionBytes = reader.half(tail + 10)
  let segmentCount = reader.half(tail + 8)
  let sectionCount = reader.half(tail + 12)
  let nameTable = reader.half(tail + 14)
  if (sectionsAt > 0) {
    const first = sectionHeader(reader, sectionsAt, 0)
    if (sectionCount === 0) sectionCount = first.size
    if (nameTable === SHN_XINDEX) nameTable = first.link
    if (segmentCount === 0xffff) segmentCount = first.info
  }
  const segments = Array.from({ length: segmentCount }, (_, i) => segmentHeader(reader, segmentsAt + i * segmentBytes))
  const headers = Array.from({ length: sectionsAt > 0 ? sectionCount : 0 }, (_, i) =>
    sectionHeader(reader, sectionsAt + i * sectionBytes, i),
  )
  const names = headers[nameTable]
  const sections = headers.map(({ nameOffset, ...header }) => ({
    ...header,
    name: names === undefined ? '' : reader.string(names, nameOffset),
  }))
  const common = {
    bytes,
    bits: reader.wide ? 64 : 32,
    endian: reader.little ? 'little' : 'big',
    osabi: bytes[7],
    type: reader.half(16),
    machine: reader.half(18),
    entry,
    flags: reader.uint(tail),
    segments,
    sections,
  } as const
  return { ...common, symbols: symbolTable(reader, sections, 2), dynamicSymbols: symbolTable(reader, sections, 11) }
}

/** The first section of that name. */
export function sectionNamed(file: ElfFile, name: string): ElfSection | undefined {
  return file.sections.find(section => section.name === name)
}

/** Content of a section in the file; empty for nobits. */
export function sectionBytes(file: ElfFile, section: ElfSection): Uint8Array {
  if (section.type === 8 || section.type === 0) return new Uint8Array(0)
  if (section.offset + section.size > file.bytes.length)
    throw new ElfError(
      `section ${section.name} ends at ${section.offset + section.size}, the file at ${file.bytes.length}`,
    )
  return file.bytes.subarray(section.offset, section.offset + section.size)
}

/** A defined global or weak symbol of .symtab. */
export function globalNamed(file: ElfFile, name: string): ElfSymbol | undefined {
  return file.symbols.find(symbol => symbol.name === name && symbol.binding !== 0 && symbol.sectionIndex !== SHN_UNDEF)
}

/** The relocations of a SHT_REL or SHT_RELA section. */
export function relocationsOf(file: ElfFile, section: ElfSection): ElfRelocation[] {
  const reader = new Fields(file.bytes, file.bits === 64, file.endian === 'little')
  const w = reader.wide ? 8 : 4
  const withAddend = section.type === 4
  const size = w * (withAddend ? 3 : 2)
  return Array.from({ length: Math.floor(section.size / size) }, (_, i) => {
    const at = section.offset + i * size
    const info = reader.word(at + w)
    return {
      offset: reader.word(at),
      type: Number(reader.wide ? info & 0xffffffffn : info & 0xffn),
      symbol: Number(reader.wide ? info >> 32n : info >> 8n),
      addend: withAddend ? BigInt.asIntN(reader.wide ? 64 : 32, reader.word(at + 2 * w)) : undefined,
    }
  })
}

/** The notes in `bytes` (a note section or segment), padded to 4 bytes. */
export function notesIn(file: ElfFile, bytes: Uint8Array): ElfNote[] {
  const reader = new Fields(bytes, file.bits === 64, file.endian === 'little')
  const notes: ElfNote[] = []
  for (let at = 0; at + 12 <= bytes.length; ) {
    const nameSize = reader.uint(at)
    const descriptionSize = reader.uint(at + 4)
    const nameEnd = at + 12 + nameSize
    const start = at + 12 + roundUp(nameSize, 4)
    if (start + descriptionSize > bytes.length) throw new ElfError(`the note at ${at} does not fit its section`)
    notes.push({
      name: latin1Text(bytes.subarray(at + 12, Math.max(at + 12, nameEnd - 1))),
      type: reader.uint(at + 8),
      description: bytes.subarray(start, start + descriptionSize),
    })
    at = start + roundUp(descriptionSize, 4)
  }
  return notes
}

/** Tags and values of .dynamic up to DT_NULL. */
export function dynamicEntries(file: ElfFile): { tag: bigint; value: bigint }[] {
  const section = file.sections.find(candidate => candidate.type === 6)
  if (section === undefined) return []
  const reader = new Fields(file.bytes, file.bits === 64, file.endian === 'little')
  const w = reader.wide ? 8 : 4
  const entries: { tag: bigint; value: bigint }[] = []
  for (let at = section.offset; at + 2 * w <= section.offset + section.size; at += 2 * w) {
    const tag = reader.word(at)
    if (tag === 0n) break
    entries.push({ tag, value: reader.word(at + w) })
  }
  return entries
}

class Fields {
  readonly #view: DataView
  readonly bytes: Uint8Array
  readonly wide: boolean
  readonly little: boolean

  constructor(bytes: Uint8Array, wide: boolean, little: boolean) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.bytes = bytes
    this.wide = wide
    this.little = little
  }

  half(at: number): number {
    this.#check(at, 2)
    return this.#view.getUint16(at, this.little)
  }

  uint(at: number): number {
    this.#check(at, 4)
    return this.#view.getUint32(at, this.little)
  }

  /** An address-sized field. */
  word(at: number): bigint {
    if (!this.wide) return BigInt(this.uint(at))
    this.#check(at, 8)
    return this.#view.getBigUint64(at, this.little)
  }

  /** An address-sized field that must be a safe number. */
  number(at: number): number {
    const value = this.word(at)
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new ElfError(`field at ${at} is ${value}, too large for a size`)
    return Number(value)
  }

  string(table: { offset: number; size: number; type: number }, offset: number): string {
    const end = Math.min(table.offset + table.size, this.bytes.length)
    const start = table.offset + offset
    if (start >= end) return ''
    const stop = this.bytes.indexOf(0, start)
    return latin1Text(this.bytes.subarray(start, stop < 0 || stop > end ? end : stop))
  }

  #check(at: number, size: number): void {
    if (at < 0 || at + size > this.bytes.length)
      throw new ElfError(`${size} bytes wanted at ${at} of ${this.bytes.length}`)
  }
}

function segmentHeader(reader: Fields, at: number): ElfSegment {
  if (reader.wide)
    return {
      type: reader.uint(at),
      flags: reader.uint(at + 4),
      offset: reader.number(at + 8),
      virtualAddress: reader.word(at + 16),
      physicalAddress: reader.word(at + 24),
      fileSize: reader.number(at + 32),
      memorySize: reader.word(at + 40),
      align: reader.word(at + 48),
    }
  return {
    type: reader.uint(at),
    offset: reader.number(at + 4),
    virtualAddress: reader.word(at + 8),
    physicalAddress: reader.word(at + 12),
    fileSize: reader.number(at + 16),
    memorySize: reader.word(at + 20),
    flags: reader.uint(at + 24),
    align: reader.word(at + 28),
  }
}

function sectionHeader(reader: Fields, at: number, index: number): Omit<ElfSection, 'name'> & { nameOffset: number } {
  const w = reader.wide ? 8 : 4
  return {
    index,
    nameOffset: reader.uint(at),
    type: reader.uint(at + 4),
    flags: reader.number(at + 8),
    address: reader.word(at + 8 + w),
    offset: reader.number(at + 8 + 2 * w),
    size: reader.number(at + 8 + 3 * w),
    link: reader.uint(at + 8 + 4 * w),
    info: reader.uint(at + 12 + 4 * w),
    align: reader.number(at + 16 + 4 * w),
    entrySize: reader.number(at + 16 + 5 * w),
  }
}

function symbolTable(reader: Fields, sections: readonly ElfSection[], type: number): ElfSymbol[] {
  const table = sections.find(section => section.type === type)
  if (table === undefined) return []
  const strings = sections[table.link]
  if (strings === undefined) throw new ElfError(`the symbol table's string table ${table.link} does not exist`)
  const extended = sections.find(section => section.type === 18 && section.link === table.index)
  const size = reader.wide ? 24 : 16
  const symbols: ElfSymbol[] = []
  for (let i = 1; i < Math.floor(table.size / size); i++) {
    const at = table.offset + i * size
    const fields = at + (reader.wide ? 4 : 12)
    const info = reader.half(fields)
    const infoByte = reader.little ? info & 0xff : info >> 8
    const other = reader.little ? info >> 8 : info & 0xff
    const plain = reader.half(fields + 2)
    const escaped = plain === SHN_XINDEX && extended !== undefined
    const sectionIndex = escaped ? reader.uint(extended.offset + i * 4) : plain
    symbols.push({
      name: reader.string(strings, reader.uint(at)),
      value: reader.word(at + (reader.wide ? 8 : 4)),
      size: reader.word(at + (reader.wide ? 16 : 8)),
      binding: infoByte >> 4,
      type: infoByte & 15,
      visibility: other & 3,
      sectionIndex,
      section: placeName(sectionIndex, sections, escaped),
    })
  }
  return symbols
}

/** `real`: the index came from SHT_SYMTAB_SHNDX, where no number is reserved. */
function placeName(index: number, sections: readonly ElfSection[], real: boolean): string {
  if (real) return sections[index]?.name ?? `section ${index}, which does not exist`
  if (index === SHN_UNDEF) return 'UND'
  if (index === SHN_ABS) return 'ABS'
  if (index === SHN_COMMON) return 'COM'
  if (index < sections.length) return sections[index].name
  return index >= SHN_LORESERVE ? `0x${index.toString(16)}` : `section ${index}, which does not exist`
}

function latin1Text(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple
}
