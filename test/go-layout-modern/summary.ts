/** A file, and the facts, as lines that must be alike. */
import {
  dynamicEntries,
  type ElfFile,
  notesIn,
  readElf,
  relocationsOf,
  sectionBytes,
  sectionNamed,
} from '../support/elf-reader.ts'
import type { LayoutFacts } from './facts.ts'

/** What a section header says. */
interface Row {
  readonly name: string
  readonly type: number
  readonly flags: number
  readonly address: number
  readonly offset: number
  readonly size: number
  readonly link: string
  readonly info: string
  readonly align: number
  readonly entrySize: number
}

const compressed = 0x800
const alloc = 2
const segmentNames: Readonly<Record<number, string>> = {
  1: 'LOAD',
  2: 'DYNAMIC',
  3: 'INTERP',
  4: 'NOTE',
  6: 'PHDR',
  7: 'TLS',
  1685382481: 'GNU_STACK',
  1694766464: 'PAX_FLAGS',
}
const tagNames = new Map<number, string>(
  Object.entries({
    NULL: 0,
    NEEDED: 1,
    PLTRELSZ: 2,
    PLTGOT: 3,
    HASH: 4,
    STRTAB: 5,
    SYMTAB: 6,
    RELA: 7,
    RELASZ: 8,
    RELAENT: 9,
    STRSZ: 10,
    SYMENT: 11,
    SONAME: 14,
    RPATH: 15,
    REL: 17,
    RELSZ: 18,
    RELENT: 19,
    PLTREL: 20,
    DEBUG: 21,
    TEXTREL: 22,
    JMPREL: 23,
    RUNPATH: 29,
    FLAGS: 30,
    FLAGS_1: 0x6ffffffb,
    VERNEED: 0x6ffffffe,
    VERNEEDNUM: 0x6fffffff,
    VERSYM: 0x6ffffff0,
    PPC64_GLINK: 0x70000000,
    PPC64_OPT: 0x70000003,
  }).map(([name, value]) => [value, name]),
)

const hex = (value: number | bigint): string => `0x${value.toString(16)}`

/**
 * Lines of the section headers. How far a compressor shrinks is its own affair: sizes of compressed sections are left out,
 * and what is not loaded says how far behind the section in front of it in the file it stands, not where.
 */
function sectionLines(rows: readonly Row[], word: number): string[] {
  const isPacked = rows.some(row => (row.flags & compressed) !== 0)
  const unloaded = rows.filter(row => (row.flags & alloc) === 0 && row.address === 0 && row.type !== 8)
  const inFile = unloaded.toSorted((a, b) => a.offset - b.offset || a.size - b.size)
  return rows.map(row => {
    const at = inFile.indexOf(row)
    const before = isPacked && at > 0 ? inFile[at - 1] : undefined
    const gap = before === undefined ? 0 : row.offset - before.offset - before.size
    const place = before === undefined ? hex(row.offset) : `${gap < word ? 'next' : gap} to ${before.name}`
    const size = (row.flags & compressed) === 0 ? hex(row.size) : 'compressed'
    const { name, type, flags, address, link, info, align, entrySize } = row
    return `section ${[name, hex(type), hex(flags), hex(address), place, size, link, info, align, entrySize].join(' ')}`
  })
}

function fileSize(size: number, rows: readonly Row[]): string {
  const isPacked = rows.some(row => (row.flags & compressed) !== 0)
  const ends = rows.map(row => (row.type === 8 || row.address !== 0 ? 0 : row.offset + row.size))
  return isPacked ? `size ${size - Math.max(...ends)} behind the last section` : `size ${size}`
}

/** What differs, line by line: `- expected`, `+ found`. */
export function differences(expected: readonly string[], found: readonly string[]): string[] {
  const lines: string[] = []
  for (let i = 0; i < Math.max(expected.length, found.length); i++)
    if (expected[i] !== found[i]) lines.push(`- ${expected[i] ?? ''}`, `+ ${found[i] ?? ''}`)
  return lines
}

export function linesOfFacts(facts: LayoutFacts): string[] {
  const word = facts.bits / 8
  const header = Object.entries(facts.header).map(([name, value]) => `${name} ${value}`)
  return [
    ...header,
    ...facts.segments.map(line => `segment ${line}`),
    ...sectionLines(facts.sections, word),
    `names ${facts.names}`,
    ...facts.notes.map(({ section, bytes }) => `note ${section} ${bytes.toString('hex')}`),
    ...(facts.interpreter === undefined ? [] : [`interpreter ${facts.interpreter}`]),
    ...facts.tags.filter(line => line !== 'NULL 0x0').map(line => `tag ${line}`),
    ...facts.dynamicSymbols.map(({ name, type, value, size }) => `symbol ${name} ${type} ${hex(value)} ${size}`),
    ...facts.relocations.map(line => `relocations ${line}`),
    ...(facts.symbolCount === undefined ? [] : [`symtab ${facts.symbolCount}`, 'file symbol go.go']),
    fileSize(facts.size, facts.sections),
  ]
}

