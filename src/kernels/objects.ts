/**
 * What a file says about itself, before any link is known: an *index* of each object that the loading stage would
 * otherwise find out. It needs nothing but the bytes, so any thread can make it as soon as they are there.
 *
 * The index of an object is a row of facts (ObjectFact) and a piece of `words`:
 *
 *     word 0          set where a global name may have an `@`
 *     word 1          nothing of meaning
 *     2 per section   length and hash of its name; -1 - i instead of the length: it is that of section i; `unnamed`: its
 *                     name is never looked at (relocations, null section)
 *     2 per group     length and hash of the name of its signature, in order of the SHT_GROUP sections
 *     2 per global    length and hash of its name
 *
 * `surveyObject` checks the headers and says how many words there will be, `indexNames` checks the rest and fills them.
 * Either answers `odd` for anything that is not entirely usual: another class or byte order, damage, compressed sections.
 * Such an object has no index, and the loading stage reads it field by field, with messages (engine/load/load-object.ts).
 * What both accept can be trusted: every index, offset and size that the loading kernels use has been compared.
 */
import {
  ET_REL,
  SHF_ALLOC,
  SHF_COMPRESSED,
  SHN_ABS,
  SHN_COMMON,
  SHN_LORESERVE,
  SHN_XINDEX,
  SHT_GROUP,
  SHT_NOBITS,
  SHT_NULL,
  SHT_REL,
  SHT_RELA,
  SHT_STRTAB,
  SHT_SYMTAB,
  SHT_SYMTAB_SHNDX,
  STB_GLOBAL,
  STB_GNU_UNIQUE,
  STB_WEAK,
  STT_SECTION,
} from '../elf/constants.ts'
import { hashName } from './names.ts'
import type { I32 } from './types.ts'

/** Columns of a row of facts. Offsets are those in the view, not in the object. */
export const ObjectFact = {
  /** where the section headers begin, how many there are, which one holds their names (0: none) */
  Headers: 0,
  Sections: 1,
  NameSection: 2,
  /** string table of section names: offset, bytes */
  Names: 3,
  NamesSize: 4,
  /** SHT_SYMTAB: its section index (0: none), offset, entries, the first global */
  SymbolSection: 5,
  Symbols: 6,
  SymbolCount: 7,
  FirstGlobal: 8,
  /** its string table: section index, offset, bytes */
  StringSection: 9,
  Strings: 10,
  StringsSize: 11,
  /** offset of SHT_SYMTAB_SHNDX, 0: none */
  Extended: 12,
  /** e_machine, e_flags */
  Machine: 13,
  MachineFlags: 14,
  /** number of SHT_GROUP sections */
  Groups: 15,
  /** words that the index takes, and where it begins in `words` */
  Words: 16,
  WordsAt: 17,
  /** section names that differ in their offset: how many, bytes of all */
  NameCount: 18,
  NameBytes: 19,
  /** bytes of the names of globals and signatures */
  GlobalBytes: 20,
  /** bytes of the object */
  Size: 21,
  width: 22,
} as const

/** Returned for an object that has no index. */
export const odd = -1

/** Stands for the length of a name that is never looked at. */
export const unnamed = -0x8000_0000

/** Words in front of those of sections. */
export const indexHead = 2

const fileHeaderSize = 64
const sectionHeaderSize = 64
const symbolSize = 24
/** a file with more sections than this is left to others */
const mostSections = 0x800_0000

/** `\x7fELF`, and 64-bit, little-endian, version 1 behind it */
const magic = 0x464c_457f
const kind = 0x01_0102

/** While names are not there yet: what was seen of a section. */
const hasRelocations = 1
const isMember = 2

/**
 * Checks the headers of the object at `start` and notes where everything is.
 *
 * @param size bytes of the object; it ends within the view, below 2 GiB
 * @param row where its facts begin in `facts`
 * @returns words that `indexNames` will need, or `odd`
 */
