/**
 * Loading of objects that have an index (objects.ts): section headers into columns, names to ids, COMDAT groups, and what
 * each global symbol does to what is known of its name. Nothing is checked here: the index says that it can be trusted.
 *
 * `judgeSections` and `resolveSymbols` stop at what is not usual; engine/load carries that one out and calls again.
 */
import {
  GRP_COMDAT,
  SHF_ALLOC,
  SHN_ABS,
  SHN_COMMON,
  SHN_UNDEF,
  SHN_XINDEX,
  SHT_GROUP,
  SHT_NULL,
  SHT_REL,
  SHT_RELA,
  SHT_STRTAB,
  SHT_SYMTAB,
  SHT_SYMTAB_SHNDX,
  STB_GLOBAL,
  STB_WEAK,
  STT_NOTYPE,
  STT_TLS,
} from '../elf/constants.ts'
import {
  type SectionColumns,
  SectionState,
  type SymbolColumns,
  SymbolFlag,
  SymbolState,
} from '../engine/records/tables.ts'
import { internName, type NameColumns, touchedTogether, touchNames } from './names.ts'
import { indexHead, ObjectFact, unnamed } from './objects.ts'
import type { F64, I32 } from './types.ts'

/** What a section's name says; bits. */
export const NameKind = {
  /** the name was looked at */
  Known: 1,
  /** debugging information, as GNU ld decides it: --strip-debug drops it */
  Debug: 2,
  /** .gnu.linkonce.*: the COMDAT groups of old compilers */
  LinkOnce: 4,
  /** .gnu.warning.NAME: a text for those who refer to NAME */
  Warning: 8,
} as const

/** Where an object lies and what is known of it. */
export interface IndexColumns {
  /** rows of ObjectFact */
  readonly facts: Int32Array
  /** pieces as objects.ts describes them */
  readonly words: Int32Array
}

const sectionHeaderSize = 64
const symbolSize = 24

/** 2^32 */
const high32 = 0x1_0000_0000

/**
 * Writes the columns of an object's sections, `first` and those behind it, enters their names and looks at them. The rows
 * must be new (zeroed), and the name table must have room.
 *
 * @param start where the object begins in the view
 * @param file id of the file
 * @param excludes does SHF_EXCLUDE take a section out of the link?
 * @param kinds `care`: as for `judgeSections`, whose result this is
 */
export function enterSections(
  sections: SectionColumns,
  names: NameColumns,
  index: IndexColumns,
  row: I32,
  view: DataView,
  start: I32,
  first: I32,
  file: I32,
  excludes: boolean,
  kinds: Uint8Array,
  care: I32,
): I32 {
  const { facts } = index
  const { type: types, flags: allFlags, offset: offsets, size: sizes, align: aligns } = sections
  const { link: links, info: infos, entsize: entsizes, relocations, group: groups, state: states } = sections
  const { file: files } = sections
  const count = facts[row + ObjectFact.Sections]!
  const nameSection = facts[row + ObjectFact.NameSection]!
  const symbolSection = facts[row + ObjectFact.SymbolSection]!
  for (let id = first; id < first + count; id++) {
    relocations[id] = -1
    groups[id] = -1
    files[id] = file
  }
  let at = facts[row + ObjectFact.Headers]!
  for (let i = 0; i < count; i++) {
    const id = first + i
    const type = view.getInt32(at + 4, true)
    types[id] = type
    aligns[id] = 1
    if (type === SHT_NULL) states[id] = SectionState.Table
    else {
      const flags = view.getInt32(at + 8, true)
      const info = view.getInt32(at + 44, true)
      const align = view.getInt32(at + 48, true)
      allFlags[id] = flags
      offsets[id] = (start as F64) + (view.getInt32(at + 24, true) as F64)
      sizes[id] = (view.getUint32(at + 32, true) as F64) + (view.getInt32(at + 36, true) as F64) * high32
      if (align !== 0) aligns[id] = align
      links[id] = view.getInt32(at + 40, true)
      infos[id] = info
      entsizes[id] = view.getInt32(at + 56, true)
      if (type === SHT_RELA || type === SHT_REL) {
        states[id] = SectionState.Table
        if (info > 0 && info < count) relocations[first + info] = id
      } else if (type === SHT_SYMTAB || type === SHT_SYMTAB_SHNDX || type === SHT_GROUP) states[id] = SectionState.Table
      else if (type === SHT_STRTAB && (flags & SHF_ALLOC) === 0 && i === nameSection) states[id] = SectionState.Table
      // the highest bit is SHF_EXCLUDE
      else if (excludes && flags < 0) states[id] = SectionState.Excluded
    }
    at += sectionHeaderSize
  }
  if (symbolSection !== 0) states[first + facts[row + ObjectFact.StringSection]!] = SectionState.Table
  enterSectionNames(sections, names, index, row, view, first)
  return judgeSections(sections, names, kinds, care, first, first + count)
}

