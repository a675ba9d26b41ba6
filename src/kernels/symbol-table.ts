/** .symtab and .strtab of an output of 64 bits, little-endian: entries and names, by blocks of rows. */
import {
  SHN_ABS,
  SHN_LORESERVE,
  SHN_XINDEX,
  STB_GLOBAL,
  STB_WEAK,
  STT_FUNC,
  STT_OBJECT,
  STT_TLS,
  STV_HIDDEN,
} from '../elf/constants.ts'
import { ContentKind, SymbolHome } from '../engine/records/placement.ts'
import { SymbolFlag, SymbolState } from '../engine/records/tables.ts'
import { isEditedKind } from './symbol-selection.ts'
import type { F64, I32, U32 } from './types.ts'

/** bytes of a symbol (Elf64_Sym) */
const entry = 24
const wordBytes = 0x1_0000_0000

/** rows of the output's symbol table that are written at once */
export const symbolBlock = 1024

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
