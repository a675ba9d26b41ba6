/**
 * .symtab and .strtab of an output of 64 bits, little-endian: which symbols are written, and their entries and names.
 * What is not plain (edited sections, extended indices, symbols that a plan gives another look) is left to the caller.
 */
import {
  SHF_MERGE,
  SHN_ABS,
  SHN_LORESERVE,
  SHN_XINDEX,
  STB_GLOBAL,
  STB_WEAK,
  STT_FILE,
  STT_FUNC,
  STT_OBJECT,
  STT_SECTION,
  STT_TLS,
  STV_HIDDEN,
  STV_PROTECTED,
} from '../elf/constants.ts'
import { ContentKind, SymbolHome } from '../engine/records/placement.ts'
import { SymbolFlag, SymbolState } from '../engine/records/tables.ts'
import type { F64, I32, U32 } from './types.ts'

/** bytes of a symbol (Elf64_Sym) */
const entry = 24
const wordBytes = 0x1_0000_0000

/** rows of the output's symbol table that are written at once */
export const symbolBlock = 1024

/** Files with symbols, and which of their locals are written. */
export interface LocalSymbols {
  /** by file: the bytes it lies in */
  readonly views: readonly DataView[]
  /** by file: 1 when it is of 64 bits, little-endian, and its tables lie within its bytes */
  readonly isPlain: Uint8Array
  /** by file: offsets of the symbol table, of the strings and of their end */
  readonly symbolStart: Float64Array
  readonly stringsAt: Uint32Array
  readonly stringsEnd: Uint32Array
  /** by file: number of symbols in front of the globals; 1 where the file has an SHT_SYMTAB_SHNDX */
  readonly localEnd: Int32Array
  readonly hasExtended: Uint8Array
  /** by file: id of its first section, number of its sections */
  readonly firstSection: Int32Array
  readonly sectionCount: Int32Array
  /** by section: 1 when it lives; sh_flags; ContentKind; output section or -1 */
  readonly live: Uint8Array
  readonly flags: Uint32Array
  readonly kind: Uint8Array
  readonly outputOf: Int32Array
  /** temporary labels are left out everywhere, not in mergeable sections alone */
  readonly dropsTemporary: boolean
  /** STT_FILE symbols are written */
  readonly keepsFiles: boolean
  /** by file: where its results begin in the two columns below */
  readonly room: Int32Array
  /** results: indices of symbols, and the lengths of their names in bytes */
  readonly chosen: Int32Array
  readonly lengths: Uint32Array
  /** by file, results so far: symbols that were chosen; the next one to look at; an STT_FILE that waits for a local, or -1 */
  readonly count: Int32Array
  readonly next: Int32Array
  readonly pending: Int32Array
  /** by file: symbols among the chosen whose section is edited; their indices are negative, and bytes may be gone */
  readonly doubts: Int32Array
}

/**
 * Chooses the locals of a file, from `next` on. It stops at an extended index, and begins no file that is not plain: then
 * `next` is below `localEnd`.
 */
