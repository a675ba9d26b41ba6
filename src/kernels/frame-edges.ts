/**
 * What the entries of .eh_frame say about reachability: an entry (FDE) keeps, for its function, an exception table and the
 * personality routine that its CIE names.
 *
 * Tables are those of most 64-bit architectures: RELA, little-endian, the symbol behind the type.
 */
import { SHN_LORESERVE, SHN_XINDEX, SHT_NOBITS, SHT_RELA } from '../elf/constants.ts'
import { SymbolState } from '../engine/records/tables.ts'
import type { FileColumns } from './file-columns.ts'
import type { I32, U32 } from './types.ts'

/** Stands for the number of edges of a section that has to be read elsewhere. */
export const readElsewhere = -1

/** CIEs of a section that are remembered */
const knownCies = 4
const nobody = -2

export interface FrameEdgeRecord extends FileColumns {
  // by section
  readonly sectionFile: Int32Array
  readonly sectionType: Uint32Array
  readonly relocations: Int32Array
  readonly offset: Float64Array
  readonly size: Float64Array

  // by symbol
  readonly symbolState: Uint8Array
  readonly symbolSection: Int32Array

  // by section of frames
  readonly ids: Int32Array
  /** first of its edges; there is room for as many as its table has rows */
  readonly firstEdge: Int32Array
  /** result: its edges, or readElsewhere */
  readonly edgeCount: Int32Array

  // by edge, results: section ids
  readonly from: Int32Array
  readonly to: Int32Array
}

/** Edges of a section of frames that has relocations. */
export function findFrameEdges(record: FrameEdgeRecord, piece: I32): void {
  const { ids, edgeCount } = record
  edgeCount[piece] = readFrames(record, piece, ids[piece]!)
}

function readFrames(record: FrameEdgeRecord, piece: I32, section: I32): I32 {
  const { views, viewSize, isUsual, sectionFile, sectionType, relocations, offset, size, firstEdge } = record
  const file = sectionFile[section]!
  const table = relocations[section]!
  if (isUsual[file]! === 0 || sectionType[table]! !== SHT_RELA || sectionType[section]! === SHT_NOBITS)
    return readElsewhere
  if (offset[table]! + size[table]! > viewSize[file]! || offset[section]! + size[section]! > viewSize[file]!)
    return readElsewhere
  const view = views[file]!
  const rows = Math.floor(size[table]! / 24) | 0
  const start = offset[table]! >>> 0
  if (!isSorted(view, start, rows)) return readElsewhere
  const base = offset[section]! >>> 0
  const whole = size[section]! >>> 0
  const room = firstEdge[piece]!
  let count: I32 = 0
  let row: I32 = 0
  // offsets and personality routines of the last CIEs
  let cies: I32 = 0
  let cie0: U32 = 0
  let cie1: U32 = 0
  let cie2: U32 = 0
  let cie3: U32 = 0
  let routine0: I32 = -1
  let routine1: I32 = -1
  let routine2: I32 = -1
  let routine3: I32 = -1
  let at: U32 = 0
  while (whole >= 4 && at <= whole - 4) {
    const length = view.getUint32(base + at, true)
    if (length === 0) {
      at += 4
      continue
    }
    // a form that nobody writes: look at nothing behind it
    if (length < 4 || length > whole - at - 4) break
    const end = at + 4 + length
    const pointer = view.getUint32(base + at + 4, true)
    while (row < rows && view.getUint32(start + (row >>> 0) * 24, true) < at) row++
    let owner: I32 = nobody
    for (; row < rows; row++) {
      const entry = start + (row >>> 0) * 24
      const place = view.getUint32(entry, true)
      if (place >= end) break
      if (place === at + 4) continue
      const target = targetOf(record, view, file, view.getUint32(entry + 12, true))
      if (owner === nobody) owner = target
      else if (pointer === 0) return readElsewhere
      else if (owner >= 0 && target >= 0) {
        addEdge(record, room + count, owner, target)
        count++
      }
    }
    if (pointer === 0) {
      cie3 = cie2
      cie2 = cie1
      cie1 = cie0
      cie0 = at
      routine3 = routine2
      routine2 = routine1
      routine1 = routine0
      routine0 = owner
      cies++
    } else if (owner >= 0 && pointer <= at + 4) {
      const cie = at + 4 - pointer
      let routine: I32 = -1
      if (cies > 0 && cie === cie0) routine = routine0
      else if (cies > 1 && cie === cie1) routine = routine1
      else if (cies > 2 && cie === cie2) routine = routine2
      else if (cies > 3 && cie === cie3) routine = routine3
      else if (cies > knownCies) return readElsewhere
      if (routine >= 0 && routine !== owner) {
        addEdge(record, room + count, owner, routine)
        count++
      }
    }
    at = end
  }
  return count
}

function addEdge(record: FrameEdgeRecord, index: I32, source: I32, target: I32): void {
  const { from, to } = record
  from[index] = source
  to[index] = target
}

function isSorted(view: DataView, start: U32, rows: I32): boolean {
  let before: U32 = 0
  let at = start
  for (let row: I32 = 0; row < rows; row++) {
    const place = view.getUint32(at, true)
    if (place < before) return false
    before = place
    at += 24
  }
  return true
}

/** Section that a symbol of a file stands for, or -1. */
function targetOf(record: FrameEdgeRecord, view: DataView, file: I32, symbol: U32): I32 {
  const { globals, symbolStart, symbolCount, firstGlobal, symbolState, symbolSection } = record
  const { viewSize, extendedIndex, firstSection, sectionCount } = record
  const locals = firstGlobal[file]! >>> 0
  if (symbol >= symbolCount[file]! >>> 0) return -1
  if (symbol >= locals) {
    const id = globals[file]![symbol - locals]!
    return symbolState[id]! === SymbolState.Defined ? symbolSection[id]! : -1
  }
  let index = view.getUint16((symbolStart[file]! >>> 0) + symbol * 24 + 6, true) >>> 0
  if (index === SHN_XINDEX) {
    const at = extendedIndex[file]! + symbol * 4
    if (extendedIndex[file]! === 0 || at + 4 > viewSize[file]!) return -1
    index = view.getUint32(at >>> 0, true)
  } else if (index >= SHN_LORESERVE) return -1
  if (index === 0 || index >= sectionCount[file]! >>> 0) return -1
  return firstSection[file]! + (index | 0)
}