export function surveyObject(view: DataView, start: I32, size: I32, facts: Int32Array, row: I32): I32 {
  if (size < fileHeaderSize) return odd
  if (view.getInt32(start, true) !== magic || (view.getInt32(start + 4, true) & 0xff_ffff) !== kind) return odd
  if (view.getUint16(start + 16, true) !== ET_REL) return odd
  const tableOffset = view.getInt32(start + 40, true)
  if (view.getInt32(start + 44, true) !== 0 || view.getUint16(start + 58, true) !== sectionHeaderSize) return odd
  if (tableOffset <= 0 || tableOffset > size - sectionHeaderSize) return odd
  const table = start + tableOffset
  let count = view.getUint16(start + 60, true)
  let nameSection = view.getUint16(start + 62, true)
  // More than 65,279 sections: the numbers are in section header 0.
  if (count === 0) {
    count = view.getInt32(table + 32, true)
    if (view.getInt32(table + 36, true) !== 0) return odd
  }
  if (nameSection === SHN_XINDEX) nameSection = view.getInt32(table + 40, true)
  if (count <= 0 || count > mostSections || count > (size - tableOffset) >> 6) return odd
  if (nameSection < 0 || nameSection >= count) return odd
  let names = 0
  let namesSize = 0
  if (nameSection !== 0) {
    const at = table + nameSection * sectionHeaderSize
    if (!isInside(view, at, size)) return odd
    names = start + view.getInt32(at + 24, true)
    namesSize = view.getInt32(at + 32, true)
  }
  if (namesSize === 0) return odd

  let symbolSection = 0
  let extended = 0
  let groups = 0
  let at = table
  for (let index = 0; index < count; index++) {
    const type = view.getInt32(at + 4, true)
    const flags = view.getInt32(at + 8, true)
    const name = view.getInt32(at, true)
    if (name < 0 || name >= namesSize) return odd
    if (type === SHT_NULL) {
      if ((flags & SHF_COMPRESSED) !== 0) return odd
    } else {
      if (type === SHT_NOBITS) {
        if (view.getInt32(at + 28, true) !== 0 || (view.getInt32(at + 36, true) & -0x20_0000) !== 0) return odd
        if (view.getInt32(at + 24, true) < 0) return odd
      } else {
        if ((flags & SHF_COMPRESSED) !== 0 || !isInside(view, at, size)) return odd
      }
      const align = view.getInt32(at + 48, true)
      // the high halves of sh_addralign and sh_entsize
      if ((view.getInt32(at + 52, true) | view.getInt32(at + 60, true)) !== 0) return odd
      if ((align & ((align - 1) | 0)) !== 0) return odd
      const length = view.getInt32(at + 32, true)
      const info = view.getInt32(at + 44, true)
      if (type === SHT_RELA || type === SHT_REL) {
        if (info <= 0 || info >= count) {
          if ((flags & SHF_ALLOC) === 0) return odd
        } else {
          const entry = type === SHT_RELA ? 24 : 16
          if (view.getInt32(at + 56, true) !== entry || length % entry !== 0) return odd
        }
      } else if (type === SHT_SYMTAB) {
        if (symbolSection !== 0) return odd
        symbolSection = index
      } else if (type === SHT_SYMTAB_SHNDX) extended = index
      else if (type === SHT_GROUP) groups++
    }
    at += sectionHeaderSize
  }

  let symbols = 0
  let symbolCount = 0
  let firstGlobal = 0
  let strings = 0
  let stringsSize = 0
  let stringSection = 0
  let extendedAt = 0
  if (symbolSection !== 0) {
    const header = table + symbolSection * sectionHeaderSize
    const length = view.getInt32(header + 32, true)
    if (view.getInt32(header + 56, true) !== symbolSize || length % symbolSize !== 0) return odd
    symbols = start + view.getInt32(header + 24, true)
    symbolCount = (length / symbolSize) | 0
    firstGlobal = view.getInt32(header + 44, true)
    if (firstGlobal < 0 || firstGlobal > symbolCount || (firstGlobal === 0 && symbolCount > 0)) return odd
    stringSection = view.getInt32(header + 40, true)
    if (stringSection <= 0 || stringSection >= count) return odd
    const stringHeader = table + stringSection * sectionHeaderSize
    if (view.getInt32(stringHeader + 4, true) !== SHT_STRTAB) return odd
    strings = start + view.getInt32(stringHeader + 24, true)
    stringsSize = view.getInt32(stringHeader + 32, true)
    if (symbolCount > 0 && stringsSize > 0 && view.getUint8(strings + stringsSize - 1) !== 0) return odd
    if (extended !== 0) {
      const extendedHeader = table + extended * sectionHeaderSize
      if (view.getInt32(extendedHeader + 40, true) === symbolSection) {
        if (view.getInt32(extendedHeader + 32, true) >> 2 < symbolCount) return odd
        extendedAt = start + view.getInt32(extendedHeader + 24, true)
      }
    }
  } else if (groups !== 0) return odd

  facts[row + ObjectFact.Headers] = table
  facts[row + ObjectFact.Sections] = count
  facts[row + ObjectFact.NameSection] = nameSection
  facts[row + ObjectFact.Names] = names
  facts[row + ObjectFact.NamesSize] = namesSize
  facts[row + ObjectFact.SymbolSection] = symbolSection
  facts[row + ObjectFact.Symbols] = symbols
  facts[row + ObjectFact.SymbolCount] = symbolCount
  facts[row + ObjectFact.FirstGlobal] = firstGlobal
  facts[row + ObjectFact.StringSection] = stringSection
  facts[row + ObjectFact.Strings] = strings
  facts[row + ObjectFact.StringsSize] = stringsSize
  facts[row + ObjectFact.Extended] = extendedAt
  facts[row + ObjectFact.Machine] = view.getUint16(start + 18, true)
  facts[row + ObjectFact.MachineFlags] = view.getInt32(start + 48, true)
  facts[row + ObjectFact.Groups] = groups
  facts[row + ObjectFact.Size] = size
  const words = indexHead + (count + groups + (symbolCount - firstGlobal)) * 2
  facts[row + ObjectFact.Words] = words
  return words
}