export function linesOfFile(bytes: Uint8Array, facts: LayoutFacts): string[] {
  const file = readElf(bytes)
  const rows = rowsOf(file)
  const names = sectionNamed(file, '.shstrtab')
  const strings = names === undefined ? '' : Buffer.from(sectionBytes(file, names)).toString('latin1')
  const interpreter = sectionNamed(file, '.interp')
  return [
    ...headerLines(file),
    ...file.segments.map(each => {
      const type = segmentNames[each.type] ?? hex(each.type)
      const numbers = [each.offset, each.virtualAddress, each.fileSize, each.memorySize, each.align].map(hex)
      return `segment ${type} ${each.flags} ${numbers.join(' ')}`
    }),
    ...sectionLines(rows, file.bits / 8),
    `names ${strings.split('\0').slice(1, -1).join(' ')}`,
    ...facts.notes.map(({ section, bytes: wanted }) => {
      const found = sectionNamed(file, section)
      const content = found === undefined ? Buffer.alloc(0) : Buffer.from(sectionBytes(file, found))
      if (notesIn(file, content).length === 0) return `note ${section} cannot be read`
      return `note ${section} ${content.subarray(0, wanted.length).toString('hex')}`
    }),
    ...(interpreter === undefined
      ? []
      : [`interpreter ${Buffer.from(sectionBytes(file, interpreter)).toString('latin1').replace(/\0.*$/s, '')}`]),
    ...tagLines(file),
    ...dynamicSymbolLines(file),
    ...relocationLines(file, facts),
    ...(file.symbols.length === 0
      ? []
      : [`symtab ${file.symbols.length + 1}`, `file symbol ${file.symbols.find(each => each.type === 4)?.name}`]),
    fileSize(bytes.length, rows),
  ]
}

function headerLines(file: ElfFile): string[] {
  const view = new DataView(file.bytes.buffer, file.bytes.byteOffset, file.bytes.byteLength)
  const little = file.endian === 'little'
  const wide = file.bits === 64
  const word = (at: number): number => (wide ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little))
  return [
    `ident ${Buffer.from(file.bytes.subarray(0, 16)).toString('hex')}`,
    `type ${file.type}`,
    `machine ${file.machine}`,
    `entry ${hex(file.entry)}`,
    `phoff ${word(wide ? 32 : 28)}`,
    `shoff ${word(wide ? 40 : 32)}`,
    `flags ${hex(file.flags)}`,
    `shstrndx ${view.getUint16(wide ? 62 : 50, little)}`,
  ]
}

function rowsOf(file: ElfFile): Row[] {
  const name = (index: number): string => (index === 0 ? '-' : (file.sections[index]?.name ?? String(index)))
  return file.sections.slice(1).map(each => ({
    ...each,
    address: Number(each.address),
    link: name(each.link),
    info: each.type === 4 || each.type === 9 ? name(each.info) : String(each.info),
  }))
}

function tagLines(file: ElfFile): string[] {
  const table = sectionNamed(file, '.dynamic')
  const strings = sectionNamed(file, '.dynstr')
  if (table === undefined || strings === undefined) return []
  const text = Buffer.from(sectionBytes(file, strings)).toString('latin1')
  return dynamicEntries(file).map(({ tag, value }) => {
    const name = tagNames.get(Number(tag)) ?? hex(tag)
    const isText = ['NEEDED', 'SONAME', 'RPATH', 'RUNPATH'].includes(name)
    return `tag ${name} ${isText ? text.slice(Number(value), text.indexOf('\0', Number(value))) : hex(value)}`
  })
}

function dynamicSymbolLines(file: ElfFile): string[] {
  return file.dynamicSymbols.map(each => `symbol ${each.name} ${each.type} ${hex(each.value)} ${each.size}`)
}

/** How many relocations of each type the tables hold that the facts speak of. */
function relocationLines(file: ElfFile, facts: LayoutFacts): string[] {
  return facts.relocations.map(line => {
    const name = line.split(' ')[0]!
    const section = sectionNamed(file, name)
    const counts = new Map<number, number>()
    for (const { type } of section === undefined ? [] : relocationsOf(file, section))
      counts.set(type, (counts.get(type) ?? 0) + 1)
    const sorted = [...counts].sort(([a], [b]) => a - b).map(([type, count]) => `${type}:${count}`)
    return `relocations ${[name, ...sorted].join(' ')}`
  })
}