export function selectFileLocals(record: LocalSymbols, file: I32): void {
  const { views, isPlain, symbolStart, stringsAt, stringsEnd, localEnd, hasExtended } = record
  const { firstSection, sectionCount, live, flags, kind, outputOf, dropsTemporary, keepsFiles } = record
  const { room, chosen, lengths, count, next, pending, doubts } = record
  if (isPlain[file] === 0) return
  const view = views[file]!
  const symbols = symbolStart[file]! >>> 0
  const strings = stringsAt[file]!
  const stringEnd = stringsEnd[file]!
  const first = firstSection[file]!
  const sections = sectionCount[file]!
  const end = localEnd[file]!
  let to = room[file]! + count[file]!
  let waiting = pending[file]!
  let index = next[file]!
  while (index < end) {
    const at = symbols + (index >>> 0) * entry
    const type = view.getUint8(at + 4) & 15
    if (type === STT_FILE && keepsFiles) waiting = index
    if (type === STT_SECTION || type === STT_FILE) {
      index++
      continue
    }
    const section = view.getUint16(at + 6, true)
    const name = view.getUint32(at, true)
    if (section === SHN_XINDEX && hasExtended[file] === 1) break
    let isKept = section !== 0
    let isEdited = false
    if (isKept && section < SHN_LORESERVE) {
      isKept = section < sections && live[first + section] === 1
      if (isKept) {
        const id = first + section
        // temporary labels: .L
        const isTemporary =
          name < stringEnd - strings &&
          stringEnd - strings - name > 1 &&
          view.getUint8(strings + name) === 0x2e &&
          view.getUint8(strings + name + 1) === 0x4c
        if (isTemporary && (dropsTemporary || (flags[id]! & SHF_MERGE) !== 0)) isKept = false
        else if (isEditedKind(kind[id]!)) isEdited = true
        else isKept = outputOf[id]! >= 0
      }
    }
    if (isKept) {
      if (waiting >= 0) {
        chosen[to] = waiting
        lengths[to] = nameLength(view, view.getUint32(symbols + (waiting >>> 0) * entry, true), strings, stringEnd)
        to++
        waiting = -1
      }
      chosen[to] = isEdited ? -index : index
      lengths[to] = nameLength(view, name, strings, stringEnd)
      to++
      if (isEdited) doubts[file] = doubts[file]! + 1
    }
    index++
  }
  count[file] = to - room[file]!
  next[file] = index
  pending[file] = waiting
}

/** Do bytes of the section move? */
function isEditedKind(kind: I32): boolean {
  return (
    kind === ContentKind.Merged ||
    kind === ContentKind.EhFrame ||
    kind === ContentKind.Shortened ||
    kind === ContentKind.FunctionTable
  )
}

/** Bytes of the name at `name` of a string table, which may lack its end. */
function nameLength(view: DataView, name: U32, strings: U32, stringEnd: U32): U32 {
  if (name >= stringEnd - strings) return 0
  const start = strings + name
  let at = start
  while (stringEnd - at >= 4) {
    const word = view.getInt32(at, true)
    const zeros = ((word - 0x01010101) | 0) & ~word & -0x7f7f7f80
    if (zeros !== 0) {
      // bits in front of the first zero byte
      const front = 31 - Math.clz32(zeros & -zeros) - 7
      return at - start + ((front >> 3) >>> 0)
    }
    at += 4
  }
  while (at < stringEnd && view.getUint8(at) !== 0) at++
  return at - start
}

/** The locals that were chosen, file after file. */
export interface ChosenLocals {
  /** by file: as LocalSymbols has them */
  readonly room: Int32Array
  readonly count: Int32Array
  readonly chosen: Int32Array
  readonly lengths: Uint32Array
  /** by file: the first row */
  readonly start: Int32Array
  /** results by row: file, index of the symbol, length of its name */
  readonly rowFile: Int32Array
  readonly rowIndex: Int32Array
  readonly rowLength: Uint32Array
}

/** Puts the locals of files `first` to `last` - 1 into their rows. @returns bytes of their names */
export function gatherLocals(record: ChosenLocals, first: I32, last: I32): F64 {
  const { room, count, chosen, lengths, start, rowFile, rowIndex, rowLength } = record
  let bytes: F64 = 0
  for (let file = first; file < last; file++) {
    const from = room[file]!
    const to = start[file]!
    const end = count[file]!
    for (let i: I32 = 0; i < end; i++) {
      const length = lengths[from + i]!
      rowFile[to + i] = file
      rowIndex[to + i] = chosen[from + i]!
      rowLength[to + i] = length
      bytes += length as F64
    }
  }
  return bytes
}

/** Global symbols, and which of them are written. */
export interface GlobalSymbols {
  /** by symbol id: columns of SymbolTable, and Layout.symbolHome */
  readonly state: Uint8Array
  readonly other: Uint8Array
  readonly flags: Uint16Array
  readonly home: Int32Array
  /** by symbol id: bytes of the name */
  readonly nameLengths: Uint32Array
  /** symbols of the visibilities internal and hidden are written as locals */
  readonly hiddenAsLocal: boolean
  readonly keepsImports: boolean
  /** results: ids of those that are written as locals, and of all others */
  readonly forced: Int32Array
  readonly others: Int32Array
  /** numbers of both */
  readonly counts: Int32Array
  /** one element: bytes of the names of both, each with its end */
  readonly nameBytes: Float64Array
}