/** Does the content of the section with its header at `at` lie within the object of `size` bytes? */
function isInside(view: DataView, at: I32, size: I32): boolean {
  const offset = view.getInt32(at + 24, true)
  const length = view.getInt32(at + 32, true)
  if ((view.getInt32(at + 28, true) | view.getInt32(at + 36, true)) !== 0) return false
  return offset >= 0 && length >= 0 && offset <= size && length <= size - offset
}

/**
 * Checks symbols and groups of the object with its facts at `row`, and fills its words.
 *
 * @param start where the object begins in the view
 * @param words the object's begin at its fact WordsAt
 * @param cache memory to work with: `nameCache` words
 * @returns false: the object is odd
 */
export function indexNames(
  view: DataView,
  start: I32,
  facts: Int32Array,
  row: I32,
  words: Int32Array,
  cache: Int32Array,
): boolean {
  const at = facts[row + ObjectFact.WordsAt]!
  words[at] = 0
  words[at + 1] = 0
  if (!markSections(view, start, facts, row, words)) return false
  hashSectionNames(view, facts, row, words, cache)
  if (!checkLocals(view, facts, row)) return false
  if (!hashGlobals(view, facts, row, words)) return false
  return hashSignatures(view, facts, row, words)
}

/** No section has two relocation sections or belongs to two groups. */
function markSections(view: DataView, start: I32, facts: Int32Array, row: I32, words: Int32Array): boolean {
  const count = facts[row + ObjectFact.Sections]!
  const headers = facts[row + ObjectFact.Headers]!
  const marks = facts[row + ObjectFact.WordsAt]! + indexHead
  for (let index = 0; index < count; index++) words[marks + index * 2] = 0
  let at = headers
  for (let index = 0; index < count; index++) {
    const type = view.getInt32(at + 4, true)
    if (type === SHT_RELA || type === SHT_REL) {
      const target = view.getInt32(at + 44, true)
      if (target > 0 && target < count) {
        if ((words[marks + target * 2]! & hasRelocations) !== 0) return false
        words[marks + target * 2]! |= hasRelocations
      }
    } else if (type === SHT_GROUP) {
      const size = view.getInt32(at + 32, true)
      if (size < 4 || (size & 3) !== 0) return false
      const content = start + view.getInt32(at + 24, true)
      for (let offset = 4; offset < size; offset += 4) {
        const member = view.getInt32(content + offset, true)
        if (member <= 0 || member >= count) return false
        if ((words[marks + member * 2]! & isMember) !== 0) return false
        words[marks + member * 2]! |= isMember
      }
    }
    at += sectionHeaderSize
  }
  return true
}

/** Words of the memory that `indexNames` works with: which section has the name at an offset. */
export const nameCache = 2048

function hashSectionNames(view: DataView, facts: Int32Array, row: I32, words: Int32Array, cache: Int32Array): void {
  const count = facts[row + ObjectFact.Sections]!
  const names = facts[row + ObjectFact.Names]!
  const limit = names + facts[row + ObjectFact.NamesSize]!
  const head = facts[row + ObjectFact.WordsAt]!
  let slots = 16
  while (slots < count && slots < nameCache >> 1) slots *= 2
  for (let slot = 0; slot < slots; slot++) cache[slot * 2] = -1
  let found = 0
  let bytes = 0
  let header = facts[row + ObjectFact.Headers]!
  let place = head + indexHead
  for (let index = 0; index < count; index++) {
    const type = view.getInt32(header + 4, true)
    if (type === SHT_NULL || type === SHT_RELA || type === SHT_REL) words[place] = unnamed
    else {
      const offset = view.getInt32(header, true)
      const slot = (offset & (slots - 1)) * 2
      if (cache[slot]! === offset) words[place] = -1 - cache[slot + 1]!
      else {
        cache[slot] = offset
        cache[slot + 1] = index
        hashName(view, names + offset, limit, words, place, head + 1)
        found++
        bytes += words[place]!
      }
    }
    header += sectionHeaderSize
    place += 2
  }
  facts[row + ObjectFact.NameCount] = found
  facts[row + ObjectFact.NameBytes] = bytes
}