/** Ids in the column of names, in place of what the index says of them. */
function enterSectionNames(
  sections: SectionColumns,
  names: NameColumns,
  index: IndexColumns,
  row: I32,
  view: DataView,
  first: I32,
): void {
  const { facts, words } = index
  const { name: ids } = sections
  const count = facts[row + ObjectFact.Sections]!
  const strings = facts[row + ObjectFact.Names]!
  const last = strings + facts[row + ObjectFact.NamesSize]! - 1
  const headers = facts[row + ObjectFact.Headers]!
  const head = facts[row + ObjectFact.WordsAt]! + indexHead
  for (let i = 0; i < count; i++) {
    const place = head + i * 2
    if (i % touchedTogether === 0) {
      const header = headers + i * sectionHeaderSize
      const together = Math.min(touchedTogether, count - i)
      touchNames(names, words, place, together, view, header, sectionHeaderSize, strings, last)
    }
    const length = words[place]!
    if (length >= 0) {
      const name = strings + view.getInt32(headers + i * sectionHeaderSize, true)
      ids[first + i] = internName(names, view, name, length, words[place + 1]!)
    } else if (length !== unnamed) ids[first + i] = ids[first - 1 - length]!
  }
}

/**
 * Looks at the names of the sections of a file, from `from` on: which of them want something done?
 *
 * @param kinds bits of NameKind by id of the name, as many as the table of names has room for
 * @param care kinds that want something done
 * @returns the first section whose name is of such a kind or may be of any (`looksSpecial`); `end` when there is none
 */
export function judgeSections(
  sections: SectionColumns,
  names: NameColumns,
  kinds: Uint8Array,
  care: I32,
  from: I32,
  end: I32,
): I32 {
  const { name: ids, flags, state: states, type: types } = sections
  const { texts, starts } = names
  for (let id = from; id < end; id++) {
    // the highest bit is SHF_EXCLUDE
    if (states[id]! === 0 && (flags[id]! | 0) >= 0 && types[id]! !== SHT_NULL) {
      const name = ids[id]!
      const kind = kinds[name]!
      if (kind === 0) {
        if (looksSpecial(texts, starts[name]!)) return id
        kinds[name] = NameKind.Known
      } else if ((kind & care) !== 0) return id
    }
  }
  return end
}

/** .de .zd .gn .gd .li .st: two letters rule out nearly all names. Behind a short name stand zeros, or another entry. */
export function looksSpecial(texts: Int32Array, start: I32): boolean {
  const letters = (texts[start]! >> 8) & 0xffff
  return (
    letters === 0x6564 ||
    letters === 0x647a ||
    letters === 0x6e67 ||
    letters === 0x6467 ||
    letters === 0x696c ||
    letters === 0x7473
  )
}

/** Columns of the groups (GroupTable), and by symbol id 1 + the group that won the signature (0: none yet). */
export interface GroupColumns {
  readonly section: Int32Array
  readonly signature: Int32Array
  readonly comdat: Uint8Array
  readonly kept: Uint8Array
  readonly owner: Int32Array
}

/**
 * Enters the groups of an object and then its globals. There must be room for the groups, in the table of names, and for as
 * many symbols and owners as it has names afterwards.
 *
 * @param firstGroup number of its first group
 * @param globals receives the ids of the names, in order of the symbols
 * @param kept as for `resolveSymbols`, whose result this is; -1: names alone are entered, and the result is 0
 */
export function enterGlobals(
  symbols: SymbolColumns,
  sections: SectionColumns,
  names: NameColumns,
  groups: GroupColumns,
  index: IndexColumns,
  row: I32,
  view: DataView,
  first: I32,
  firstGroup: I32,
  globals: Int32Array,
  file: I32,
  kept: I32,
): I32 {
  enterNames(sections, names, groups, index, row, view, first, firstGroup, globals)
  return kept < 0 ? 0 : resolveSymbols(symbols, sections, index, row, view, first, file, globals, kept, 0)
}