/** Chooses among the ids `from` to `to` - 1, behind those of earlier calls. */
export function selectGlobalSymbols(record: GlobalSymbols, from: I32, to: I32): void {
  const { state, other, flags, home, nameLengths, hiddenAsLocal, keepsImports } = record
  const { forced, others, counts, nameBytes } = record
  let forcedCount = counts[0]!
  let otherCount = counts[1]!
  let bytes: F64 = 0
  for (let id = from; id < to; id++) {
    const known = state[id]!
    if (known === SymbolState.Unknown) continue
    const place = home[id]!
    const flag = flags[id]!
    if (place === SymbolHome.Unlisted) continue
    if (place === SymbolHome.Undefined) {
      // the section of a definition was dropped
      if (known === SymbolState.Defined || known === SymbolState.Script) continue
      if (!keepsImports || (flag & SymbolFlag.Referenced) === 0) continue
    }
    const visibility = other[id]! & 3
    const isHidden = hiddenAsLocal && visibility !== 0 && visibility !== STV_PROTECTED
    // HIDDEN and PROVIDE_HIDDEN make a local symbol; STV_HIDDEN in an object does not.
    const byScript = known >= SymbolState.Defined && (flag & SymbolFlag.ScriptHidden) !== 0
    if (isHidden || byScript || (flag & SymbolFlag.ForcedLocal) !== 0) forced[forcedCount++] = id
    else others[otherCount++] = id
    bytes += (nameLengths[id]! as F64) + 1
  }
  counts[0] = forcedCount
  counts[1] = otherCount
  nameBytes[0] = nameBytes[0]! + bytes
}

/** Rows of the output's symbol table: the locals of the inputs, later the globals. */
export interface SymbolRows {
  /** the output file; where the first local, the first global and the strings begin in it */
  readonly image: DataView
  readonly localsAt: U32
  readonly globalsAt: U32
  readonly stringsAt: U32
  /** rows of locals: file, index of the symbol, length of its name; a negative index is left to the caller */
  readonly localCount: I32
  readonly rowFile: Int32Array
  readonly rowIndex: Int32Array
  readonly rowLength: Uint32Array
  /** rows of globals: symbol ids; the first `forcedCount` are written as locals */
  readonly globalCount: I32
  readonly forcedCount: I32
  readonly globals: Int32Array
  /** as LocalSymbols has them */
  readonly views: readonly DataView[]
  readonly isPlain: Uint8Array
  readonly symbolStart: Float64Array
  readonly fileStringsAt: Uint32Array
  readonly hasExtended: Uint8Array
  readonly firstSection: Int32Array
  readonly sectionCount: Int32Array
  /** by section: ContentKind, output section, address */
  readonly kind: Uint8Array
  readonly outputOf: Int32Array
  readonly addressOf: Float64Array
  /** by output section: index of its header; 1 for code */
  readonly headerIndex: Int32Array
  readonly isCode: Uint8Array
  /** by symbol id: columns of SymbolTable and Layout */
  readonly state: Uint8Array
  readonly binding: Uint8Array
  readonly type: Uint8Array
  readonly other: Uint8Array
  readonly flags: Uint16Array
  readonly section: Int32Array
  readonly size: Float64Array
  readonly home: Int32Array
  readonly value: Float64Array
  readonly scriptType: Uint8Array
  /** by symbol id: bytes of the name, and the word of `nameTexts` where it begins */
  readonly nameLengths: Uint32Array
  readonly nameWords: Int32Array
  readonly nameTexts: Int32Array
  /** by symbol id: 1 for what is left to the caller; empty when `hasSpecial` is false */
  readonly special: Uint8Array
  readonly hasSpecial: boolean
  /** where values of thread-local symbols count from */
  readonly threadBase: F64
  /** symbols are functions in code and objects elsewhere, whatever the inputs say */
  readonly plainTypes: boolean
  readonly weakAsGlobal: boolean
  readonly hiddenAsLocal: boolean
  /** by file: 1 when its locals are hidden; empty when `hasHidden` is false */
  readonly hides: Uint8Array
  readonly hasHidden: boolean
  /** by block of rows (those of the locals first): offset of its first name in the string table */
  readonly nameStart: Float64Array
  /** result by row: 1 for what is left to the caller, but for st_name */
  readonly rare: Uint8Array
}