function checkLocals(view: DataView, facts: Int32Array, row: I32): boolean {
  const count = facts[row + ObjectFact.FirstGlobal]!
  const sections = facts[row + ObjectFact.Sections]!
  const stringsSize = facts[row + ObjectFact.StringsSize]!
  const extended = facts[row + ObjectFact.Extended]!
  let at = facts[row + ObjectFact.Symbols]!
  for (let index = 0; index < count; index++) {
    const name = view.getInt32(at, true)
    if (name < 0 || (name >= stringsSize && name !== 0)) return false
    // binding
    if (view.getUint8(at + 4) >> 4 !== 0) return false
    const section = view.getUint16(at + 6, true)
    if (section >= sections && section < SHN_LORESERVE) return false
    if (section === SHN_XINDEX && !isExtended(view, extended, index, sections)) return false
    at += symbolSize
  }
  return true
}

/** Does SHT_SYMTAB_SHNDX name a section for the symbol? */
function isExtended(view: DataView, extended: I32, index: I32, sections: I32): boolean {
  if (extended === 0) return false
  const section = view.getInt32(extended + index * 4, true)
  return section > 0 && section < sections
}

function hashGlobals(view: DataView, facts: Int32Array, row: I32, words: Int32Array): boolean {
  const first = facts[row + ObjectFact.FirstGlobal]!
  const count = facts[row + ObjectFact.SymbolCount]!
  const sections = facts[row + ObjectFact.Sections]!
  const strings = facts[row + ObjectFact.Strings]!
  const stringsSize = facts[row + ObjectFact.StringsSize]!
  const extended = facts[row + ObjectFact.Extended]!
  const head = facts[row + ObjectFact.WordsAt]!
  let place = head + indexHead + (sections + facts[row + ObjectFact.Groups]!) * 2
  let bytes = 0
  let at = facts[row + ObjectFact.Symbols]! + first * symbolSize
  for (let index = first; index < count; index++) {
    const name = view.getInt32(at, true)
    if (name < 0 || name >= stringsSize) return false
    const binding = view.getUint8(at + 4) >> 4
    if (binding !== STB_GLOBAL && binding !== STB_WEAK && binding !== STB_GNU_UNIQUE) return false
    const section = view.getUint16(at + 6, true)
    if (section === SHN_XINDEX) {
      if (!isExtended(view, extended, index, sections)) return false
    } else if (section >= SHN_LORESERVE) {
      if (section !== SHN_ABS && section !== SHN_COMMON) return false
    } else if (section >= sections) return false
    hashName(view, strings + name, strings + stringsSize, words, place, head)
    bytes += words[place]!
    at += symbolSize
    place += 2
  }
  facts[row + ObjectFact.GlobalBytes] = bytes
  return true
}

function hashSignatures(view: DataView, facts: Int32Array, row: I32, words: Int32Array): boolean {
  let left = facts[row + ObjectFact.Groups]!
  if (left === 0) return true
  const sections = facts[row + ObjectFact.Sections]!
  const symbols = facts[row + ObjectFact.Symbols]!
  const symbolCount = facts[row + ObjectFact.SymbolCount]!
  const firstGlobal = facts[row + ObjectFact.FirstGlobal]!
  const strings = facts[row + ObjectFact.Strings]!
  const stringsSize = facts[row + ObjectFact.StringsSize]!
  const head = facts[row + ObjectFact.WordsAt]!
  let place = head + indexHead + sections * 2
  const globals = place + left * 2
  let bytes = facts[row + ObjectFact.GlobalBytes]!
  let header = facts[row + ObjectFact.Headers]!
  while (left > 0) {
    if (view.getInt32(header + 4, true) === SHT_GROUP) {
      const symbol = view.getInt32(header + 44, true)
      if (symbol < 0 || symbol >= symbolCount) return false
      const at = symbols + symbol * symbolSize
      // Called like a section: one for the careful way.
      if ((view.getUint8(at + 4) & 15) === STT_SECTION) return false
      const name = view.getInt32(at, true)
      if (name <= 0 || name >= stringsSize) return false
      if (symbol >= firstGlobal) {
        words[place] = words[globals + (symbol - firstGlobal) * 2]!
        words[place + 1] = words[globals + (symbol - firstGlobal) * 2 + 1]!
      } else {
        hashName(view, strings + name, strings + stringsSize, words, place, head + 1)
        bytes += words[place]!
      }
      place += 2
      left--
    }
    header += sectionHeaderSize
  }
  facts[row + ObjectFact.GlobalBytes] = bytes
  return true
}
