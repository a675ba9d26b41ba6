/**
 * Which symbols .symtab shows: locals by file, globals by id. What is not plain (edited sections, extended indices, symbols
 * that a plan gives another look) is left to the caller.
 */
import { SHF_MERGE, SHN_LORESERVE, SHN_XINDEX, STT_FILE, STT_SECTION, STV_PROTECTED } from '../elf/constants.ts'
import { ContentKind, SymbolHome } from '../engine/records/placement.ts'
import { SymbolFlag, SymbolState } from '../engine/records/tables.ts'
import type { F64, I32, U32 } from './types.ts'

/** bytes of a symbol (Elf64_Sym) */
const entry = 24

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
export function isEditedKind(kind: I32): boolean {
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
