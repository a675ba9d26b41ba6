/** Names that scripts use for numbers of the ELF format (gABI and GNU extensions). */

/** PHDRS: the types GNU ld 2.44 knows by name. */
export const segmentTypes: Readonly<Record<string, bigint>> = {
  PT_NULL: 0n,
  PT_LOAD: 1n,
  PT_DYNAMIC: 2n,
  PT_INTERP: 3n,
  PT_NOTE: 4n,
  PT_SHLIB: 5n,
  PT_PHDR: 6n,
  PT_TLS: 7n,
  PT_GNU_EH_FRAME: 0x6474e550n,
  PT_GNU_STACK: 0x6474e551n,
  PT_GNU_RELRO: 0x6474e552n,
  PT_GNU_PROPERTY: 0x6474e553n,
}

/** TYPE = : the types GNU ld 2.44 knows by name. */
export const sectionTypes: Readonly<Record<string, bigint>> = {
  SHT_PROGBITS: 1n,
  SHT_STRTAB: 3n,
  SHT_NOTE: 7n,
  SHT_NOBITS: 8n,
  SHT_INIT_ARRAY: 14n,
  SHT_FINI_ARRAY: 15n,
  SHT_PREINIT_ARRAY: 16n,
}

/** INPUT_SECTION_FLAGS: the flags GNU ld 2.44 knows by name. */
export const sectionFlags: Readonly<Record<string, number>> = {
  SHF_WRITE: 1,
  SHF_ALLOC: 2,
  SHF_EXECINSTR: 4,
  SHF_MERGE: 0x10,
  SHF_STRINGS: 0x20,
  SHF_INFO_LINK: 0x40,
  SHF_LINK_ORDER: 0x80,
  SHF_OS_NONCONFORMING: 0x100,
  SHF_GROUP: 0x200,
  SHF_TLS: 0x400,
  SHF_MASKOS: 0x0ff00000,
  SHF_EXCLUDE: 0x80000000,
}

/** DT_ names without DT_ that the linker writes; IMPLICIT_NEEDED is DT_NEEDED of libraries that only imports ask for. */
export const dynamicTags: readonly string[] = (
  'NEEDED IMPLICIT_NEEDED SONAME RPATH RUNPATH SYMBOLIC INIT FINI INIT_ARRAY INIT_ARRAYSZ FINI_ARRAY FINI_ARRAYSZ ' +
  'PREINIT_ARRAY PREINIT_ARRAYSZ HASH GNU_HASH SYMTAB SYMENT STRTAB STRSZ RELA RELASZ RELAENT REL RELSZ RELENT RELACOUNT ' +
  'RELCOUNT PLTGOT PLTREL PLTRELSZ JMPREL DEBUG TEXTREL FLAGS FLAGS_1 VERDEF VERDEFNUM VERNEED VERNEEDNUM VERSYM'
).split(' ')

/** @osabi: EI_OSABI by name. */
export const osAbis: Readonly<Record<string, number>> = {
  sysv: 0,
  none: 0,
  linux: 0,
  hpux: 1,
  netbsd: 2,
  gnu: 3,
  solaris: 6,
  aix: 7,
  irix: 8,
  freebsd: 9,
  openbsd: 12,
  standalone: 255,
}
