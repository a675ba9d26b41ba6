/**
 * Scanning relocations: which rows of the raw tables need a look. Most need none: their symbol has an address of its own,
 * or their instruction will surely be rewritten. Rows that are found are kept with what was read of them, file by file.
 *
 * Tables are those of most 64-bit architectures: RELA, little-endian, the symbol behind the type.
 */
import {
  SHF_ALLOC,
  SHF_WRITE,
  SHN_ABS,
  SHN_LORESERVE,
  SHT_NOBITS,
  SHT_RELA,
  STT_FILE,
  STT_GNU_IFUNC,
  STT_TLS,
} from '../elf/constants.ts'
import { ContentKind } from '../engine/records/placement.ts'
import { SymbolFlag, SymbolState } from '../engine/records/tables.ts'
import type { ObjectFiles } from './file-columns.ts'
import type { F64, I32, U32 } from './types.ts'

/** Which rows of a relocation type have to be looked at. */
export const Interest = {
  None: 0,
  Any: 1,
  /** those against symbols that are marked */
  Marked: 2,
} as const

/** columns of a row that was found: section, row (-1: the table has another form), type, symbol */
export const foundWidth = 4

/** symbols in one piece of `markSymbols` */
export const symbolPiece = 16_384

export interface MarkRecord {
  readonly count: I32
  readonly state: Uint8Array
  readonly type: Uint8Array
  readonly flags: Uint16Array
  readonly section: Int32Array
  /** mark what the loader decides about */
  readonly marksImports: boolean
  /** mark numbers that do not move with the output */
  readonly marksNumbers: boolean
  /** 1 by symbol */
  readonly marks: Uint8Array
}

/** Marks indirect functions, what the loader decides about, and numbers among the symbols of a piece. */
export function markSymbols(record: MarkRecord, piece: I32): void {
  const { count, state, type, flags, section, marksImports, marksNumbers, marks } = record
  const first = piece * symbolPiece
  const end = Math.min(count, first + symbolPiece)
  for (let id = first; id < end; id++) {
    const isDefined = state[id]! === SymbolState.Defined
    let isMarked = isDefined && type[id]! === STT_GNU_IFUNC
    if (marksImports && (flags[id]! & SymbolFlag.Preemptible) !== 0) isMarked = true
    if (marksNumbers && (state[id]! === SymbolState.UndefinedWeak || (isDefined && section[id]! < 0))) isMarked = true
    if (isMarked) marks[id] = 1
  }
}

export interface ScanRecord extends ObjectFiles {
  // by file
  /** file offset of the symbol table; symbols in it, locals among them */
  readonly symbolStart: Float64Array
  /** where the rows of a file begin in `found`; one more for the end */
  readonly roomStart: Int32Array
  /** rows that were found in a file; those beyond its room are not kept */
  readonly foundCount: Int32Array
  /** foundWidth numbers each */
  readonly found: Int32Array
  /** words that move with the output, those in sections that are not written among them */
  readonly movedWords: Int32Array
  readonly constantWords: Int32Array

  // by section
  readonly live: Uint8Array
  /** ContentKind */
  readonly kind: Uint8Array
  readonly relocations: Int32Array
  readonly sectionFlags: Uint32Array
  readonly sectionType: Uint32Array
  readonly offset: Float64Array
  readonly size: Float64Array

  // by symbol
  readonly marks: Uint8Array
  /** the last file that calls it: its id and the type of the relocation as one number, see `calls` */
  readonly lastCall: Int32Array
  readonly symbolState: Uint8Array
  readonly symbolFlags: Uint16Array
  readonly symbolType: Uint8Array
  readonly symbolSection: Int32Array

  /** numbers that do not move with the output are marked among locals, too */
  readonly marksNumbers: boolean
  readonly largeFlag: U32

  // by relocation type
  readonly typeCount: I32
  readonly interests: Uint8Array
  /** 1: the row behind one of this type may belong to its sequence */
  readonly relaxes: Uint8Array
  /** 1: a word that a loader moves with the output where the symbol has an address in it; all 0: nothing moves */
  readonly words: Uint8Array
  /** 1: a file's calls of a function by relocations of this type all want the same */
  readonly calls: Uint8Array
  /** 1: leaves no need where the symbol is an ordinary one; it may swallow the next row */
  readonly settles: Uint8Array
  /** bits of the rewrites for this type that leave no need where the symbol is an ordinary one */
  readonly rewrites: Uint8Array

