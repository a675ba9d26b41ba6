/**
 * Numbers of the ELF gABI as the tests need them. Written apart from src/elf on purpose: a wrong constant there must not
 * agree with itself here.
 */

export const sectionTypes = {
  null: 0,
  progbits: 1,
  symtab: 2,
  strtab: 3,
  rela: 4,
  hash: 5,
  dynamic: 6,
  note: 7,
  nobits: 8,
  rel: 9,
  dynsym: 11,
  'init-array': 14,
  'fini-array': 15,
  'preinit-array': 16,
  group: 17,
  'symtab-shndx': 18,
} as const
export type SectionType = keyof typeof sectionTypes

/** Letters of `.section name,"flags"` as GNU as reads them, with their SHF_ bits. */
export const sectionFlagLetters: Readonly<Record<string, number>> = {
  w: 0x1,
  a: 0x2,
  x: 0x4,
  M: 0x10,
  S: 0x20,
  I: 0x40,
  o: 0x80,
  G: 0x200,
  T: 0x400,
  C: 0x800,
  R: 0x200000,
  e: 0x80000000,
}

export const bindings = { local: 0, global: 1, weak: 2, unique: 10 } as const
export type Binding = keyof typeof bindings

export const symbolTypes = { notype: 0, object: 1, func: 2, section: 3, file: 4, common: 5, tls: 6, ifunc: 10 } as const
export type SymbolType = keyof typeof symbolTypes

export const visibilities = { default: 0, internal: 1, hidden: 2, protected: 3 } as const
export type Visibility = keyof typeof visibilities

export const machines = { i386: 3, arm: 40, 'x86-64': 62, avr: 83, aarch64: 183, riscv: 243 } as const
export type Machine = keyof typeof machines

export const segmentTypes: Readonly<Record<string, number>> = {
  NULL: 0,
  LOAD: 1,
  DYNAMIC: 2,
  INTERP: 3,
  NOTE: 4,
  SHLIB: 5,
  PHDR: 6,
  TLS: 7,
  GNU_EH_FRAME: 0x6474e550,
  GNU_STACK: 0x6474e551,
  GNU_RELRO: 0x6474e552,
  GNU_PROPERTY: 0x6474e553,
}

export const SHN_UNDEF = 0
export const SHN_LORESERVE = 0xff00
export const SHN_ABS = 0xfff1
export const SHN_COMMON = 0xfff2
export const SHN_XINDEX = 0xffff

/** The few x86-64 relocation types the tests write by name (psABI table 4.9). */
export const x86 = {
  R_X86_64_NONE: 0,
  R_X86_64_64: 1,
  R_X86_64_PC32: 2,
  R_X86_64_GOT32: 3,
  R_X86_64_PLT32: 4,
  R_X86_64_GOTPCREL: 9,
  R_X86_64_32: 10,
  R_X86_64_32S: 11,
  R_X86_64_16: 12,
  R_X86_64_PC16: 13,
  R_X86_64_8: 14,
  R_X86_64_PC8: 15,
  R_X86_64_PC64: 24,
  R_X86_64_SIZE32: 32,
  R_X86_64_SIZE64: 33,
  R_X86_64_GOTPCRELX: 41,
  R_X86_64_REX_GOTPCRELX: 42,
} as const
