/**
 * Facts measured on binaries that Go's linker of January 2013 made: every header field, as JSON (facts/*.json). They are
 * data, so the rules of layouts/go are tested without that linker, without Go and without a compiler.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface SectionFact {
  readonly index: number
  readonly name: string
  readonly name_off: number
  readonly type: string
  readonly flags: number
  readonly addr: number
  readonly offset: number
  readonly size: number
  readonly link: number
  readonly info: number
  readonly addralign: number
  readonly entsize: number
}

export interface SegmentFact {
  readonly type: string
  readonly flags: number
  readonly offset: number
  readonly vaddr: number
  readonly paddr: number
  readonly filesz: number
  readonly memsz: number
  readonly align: number
}

/** [name, value, size, binding, type, st_other, st_shndx] */
export type SymbolFact = readonly [string, number, number, string, string, number, number]

export interface SymbolTableFact {
  /** entries with the null one */
  readonly count: number
  readonly sh_info: number
  readonly special: readonly { readonly name: string; readonly bind: string }[]
  /** every symbol; in the variant `tiny` only */
  readonly all?: readonly SymbolFact[]
}

export interface LayoutFacts {
  readonly goos: string
  readonly goarch: string
  readonly variant: string
  /** options of Go's linker: -T text address, -R rounding, -B build id, -s, -w */
  readonly flags: string
  readonly file_size: number
  readonly ehdr: Readonly<Record<(typeof headerFields)[number], number>> & { readonly ident: string }
  readonly phdrs: readonly SegmentFact[]
  readonly shdrs: readonly SectionFact[]
  readonly shstrtab_strings: readonly string[]
  readonly notes: readonly { readonly section: string; readonly raw_hex: string; readonly desc_hex: string }[]
  readonly header_area: { readonly shdrs_end: number; readonly first_reserved_item_offset: number }
  readonly symtab: SymbolTableFact | null
}

/** Fields of the ELF header in file order, behind e_ident. */
export const headerFields = [
  'type',
  'machine',
  'version',
  'entry',
  'phoff',
  'shoff',
  'flags',
  'ehsize',
  'phentsize',
  'phnum',
  'shentsize',
  'shnum',
  'shstrndx',
] as const

export const segmentTypeNumbers: Readonly<Record<string, number>> = {
  LOAD: 1,
  NOTE: 4,
  PHDR: 6,
  GNU_STACK: 0x6474e551,
  PAX_FLAGS: 0x65041580,
}

export const sectionTypeNumbers: Readonly<Record<string, number>> = {
  NULL: 0,
  PROGBITS: 1,
  SYMTAB: 2,
  STRTAB: 3,
  NOTE: 7,
  NOBITS: 8,
}

/** Sections that come from the compiler; everything else in the facts is the linker's work. */
export const compilerSections: readonly string[] = [
  '.text',
  '.rodata',
  '.typelink',
  '.gcdata',
  '.gcbss',
  '.gosymtab',
  '.gopclntab',
  '.noptrdata',
  '.data',
  '.bss',
  '.noptrbss',
]

/** Symbols that mark starts and ends; the linker defines them. */
export const boundarySymbols: ReadonlySet<string> = new Set(
  (
    'text etext rodata erodata typelink etypelink gcdata egcdata gcbss egcbss symtab esymtab pclntab epclntab ' +
    'noptrdata enoptrdata data edata bss ebss noptrbss enoptrbss end'
  ).split(' '),
)

/** All fact files, sorted by name. */
export function readFacts(): { readonly name: string; readonly facts: LayoutFacts }[] {
  const folder = join(dirname(fileURLToPath(import.meta.url)), 'facts')
  return readdirSync(folder)
    .filter(file => file.endsWith('.json'))
    .sort()
    .map(file => ({
      name: file.slice(0, -'.json'.length),
      facts: JSON.parse(readFileSync(join(folder, file), 'utf8'), bytesOfNames) as LayoutFacts,
    }))
}

/** Names in ELF files are bytes: one character each, as the ELF reader gives them. */
function bytesOfNames(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? Buffer.from(value, 'utf8').toString('latin1') : value
}

export function sectionFact(facts: LayoutFacts, name: string): SectionFact | undefined {
  return facts.shdrs.find(section => section.name === name)
}