  /** bits of the rewrites that are for the third, second and first byte in front of a place, 256 for each */
  readonly rewriteBytes: Uint8Array
  /** addend of the relocations that are rewritten */
  readonly rewriteAddend: I32
}

/** Collects the rows of a file that need a look. */
export function scanFile(record: ScanRecord, file: I32): void {
  const { isUsual, firstSection, sectionCount, live, kind, relocations, sectionFlags, foundCount } = record
  const { movedWords, constantWords } = record
  foundCount[file] = 0
  movedWords[file] = 0
  constantWords[file] = 0
  if (isUsual[file]! === 0) return
  const first = firstSection[file]!
  const end = first + sectionCount[file]!
  const mayBeLocal = hasMarkedLocal(record, file)
  for (let section = first; section < end; section++) {
    const table = relocations[section]!
    if (table < 0 || live[section]! !== 1 || (sectionFlags[section]! & SHF_ALLOC) === 0) continue
    const content = kind[section]!
    if (content === ContentKind.Copy || content === ContentKind.EhFrame)
      scanTable(record, file, section, table, mayBeLocal)
  }
}

function hasMarkedLocal(record: ScanRecord, file: I32): boolean {
  const { views, symbolStart, firstGlobal, marksNumbers } = record
  const view = views[file]!
  const start = symbolStart[file]! >>> 0
  const count = firstGlobal[file]!
  let at = start + 24
  for (let symbol: I32 = 1; symbol < count; symbol++) {
    const type = view.getUint8(at + 4) & 15
    if (type === STT_GNU_IFUNC) return true
    if (marksNumbers && type !== STT_FILE && view.getUint16(at + 6, true) === SHN_ABS) return true
    at += 24
  }
  return false
}

function scanTable(record: ScanRecord, file: I32, section: I32, table: I32, mayBeLocal: boolean): void {
  const { views, viewSize, offset, size, sectionType, interests, typeCount, settles, rewrites } = record
  const { calls, lastCall, relaxes, words, kind } = record
  const { marks, symbolType, symbolStart, symbolCount, firstGlobal, marksNumbers } = record
  if (sectionType[table]! !== SHT_RELA) {
    keepFound(record, file, section, -1, 0, 0)
    return
  }
  const end = viewSize[file]!
  if (offset[table]! + size[table]! > end) return
  const view = views[file]!
  const globals = record.globals[file]!
  const symbols = symbolStart[file]! >>> 0
  const count = symbolCount[file]! >>> 0
  const locals = firstGlobal[file]! >>> 0
  const types = typeCount >>> 0
  const rows = (size[table]! / 24) | 0
  let at = offset[table]! >>> 0
  /** rows in front of this one that need a look only when it does: it may belong to them */
  let waiting: I32 = 0
  /** the row in front of this one may swallow it */
  let isBehindRelaxed = false
  const isCopied = kind[section]! === ContentKind.Copy
  let moved: I32 = 0
  for (let row: I32 = 0; row < rows; row++, at += 24) {
    const before = waiting
    const mayBeSwallowed = isBehindRelaxed
    waiting = 0
    isBehindRelaxed = false
    const type = view.getUint32(at + 8, true)
    if (type >= types) continue
    const interest = interests[type]!
    if (interest === Interest.None) continue
    isBehindRelaxed = relaxes[type]! !== 0
    const symbol = view.getUint32(at + 12, true)
    if (symbol >= count) continue
    if (interest === Interest.Marked) {
      if (symbol >= locals) {
        const id = globals[symbol - locals]!
        if (marks[id]! === 0) continue
        // No other thread writes the number that stands for this file.
        if (calls[type]! !== 0 && !mayBeSwallowed && isCopied) {
          const call = (Math.imul(file, typeCount) + (type | 0) + 1) | 0
          if (lastCall[id]! === call) continue
          lastCall[id] = call
        }
      } else if (!mayBeLocal) continue
      else {
        const entry = symbols + symbol * 24
        const isNumber = marksNumbers && view.getUint16(entry + 6, true) === SHN_ABS
        if (!isNumber && (view.getUint8(entry + 4) & 15) !== STT_GNU_IFUNC) continue
      }
    } else if (words[type]! !== 0) {
      if (isCopied && !mayBeSwallowed && isMoved(record, view, file, symbol)) {
        moved++
        continue
      }
    } else if ((settles[type]! | rewrites[type]!) !== 0 && symbol >= locals) {
      const place = view.getUint32(at, true)
      const isInside = view.getUint32(at + 4, true) === 0 && place < size[section]!
      if (isInside && isOrdinary(record, globals[symbol - locals]!)) {
        if (settles[type]! !== 0) {
          waiting = before + 1
          continue
        }
        const isThreadLocal = symbolType[globals[symbol - locals]!]! === STT_TLS
        if (!isThreadLocal && isRewritten(record, view, at, section, rewrites[type]!, end)) continue
      }
    }
    for (let back = before; back > 0; back--) keepRow(record, view, file, section, row - back, at - (back >>> 0) * 24)
    keepRow(record, view, file, section, row, at)
  }
  if (moved > 0) countWords(record, file, section, moved)
}