/** Groups, and then the names of the globals. */
function enterNames(
  sections: SectionColumns,
  names: NameColumns,
  groups: GroupColumns,
  index: IndexColumns,
  row: I32,
  view: DataView,
  first: I32,
  firstGroup: I32,
  globals: Int32Array,
): void {
  const { facts, words } = index
  const sectionCount = facts[row + ObjectFact.Sections]!
  const symbols = facts[row + ObjectFact.Symbols]!
  const firstGlobal = facts[row + ObjectFact.FirstGlobal]!
  const count = facts[row + ObjectFact.SymbolCount]! - firstGlobal
  const strings = facts[row + ObjectFact.Strings]!
  const last = strings + facts[row + ObjectFact.StringsSize]! - 1
  const groupCount = facts[row + ObjectFact.Groups]!
  const groupPlace = facts[row + ObjectFact.WordsAt]! + indexHead + sectionCount * 2
  const place = groupPlace + groupCount * 2
  if (groupCount !== 0) {
    const { type: types, info: infos } = sections
    const end = firstGroup + groupCount
    let id = first
    for (let group = firstGroup; group < end; group++) {
      const at = groupPlace + (group - firstGroup) * 2
      if ((group - firstGroup) % touchedTogether === 0)
        touchNames(names, words, at, Math.min(touchedTogether, end - group), view, symbols, 0, strings, last)
      while (types[id]! !== SHT_GROUP) id++
      const symbol = infos[id]! | 0
      const name = strings + view.getInt32(symbols + symbol * symbolSize, true)
      const signature = internName(names, view, name, words[at]!, words[at + 1]!)
      // The symbol's own turn comes below.
      if (symbol >= firstGlobal) words[place + (symbol - firstGlobal) * 2] = -1 - signature
      enterGroup(sections, groups, group, id, first, signature, view)
      id++
    }
  }
  let at = symbols + firstGlobal * symbolSize
  for (let i = 0; i < count; i++) {
    const pair = place + i * 2
    if (i % touchedTogether === 0)
      touchNames(names, words, pair, Math.min(touchedTogether, count - i), view, at, symbolSize, strings, last)
    const length = words[pair]!
    if (length < 0) globals[i] = -1 - length
    else globals[i] = internName(names, view, strings + view.getInt32(at, true), length, words[pair + 1]!)
    at += symbolSize
  }
}

/** A COMDAT group is kept when it is the first of its signature; the members of later ones are dropped. */
function enterGroup(
  sections: SectionColumns,
  groups: GroupColumns,
  group: I32,
  id: I32,
  first: I32,
  signature: I32,
  view: DataView,
): void {
  const { offset: offsets, size: sizes, state: states, group: groupOf } = sections
  const { section, signature: signatures, comdat, kept, owner } = groups
  const at = offsets[id]! | 0
  const size = sizes[id]! | 0
  section[group] = id
  signatures[group] = signature
  let wins = true
  if ((view.getInt32(at, true) & GRP_COMDAT) !== 0) {
    comdat[group] = 1
    if (owner[signature]! !== 0) wins = false
    else owner[signature] = group + 1
  } else comdat[group] = 0
  kept[group] = wins ? 1 : 0
  if (!wins) states[id]! |= SectionState.ComdatLoser
  for (let offset = 4; offset < size; offset += 4) {
    const member = first + view.getInt32(at + offset, true)
    groupOf[member] = group
    if (!wins) states[member]! |= SectionState.ComdatLoser
  }
}

/**
 * Lets the globals of an object meet what is known of their names, from number `from` of them on, as the table at the head
 * of engine/load/resolve-symbols.ts says.
 *
 * @param file id of the file; `first`: its first section
 * @param kept bits of st_other that are collected over all files, without the visibility
 * @returns the number of the first global that wants care: a common symbol, a second definition, one that meets a common, a
 * shared or a script's symbol, TLS against other, a value beyond 2^53. The number of globals when there is none.
 */
