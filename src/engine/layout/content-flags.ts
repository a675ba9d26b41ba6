/**
 * What kind of content a section has, as GNU ld thinks of it. ELF's sh_flags and sh_type do not say "has bytes in the
 * file" or "is loaded" separately; orphan placement, NOLOAD and the choice of segments need it.
 */
import type { NameTable } from '../../base/name-table.ts'
import { SectionState, type SectionTable } from '../records/tables.ts'

export const Content = {
  Alloc: 1,
  /** takes part in loading: Alloc and not NOBITS */
  Load: 2,
  /** has bytes in the file */
  Contents: 4,
  ReadOnly: 8,
  Code: 16,
  Data: 32,
  ThreadLocal: 64,
  Merge: 128,
  Strings: 256,
  Debugging: 512,
  /** dot was assigned inside: emitted even when empty */
  Keep: 1024,
  NeverLoad: 2048,
} as const

export const SectionType = {
  Null: 0,
  ProgBits: 1,
  StringTable: 3,
  Rela: 4,
  Hash: 5,
  Dynamic: 6,
  Note: 7,
  NoBits: 8,
  Rel: 9,
  DynamicSymbols: 11,
  InitArray: 14,
  FiniArray: 15,
  PreinitArray: 16,
  GnuHash: 0x6ffffff6,
  VersionDefinitions: 0x6ffffffd,
  VersionNeeds: 0x6ffffffe,
  VersionSymbols: 0x6fffffff,
} as const

export const SectionFlag = {
  Write: 1,
  Alloc: 2,
  Execute: 4,
  Merge: 0x10,
  Strings: 0x20,
  InfoLink: 0x40,
  LinkOrder: 0x80,
  Group: 0x200,
  ThreadLocal: 0x400,
  Exclude: 0x80000000,
  /** SHF_MASKOS and SHF_MASKPROC without SHF_EXCLUDE */
  Specific: 0x7ff00000,
} as const

/** Content bits that come from sh_type and sh_flags alone. */
export function contentOf(type: number, flags: number): number {
  let bits = 0
  const noBits = type === SectionType.NoBits
  if (!noBits) bits |= Content.Contents
  if ((flags & SectionFlag.Alloc) !== 0) bits |= noBits ? Content.Alloc : Content.Alloc | Content.Load
  if ((flags & SectionFlag.Write) === 0) bits |= Content.ReadOnly
  if ((flags & SectionFlag.Execute) !== 0) bits |= Content.Code
  else if ((bits & Content.Load) !== 0) bits |= Content.Data
  if ((flags & SectionFlag.Merge) !== 0) bits |= Content.Merge
  if ((flags & SectionFlag.Strings) !== 0) bits |= Content.Strings
  if ((flags & SectionFlag.ThreadLocal) !== 0) bits |= Content.ThreadLocal
  return bits
}

/** Content bits of an input section. */
export function contentOfSection(sections: SectionTable, names: NameTable, id: number): number {
  if ((sections.state[id]! & SectionState.Common) !== 0) return Content.Alloc
  const bits = contentOf(sections.type[id]!, sections.flags[id]!)
  if ((bits & Content.Alloc) === 0 && isDebugging(names, sections.name[id]!)) return bits | Content.Debugging
  return bits
}

const debuggingPrefixes = ['.debug', '.gnu.debuglto_.debug_', '.gnu.linkonce.wi.', '.zdebug', '.line', '.stab']

function isDebugging(names: NameTable, name: number): boolean {
  const text = names.text(name)
  return text === '.gdb_index' || debuggingPrefixes.some(prefix => text.startsWith(prefix))
}

/** .tbss: takes no room in memory. */
export function isThreadBss(bits: number): boolean {
  return (bits & (Content.ThreadLocal | Content.Load)) === Content.ThreadLocal
}

/** sh_type that GNU ld gives an output section because of its name, or 0. */
export function typeByName(name: string): number {
  const exact = typesByExactName[name]
  if (exact !== undefined) return exact
  for (const [prefix, type] of typesByStem) if (name === prefix || name.startsWith(`${prefix}.`)) return type
  if (plainNames.has(name) || plainStems.some(stem => name === stem || name.startsWith(`${stem}.`)))
    return SectionType.ProgBits
  if (name.startsWith('.note') && name !== '.note.GNU-stack') return SectionType.Note
  if (name.startsWith('.rela')) return SectionType.Rela
  if (name.startsWith('.rel.')) return SectionType.Rel
  if (name.startsWith('.rel.')) return SectionType.Rel
  return 0
}

const plainNames: ReadonlySet<string> = new Set([
  '.comment',
  '.data1',
  '.debug',
  '.debug_line',
  '.debug_info',
  '.debug_abbrev',
  '.debug_aranges',
  '.fini',
  '.got',
  '.init',
  '.interp',
  '.line',
  '.note.GNU-stack',
  '.plt',
  '.rodata1',
])

const plainStems: readonly string[] = ['.data', '.rodata', '.text', '.tdata', '.persistent']

const typesByExactName: Readonly<Record<string, number>> = {
  '.dynamic': SectionType.Dynamic,
  '.dynstr': SectionType.StringTable,
  '.dynsym': SectionType.DynamicSymbols,
  '.hash': SectionType.Hash,
  '.shstrtab': SectionType.StringTable,
  '.strtab': SectionType.StringTable,
  '.gnu.hash': SectionType.GnuHash,
  '.gnu.version': SectionType.VersionSymbols,
  '.gnu.version_d': SectionType.VersionDefinitions,
  '.gnu.version_r': SectionType.VersionNeeds,
}

const typesByStem: readonly (readonly [string, number])[] = [
  ['.bss', SectionType.NoBits],
  ['.tbss', SectionType.NoBits],
  ['.lbss', SectionType.NoBits],
  ['.sbss', SectionType.NoBits],
  ['.persistent.bss', SectionType.NoBits],
  ['.gnu.linkonce.b', SectionType.NoBits],
  ['.gnu.linkonce.tb', SectionType.NoBits],
  ['.init_array', SectionType.InitArray],
  ['.fini_array', SectionType.FiniArray],
  ['.preinit_array', SectionType.PreinitArray],
]

/** sh_flags that a section of statements only has because of its name. */
export function flagsByName(name: string): number {
  const exact = flagsByExactName[name]
  if (exact !== undefined) return exact
  for (const [stem, flags] of flagsByStem) if (name === stem || name.startsWith(`${stem}.`)) return flags
  return 0
}

const { Write, Alloc, Execute, ThreadLocal } = SectionFlag

const flagsByExactName: Readonly<Record<string, number>> = {
  '.init': Alloc | Execute,
  '.fini': Alloc | Execute,
  '.plt': Alloc | Execute,
  '.got': Alloc | Write,
  '.data1': Alloc | Write,
  '.rodata1': Alloc,
  '.dynamic': Alloc,
  '.dynstr': Alloc,
  '.dynsym': Alloc,
  '.hash': Alloc,
}

const flagsByStem: readonly (readonly [string, number])[] = [
  ['.text', Alloc | Execute],
  ['.tdata', Alloc | Write | ThreadLocal],
  ['.tbss', Alloc | Write | ThreadLocal],
  ['.data', Alloc | Write],
  ['.bss', Alloc | Write],
  ['.persistent', Alloc | Write],
  ['.init_array', Alloc | Write],
  ['.fini_array', Alloc | Write],
  ['.preinit_array', Alloc | Write],
  ['.rodata', Alloc],
]
