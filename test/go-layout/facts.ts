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
  readonly interp: string | null
  /** the members from here on are there in dynamic programs only */
  readonly dynamic?: readonly { readonly tag: string; readonly value: number; readonly string?: string }[]
  readonly dynsym?: readonly DynamicSymbolFact[]
  readonly dynstr_strings?: readonly string[]
  readonly hash?: {
    readonly nbucket: number
    readonly nchain: number
    readonly buckets: readonly number[]
    readonly chain: readonly number[]
  }
  readonly relocs_rela?: readonly RelocationFact[]
  readonly relocs_rela_plt?: readonly RelocationFact[]
  readonly relocs_rel?: readonly RelocationFact[]
  readonly relocs_rel_plt?: readonly RelocationFact[]
  readonly hex_plt?: string
  readonly hex_got?: string
  readonly hex_got_plt?: string
  readonly hex_gnu_version?: string
  readonly hex_gnu_version_r?: string
}

export interface DynamicSymbolFact {
  readonly name: string
  readonly value: number
  readonly size: number
  readonly bind: string
  readonly type: string
  readonly other: number
  readonly shndx: number
}

export interface RelocationFact {
  readonly offset: number
  /** index in .dynsym */
  readonly sym: number
  readonly type: number
  readonly addend?: number
}

/** What the tests have to know of the processors of the facts. */
export interface Machine {
  readonly machine: 'x86-64' | 'i386' | 'arm'
  readonly bits: 32 | 64
  readonly relocations: 'rela' | 'rel'
  /** e_flags of objects */
  readonly flags: number
  /** bytes of an instruction, where its field is, relocation type, addend: a call, a load from the GOT, an address in data */
  readonly call: CodeFact
  readonly load: CodeFact
  readonly word: CodeFact
}

export interface CodeFact {
  readonly bytes: readonly number[]
  readonly place: number
  readonly type: number
  readonly addend: number
}

export const machinesOfFacts: Readonly<Record<string, Machine>> = {
  amd64: {
    machine: 'x86-64',
    bits: 64,
    relocations: 'rela',
    flags: 0,
    call: { bytes: [0xe8, 0, 0, 0, 0], place: 1, type: 4, addend: -4 },
    load: { bytes: [0x48, 0x8b, 0x05, 0, 0, 0, 0], place: 3, type: 9, addend: -4 },
    word: { bytes: [0, 0, 0, 0, 0, 0, 0, 0], place: 0, type: 1, addend: 0 },
  },
  386: {
    machine: 'i386',
    bits: 32,
    relocations: 'rel',
    flags: 0,
    call: { bytes: [0xe8, 0xfc, 0xff, 0xff, 0xff], place: 1, type: 4, addend: 0 },
    load: { bytes: [0x8b, 0x83, 0, 0, 0, 0], place: 2, type: 3, addend: 0 },
    word: { bytes: [0, 0, 0, 0], place: 0, type: 1, addend: 0 },
  },
  arm: {
    machine: 'arm',
    bits: 32,
    relocations: 'rel',
    flags: 0x5000000,
    call: { bytes: [0xfe, 0xff, 0xff, 0xeb], place: 0, type: 28, addend: 0 },
    load: { bytes: [0, 0, 0, 0], place: 0, type: 96, addend: 0 },
    word: { bytes: [0, 0, 0, 0], place: 0, type: 2, addend: 0 },
  },
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
  DYNAMIC: 2,
  INTERP: 3,
  NOTE: 4,
  PHDR: 6,
  TLS: 7,
  GNU_STACK: 0x6474e551,
  PAX_FLAGS: 0x65041580,
}

export const sectionTypeNumbers: Readonly<Record<string, number>> = {
  NULL: 0,
  PROGBITS: 1,
  SYMTAB: 2,
  STRTAB: 3,
  RELA: 4,
  HASH: 5,
  DYNAMIC: 6,
  NOTE: 7,
  NOBITS: 8,
  REL: 9,
  DYNSYM: 11,
  GNU_VERNEED: 0x6ffffffe,
  GNU_VERSYM: 0x6fffffff,
}

/** DT_ numbers by the names of the facts. */
export const tagNumbers: Readonly<Record<string, number>> = {
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
  REL: 17,
  RELSZ: 18,
  RELENT: 19,
  PLTREL: 20,
  DEBUG: 21,
  JMPREL: 23,
  RUNPATH: 29,
  VERSYM: 0x6ffffff0,
  VERNEED: 0x6ffffffe,
  VERNEEDNUM: 0x6fffffff,
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

/** The fact files of an operating system, sorted by name. */
export function readFacts(os: string): { readonly name: string; readonly facts: LayoutFacts }[] {
  const folder = join(dirname(fileURLToPath(import.meta.url)), 'facts')
  return readdirSync(folder)
    .filter(file => file.startsWith(`${os}-`) && file.endsWith('.json'))
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
