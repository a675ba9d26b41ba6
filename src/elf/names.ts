/** Printable names of ELF numbers, for messages and reports. */
import * as elf from './constants.ts'

const machines: ReadonlyMap<number, string> = new Map([
  [elf.EM_NONE, 'no machine'],
  [elf.EM_SPARC, 'SPARC'],
  [elf.EM_386, 'i386'],
  [elf.EM_68K, 'm68k'],
  [elf.EM_MIPS, 'MIPS'],
  [elf.EM_PPC, 'PowerPC'],
  [elf.EM_PPC64, 'PowerPC64'],
  [elf.EM_S390, 'S/390'],
  [elf.EM_ARM, 'ARM'],
  [elf.EM_SPARCV9, 'SPARC V9'],
  [elf.EM_X86_64, 'x86-64'],
  [elf.EM_AVR, 'AVR'],
  [elf.EM_AARCH64, 'AArch64'],
  [elf.EM_RISCV, 'RISC-V'],
  [elf.EM_BPF, 'BPF'],
  [elf.EM_LOONGARCH, 'LoongArch'],
])

const fileTypes: ReadonlyMap<number, string> = new Map([
  [elf.ET_NONE, 'of no type (ET_NONE)'],
  [elf.ET_REL, 'a relocatable object (ET_REL)'],
  [elf.ET_EXEC, 'a linked program (ET_EXEC)'],
  [elf.ET_DYN, 'a shared object or position-independent program (ET_DYN)'],
  [elf.ET_CORE, 'a core file (ET_CORE)'],
])

const sectionTypes: ReadonlyMap<number, string> = new Map([
  [elf.SHT_NULL, 'NULL'],
  [elf.SHT_PROGBITS, 'PROGBITS'],
  [elf.SHT_SYMTAB, 'SYMTAB'],
  [elf.SHT_STRTAB, 'STRTAB'],
  [elf.SHT_RELA, 'RELA'],
  [elf.SHT_HASH, 'HASH'],
  [elf.SHT_DYNAMIC, 'DYNAMIC'],
  [elf.SHT_NOTE, 'NOTE'],
  [elf.SHT_NOBITS, 'NOBITS'],
  [elf.SHT_REL, 'REL'],
  [elf.SHT_DYNSYM, 'DYNSYM'],
  [elf.SHT_INIT_ARRAY, 'INIT_ARRAY'],
  [elf.SHT_FINI_ARRAY, 'FINI_ARRAY'],
  [elf.SHT_PREINIT_ARRAY, 'PREINIT_ARRAY'],
  [elf.SHT_GROUP, 'GROUP'],
  [elf.SHT_SYMTAB_SHNDX, 'SYMTAB_SHNDX'],
  [elf.SHT_RELR, 'RELR'],
  [elf.SHT_GNU_ATTRIBUTES, 'GNU_ATTRIBUTES'],
  [elf.SHT_GNU_HASH, 'GNU_HASH'],
  [elf.SHT_GNU_VERDEF, 'VERDEF'],
  [elf.SHT_GNU_VERNEED, 'VERNEED'],
  [elf.SHT_GNU_VERSYM, 'VERSYM'],
])

const segmentTypes: ReadonlyMap<number, string> = new Map([
  [elf.PT_NULL, 'NULL'],
  [elf.PT_LOAD, 'LOAD'],
  [elf.PT_DYNAMIC, 'DYNAMIC'],
  [elf.PT_INTERP, 'INTERP'],
  [elf.PT_NOTE, 'NOTE'],
  [elf.PT_SHLIB, 'SHLIB'],
  [elf.PT_PHDR, 'PHDR'],
  [elf.PT_TLS, 'TLS'],
  [elf.PT_GNU_EH_FRAME, 'GNU_EH_FRAME'],
  [elf.PT_GNU_STACK, 'GNU_STACK'],
  [elf.PT_GNU_RELRO, 'GNU_RELRO'],
  [elf.PT_GNU_PROPERTY, 'GNU_PROPERTY'],
])

const symbolTypes = ['NOTYPE', 'OBJECT', 'FUNC', 'SECTION', 'FILE', 'COMMON', 'TLS'] as const
const symbolBindings = ['LOCAL', 'GLOBAL', 'WEAK'] as const
const visibilities = ['DEFAULT', 'INTERNAL', 'HIDDEN', 'PROTECTED'] as const

/** e_machine */
export function machineName(machine: number): string {
  return machines.get(machine) ?? `machine ${machine}`
}

/** e_type in words */
export function fileTypeName(type: number): string {
  return fileTypes.get(type) ?? `of unknown type ${type}`
}

/** sh_type as readelf shows it */
export function sectionTypeName(type: number): string {
  return sectionTypes.get(type) ?? `0x${type.toString(16)}`
}

/** p_type as readelf shows it */
export function segmentTypeName(type: number): string {
  return segmentTypes.get(type) ?? `0x${type.toString(16)}`
}

/** STT_ */
export function symbolTypeName(type: number): string {
  if (type === elf.STT_GNU_IFUNC) return 'IFUNC'
  return symbolTypes[type] ?? `<type ${type}>`
}

/** STB_ */
export function symbolBindingName(binding: number): string {
  if (binding === elf.STB_GNU_UNIQUE) return 'UNIQUE'
  return symbolBindings[binding] ?? `<binding ${binding}>`
}

/** STV_ */
export function visibilityName(visibility: number): string {
  return visibilities[visibility & 3]!
}

/** Flags as readelf shows them in its table: WAX... */
export function sectionFlagLetters(flags: number): string {
  let text = ''
  for (const [bit, letter] of flagLetters) if ((flags & bit) !== 0) text += letter
  return text
}

const flagLetters: readonly (readonly [number, string])[] = [
  [elf.SHF_WRITE, 'W'],
  [elf.SHF_ALLOC, 'A'],
  [elf.SHF_EXECINSTR, 'X'],
  [elf.SHF_MERGE, 'M'],
  [elf.SHF_STRINGS, 'S'],
  [elf.SHF_INFO_LINK, 'I'],
  [elf.SHF_LINK_ORDER, 'L'],
  [elf.SHF_OS_NONCONFORMING, 'O'],
  [elf.SHF_GROUP, 'G'],
  [elf.SHF_TLS, 'T'],
  [elf.SHF_COMPRESSED, 'C'],
  [elf.SHF_GNU_RETAIN, 'R'],
  [elf.SHF_EXCLUDE, 'E'],
]