/** Says where the names of the block behind this one begin. */
export function placeBlockNames(record: SymbolRows, block: I32): void {
  const { localCount, rowLength, globalCount, globals, nameLengths, nameStart } = record
  const localBlocks = Math.floor((localCount + symbolBlock - 1) / symbolBlock) | 0
  let bytes: F64 = nameStart[block]!
  if (block < localBlocks) {
    const end = Math.min(localCount, block * symbolBlock + symbolBlock)
    for (let row = block * symbolBlock; row < end; row++) {
      const length = rowLength[row]!
      if (length > 0) bytes += (length as F64) + 1
    }
  } else {
    const from = (block - localBlocks) * symbolBlock
    const end = Math.min(globalCount, from + symbolBlock)
    for (let row = from; row < end; row++) {
      const length = nameLengths[globals[row]!]!
      if (length > 0) bytes += (length as F64) + 1
    }
  }
  nameStart[block + 1] = bytes
}

/** Writes a block of rows and their names. */
export function writeSymbolBlock(record: SymbolRows, block: I32): void {
  const localBlocks = Math.floor((record.localCount + symbolBlock - 1) / symbolBlock) | 0
  if (block < localBlocks) writeLocals(record, block)
  else writeGlobals(record, block, block - localBlocks)
}

function writeLocals(record: SymbolRows, block: I32): void {
  const { image, localsAt, stringsAt, localCount, rowFile, rowIndex, rowLength, nameStart, rare } = record
  const { views, isPlain, symbolStart, fileStringsAt, hasExtended, firstSection, sectionCount } = record
  const { kind, outputOf, addressOf, headerIndex, isCode, threadBase, plainTypes, hides, hasHidden } = record
  const from = block * symbolBlock
  const end = Math.min(localCount, from + symbolBlock)
  let name: U32 = nameStart[block]! >>> 0
  for (let row = from; row < end; row++) {
    const at = localsAt + (row >>> 0) * entry
    const file = rowFile[row]!
    const index = rowIndex[row]!
    const length = rowLength[row]!
    image.setUint32(at, length === 0 ? 0 : name, true)
    const nameAt = stringsAt + name
    if (length > 0) name += length + 1
    if (index < 0 || isPlain[file] === 0) {
      rare[row] = 1
      continue
    }
    const view = views[file]!
    const symbol = (symbolStart[file]! >>> 0) + (index >>> 0) * entry
    copyName(image, nameAt, view, fileStringsAt[file]! + view.getUint32(symbol, true), length)
    const info = view.getUint8(symbol + 4)
    let other = view.getUint8(symbol + 5)
    if (hasHidden && hides[file] === 1) other |= STV_HIDDEN
    const section = view.getUint16(symbol + 6, true)
    // An STT_FILE may name a section, against all custom.
    const isContent = section > 0 && section < SHN_LORESERVE
    if (isContent && section >= sectionCount[file]!) {
      rare[row] = 1
      continue
    }
    let value: F64 = (view.getUint32(symbol + 8, true) as F64) + (view.getInt32(symbol + 12, true) as F64) * wordBytes
    let header: I32 = SHN_ABS
    let home: I32 = -1
    if (section === SHN_XINDEX && hasExtended[file] === 1) {
      rare[row] = 1
      continue
    }
    if (isContent) {
      const id = firstSection[file]! + section
      if (isEditedKind(kind[id]!) || outputOf[id]! < 0) {
        rare[row] = 1
        continue
      }
      value += addressOf[id]!
      if ((info & 15) === STT_TLS) value -= threadBase
      home = outputOf[id]!
      header = headerIndex[home]!
      if (header >= SHN_LORESERVE) {
        rare[row] = 1
        continue
      }
    }
    let type = info & 15
    if (plainTypes) type = home >= 0 && isCode[home] === 1 ? STT_FUNC : STT_OBJECT
    image.setUint8(at + 4, (info & 0xf0) | type)
    image.setUint8(at + 5, other)
    image.setUint16(at + 6, header, true)
    setWide(image, at + 8, value)
    image.setUint32(at + 16, view.getUint32(symbol + 16, true), true)
    image.setUint32(at + 20, view.getUint32(symbol + 20, true), true)
  }
}