export function resolveSymbols(
  symbols: SymbolColumns,
  sections: SectionColumns,
  index: IndexColumns,
  row: I32,
  view: DataView,
  first: I32,
  file: I32,
  globals: Int32Array,
  kept: I32,
  from: I32,
): I32 {
  const { facts } = index
  const { state: states, type: types, flags: allFlags, file: files, index: indices, binding: bindings } = symbols
  const { other: others, section: symbolSections, value: values, size: sizes } = symbols
  const { state: sectionStates } = sections
  const firstGlobal = facts[row + ObjectFact.FirstGlobal]!
  const count = facts[row + ObjectFact.SymbolCount]! - firstGlobal
  const extended = facts[row + ObjectFact.Extended]!
  let at = facts[row + ObjectFact.Symbols]! + (firstGlobal + from) * symbolSize
  for (let i = from; i < count; i++) {
    const id = globals[i]!
    const info = view.getUint8(at + 4)
    const binding = info >> 4
    const type = info & 15
    const other = view.getUint8(at + 5)
    let section = view.getUint16(at + 6, true)
    let target = -1
    if (section === SHN_COMMON) return i
    if (section === SHN_XINDEX) target = first + view.getInt32(extended + (firstGlobal + i) * 4, true)
    else if (section !== SHN_ABS) target = first + section
    if (target >= 0 && section !== SHN_UNDEF && (sectionStates[target]! & SectionState.ComdatLoser) !== 0)
      section = SHN_UNDEF
    const state = states[id]!
    const knownType = types[id]!
    const known = allFlags[id]!
    if (section === SHN_UNDEF) {
      const isStrong = binding !== STB_WEAK
      const isBare = state === SymbolState.Undefined && files[id]! < 0
      if (state === SymbolState.Unknown || (state === SymbolState.UndefinedWeak && isStrong) || isBare) {
        const isUndefined = isStrong || state === SymbolState.Undefined
        states[id] = isUndefined ? SymbolState.Undefined : SymbolState.UndefinedWeak
        bindings[id] = isUndefined ? STB_GLOBAL : STB_WEAK
        files[id] = file
        indices[id] = firstGlobal + i
        if (state === SymbolState.Unknown || knownType === STT_NOTYPE) types[id] = type
      } else if (type !== knownType && (type === STT_TLS || knownType === STT_TLS)) return i
      const said = SymbolFlag.Regular | SymbolFlag.Referenced
      allFlags[id] = known | (isStrong ? said | SymbolFlag.StrongReference : said)
      if (other !== 0) others[id] = mergedOther(others[id]!, other, kept)
    } else {
      const high = view.getInt32(at + 12, true)
      if (high >= 0x20_0000 || high < -0x20_0000) return i
      const isWeak = binding === STB_WEAK
      let replaces = true
      if (state === SymbolState.Defined || state === SymbolState.Undefined || state === SymbolState.UndefinedWeak) {
        if (type !== knownType && (type === STT_TLS || knownType === STT_TLS) && files[id]! >= 0) return i
        if (state === SymbolState.Defined) {
          if (isWeak) replaces = false
          else if ((known & SymbolFlag.WeakDefinition) === 0) return i
        }
      } else if (state !== SymbolState.Unknown) return i
      const merged = other === 0 ? others[id]! : mergedOther(others[id]!, other, kept)
      if (replaces) {
        allFlags[id] = isWeak
          ? known | SymbolFlag.Regular | SymbolFlag.WeakDefinition
          : (known | SymbolFlag.Regular) & ~SymbolFlag.WeakDefinition
        states[id] = SymbolState.Defined
        bindings[id] = binding
        types[id] = type
        others[id] = (other & ~3) | (merged & (kept | 3))
        files[id] = file
        indices[id] = firstGlobal + i
        symbolSections[id] = target
        values[id] = (high as F64) * high32 + (view.getUint32(at + 8, true) as F64)
        sizes[id] = (view.getUint32(at + 16, true) as F64) + (view.getUint32(at + 20, true) as F64) * high32
      } else {
        allFlags[id] = known | SymbolFlag.Regular
        others[id] = merged
      }
    }
    at += symbolSize
  }
  return count
}

/**
 * The most constraining visibility of all files counts: internal, hidden, protected, default. Of the other bits those of
 * calling conventions are collected.
 */
function mergedOther(known: I32, other: I32, kept: I32): I32 {
  const old = known & 3
  const next = other & 3
  const visible = next !== 0 && (old === 0 || next < old) ? (known & ~3) | next : known
  return visible | (other & kept)
}