function countWords(record: ScanRecord, file: I32, section: I32, moved: I32): void {
  const { sectionFlags, movedWords, constantWords } = record
  movedWords[file] = movedWords[file]! + moved
  if ((sectionFlags[section]! & SHF_WRITE) === 0) constantWords[file] = constantWords[file]! + moved
}

/** Has the symbol an address in the output, and nothing else to be said of it? */
function isMoved(record: ScanRecord, view: DataView, file: I32, symbol: U32): boolean {
  const { marks, symbolState, symbolSection, live, firstSection, sectionCount } = record
  const locals = record.firstGlobal[file]! >>> 0
  if (symbol >= locals) {
    const id = record.globals[file]![symbol - locals]!
    if (marks[id]! !== 0) return false
    if (symbolState[id]! !== SymbolState.Defined) return symbolState[id]! === SymbolState.Script
    const home = symbolSection[id]!
    return home >= 0 && live[home]! === 1
  }
  const entry = (record.symbolStart[file]! >>> 0) + symbol * 24
  const index = view.getUint16(entry + 6, true)
  if (index === 0 || index >= SHN_LORESERVE || index >= sectionCount[file]!) return false
  return live[firstSection[file]! + index]! === 1 && (view.getUint8(entry + 4) & 15) !== STT_GNU_IFUNC
}

/** Is all that is known of the symbol that it has an address in the output? Those that are thread-local are as good. */
function isOrdinary(record: ScanRecord, id: I32): boolean {
  const { marks, symbolState, symbolFlags, symbolSection, sectionFlags, largeFlag } = record
  if (marks[id]! !== 0 || symbolState[id]! !== SymbolState.Defined) return false
  const home = symbolSection[id]!
  return home >= 0 && (symbolFlags[id]! & SymbolFlag.Preemptible) === 0 && (sectionFlags[home]! & largeFlag) === 0
}

/** Will the instruction surely be rewritten? `rewrites`: bits of those for its type; `end` bounds the view. */
function isRewritten(record: ScanRecord, view: DataView, at: U32, section: I32, rewrites: I32, end: F64): boolean {
  const { offset, size, sectionType, rewriteAddend, rewriteBytes } = record
  const low = view.getInt32(at + 16, true)
  if (low !== rewriteAddend || view.getInt32(at + 20, true) !== low >> 31) return false
  const place = view.getUint32(at, true)
  if (place < 3 || sectionType[section]! === SHT_NOBITS) return false
  const after = (place as F64) + 4
  if (after > size[section]! || offset[section]! + after > end) return false
  const code = (offset[section]! + place) >>> 0
  const third = rewriteBytes[view.getUint8(code - 3)]!
  const second = rewriteBytes[256 + view.getUint8(code - 2)]!
  return (rewrites & third & second & rewriteBytes[512 + view.getUint8(code - 1)]!) !== 0
}

function keepRow(record: ScanRecord, view: DataView, file: I32, section: I32, row: I32, at: U32): void {
  keepFound(record, file, section, row, view.getInt32(at + 8, true), view.getInt32(at + 12, true))
}

function keepFound(record: ScanRecord, file: I32, section: I32, row: I32, type: I32, symbol: I32): void {
  const { roomStart, foundCount, found } = record
  const index = foundCount[file]!
  foundCount[file] = index + 1
  const start = roomStart[file]!
  if (start + index >= roomStart[file + 1]!) return
  const at = (start + index) * foundWidth
  found[at] = section
  found[at + 1] = row
  found[at + 2] = type
  found[at + 3] = symbol
}