function writeGlobals(record: SymbolRows, block: I32, globalBlock: I32): void {
  const { image, globalsAt, stringsAt, localCount, globalCount, forcedCount, globals, nameStart, rare } = record
  const { state: states, binding: bindings, type: types, other: others, flags, section, size: sizes } = record
  const {
    home: homes,
    value: values,
    scriptType,
    nameLengths,
    nameWords,
    nameTexts,
    special,
    hasSpecial,
    kind,
  } = record
  const { headerIndex, isCode, threadBase, plainTypes, weakAsGlobal, hiddenAsLocal } = record
  const from = globalBlock * symbolBlock
  const end = Math.min(globalCount, from + symbolBlock)
  let name: U32 = nameStart[block]! >>> 0
  for (let row = from; row < end; row++) {
    const id = globals[row]!
    const at = globalsAt + (row >>> 0) * entry
    const length = nameLengths[id]!
    image.setUint32(at, length === 0 ? 0 : name, true)
    copyText(image, stringsAt + name, nameTexts, nameWords[id]!, length)
    if (length > 0) name += length + 1
    if (hasSpecial && special[id] === 1) {
      rare[localCount + row] = 1
      continue
    }
    const state = states[id]!
    const home = homes[id]!
    let header: I32 = 0
    let value: F64 = 0
    let type = types[id]!
    let size: F64 = sizes[id]!
    let other = others[id]!
    let binding = bindings[id]!
    if (binding === 0) binding = STB_GLOBAL
    if (home !== SymbolHome.Undefined) {
      value = values[id]!
      header = home === SymbolHome.Absolute ? SHN_ABS : headerIndex[home]!
      if (state === SymbolState.Script) {
        type = scriptType[id]!
        if ((flags[id]! & SymbolFlag.ObjectDefinition) === 0) size = 0
        binding = STB_GLOBAL
        if ((flags[id]! & SymbolFlag.ScriptHidden) !== 0) other = STV_HIDDEN
      }
      if (type === STT_TLS) value -= threadBase
      const isEdited =
        state === SymbolState.Defined && section[id]! >= 0 && kind[section[id]!] === ContentKind.Shortened
      if (isEdited || (home !== SymbolHome.Absolute && header >= SHN_LORESERVE)) {
        rare[localCount + row] = 1
        continue
      }
    } else {
      if (state === SymbolState.UndefinedWeak) binding = STB_WEAK
      size = 0
    }
    if (row < forcedCount) {
      binding = 0
      if (!hiddenAsLocal) other &= ~3
    }
    if (plainTypes) type = home >= 0 && isCode[home] === 1 ? STT_FUNC : STT_OBJECT
    if (weakAsGlobal && binding === STB_WEAK) binding = STB_GLOBAL
    image.setUint8(at + 4, (binding << 4) | type)
    image.setUint8(at + 5, other)
    image.setUint16(at + 6, header, true)
    setWide(image, at + 8, value)
    setWide(image, at + 16, size)
  }
}

/** Four bytes at a time. */
function copyName(image: DataView, to: U32, view: DataView, from: U32, length: U32): void {
  let i: U32 = 0
  while (length - i >= 4) {
    image.setInt32(to + i, view.getInt32(from + i, true), true)
    i += 4
  }
  while (i < length) {
    image.setUint8(to + i, view.getUint8(from + i))
    i++
  }
}

/** The same, from words. */
function copyText(image: DataView, to: U32, texts: Int32Array, start: I32, length: U32): void {
  let i: U32 = 0
  let word = start
  while (length - i >= 4) {
    image.setInt32(to + i, texts[word]!, true)
    i += 4
    word++
  }
  if (i === length) return
  let rest = texts[word]!
  while (i < length) {
    image.setUint8(to + i, rest)
    rest >>= 8
    i++
  }
}

/** A signed double as 64 bits. */
function setWide(image: DataView, at: U32, value: F64): void {
  const high = Math.floor(value / wordBytes)
  image.setUint32(at, (value - high * wordBytes) >>> 0, true)
  image.setInt32(at + 4, high | 0, true)
}
