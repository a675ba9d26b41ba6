/**
 * Applies the usual relocations of a file: an address or a distance, in a plain word, that fits. They are nearly all of
 * the millions in a large link, so these loops know nothing else. Every other row, one that is a mistake too, is left:
 * marked for the one who called, who does those in order afterwards.
 *
 * Tables are those of most 64-bit architectures: RELA, little-endian, the symbol behind the type.
 */
import { SHF_ALLOC, SHT_RELA, STT_SECTION } from '../elf/constants.ts'
import { ContentKind, SymbolHome } from '../engine/records/placement.ts'
import { SectionState, SymbolState } from '../engine/records/tables.ts'
import { type CopyRecord, copyFile } from './image.ts'
import { Action } from './relocation-actions.ts'
import { type RewriteRecord, rewriteRow } from './rewrite-code.ts'
import { type MovedOffsets, movedOffset } from './strings.ts'
import type { F64, I32, U32 } from './types.ts'

/** How much of a section is left; values of `left`. */
export const Left = { Nothing: 0, Some: 1, All: 2 } as const

/** Stands for the address of what cannot be treated here; nothing that is added makes it fit. */
export const unusual = 1e300

/** symbols in one piece of `findTargets` */
export const targetPiece = 16_384

/** rows with a longer reach are the first of a sequence, which the next row may belong to */
export const mostReach = 16

export interface TargetRecord {
  readonly count: I32
  readonly home: Int32Array
  readonly value: Float64Array
  readonly state: Uint8Array
  /** result: signed address by symbol id, or `unusual` */
  readonly target: Float64Array
}

/** Addresses of the global symbols of a piece. */
export function findTargets(record: TargetRecord, piece: I32): void {
  const { count, home, value, state, target } = record
  const first = piece * targetPiece
  const end = Math.min(count, first + targetPiece)
  for (let id = first; id < end; id++) {
    if (home[id]! !== SymbolHome.Undefined) target[id] = value[id]!
    else {
      const how = state[id]!
      const isGone = how === SymbolState.Undefined || how === SymbolState.Defined || how === SymbolState.Script
      target[id] = isGone ? unusual : 0
    }
  }
}

export interface RelocateRecord extends MovedOffsets, RewriteRecord {
  // by file
  /** 1: its tables can be read here */
  readonly isUsual: Uint8Array
  readonly firstSection: Int32Array
  readonly sectionCount: Int32Array
  /** bytes of the view that belong to the file */
  readonly fileStart: Float64Array
  readonly fileEnd: Float64Array
  /** file offset of the symbol table; symbols in it, locals among them */
  readonly symbolStart: Float64Array
  /** where the bits of a file begin in `leftRows`, which has one for each 24 bytes of a file */
  readonly rowStart: Int32Array
  /** result: sections with rows that are left */
  readonly leftSections: Int32Array
  /** 1: `sectionTarget` is made for the file */
  readonly hasTargets: Uint8Array

  // by section
  readonly live: Uint8Array
  readonly kind: Uint8Array
  readonly state: Uint8Array
  readonly type: Uint32Array
  readonly relocations: Int32Array
  readonly offset: Float64Array
  /** size in the image */
  readonly contentSize: Float64Array
  readonly outputOf: Int32Array
  readonly offsetOf: Float64Array
  /** signed address for symbols of the same file, or `unusual`; made here */
  readonly sectionTarget: Float64Array
  /** row of an edited .eh_frame, -1: it is none */
  readonly frameRowOf: Int32Array
  /** Left; what is All before is left alone */
  readonly left: Uint8Array
  /** bits by row, see `rowStart` */
  readonly leftRows: Uint8Array

  // records of .eh_frame, see FrameColumns: first and number of them by row; then by record
  readonly firstRecord: Int32Array
  readonly recordCount: Int32Array
  readonly recordStart: Uint32Array
  readonly recordLength: Uint32Array
  readonly recordPlace: Int32Array

  // by output section
  /** offset in the image; below 0: it has no bytes there */
  readonly outputStart: Float64Array

  /** by symbol: `target` for branches; where there are no stubs it is the same column */
  readonly branchTarget: Float64Array

  // by relocation type
  /** Action in sections that are loaded, then in others */
  readonly actions: Uint8Array
  readonly width: Uint8Array
  readonly lowest: Float64Array
  readonly highest: Float64Array
  /** bytes behind its place that a row which is left may change, or that belong to its sequence */
  readonly reach: Uint8Array

  /** bytes of `image` */
  readonly imageSize: F64
}

/** Relocates the copied sections of a file, which must be in the image. */
export function relocateFile(record: RelocateRecord, file: I32): void {
  relocateSections(record, file, record.isUsual[file]! === 1)
}

/** @param isUsual false: all is left */
function relocateSections(record: RelocateRecord, file: I32, isUsual: boolean): void {
  const { firstSection, sectionCount, relocations, live, kind, outputOf, outputStart, left, leftSections } = record
  const first = firstSection[file]!
  const end = first + sectionCount[file]!
  const { hasTargets } = record
  let some: I32 = 0
  for (let section = first; section < end; section++) {
    if (relocations[section]! < 0 || live[section]! !== 1) continue
    const how = kind[section]!
    if (how !== ContentKind.Copy && how !== ContentKind.Shortened && how !== ContentKind.FunctionTable) continue
    const home = outputOf[section]!
    if (home < 0 || outputStart[home]! < 0) continue
    if (hasTargets[file]! === 0) findSectionTargets(record, first, end)
    hasTargets[file] = 1
    if (left[section]! !== Left.All) left[section] = isUsual ? relocateSection(record, file, section) : Left.All
    if (left[section]! !== Left.Nothing) some++
  }
  leftSections[file] = some
}

/** Relocates .eh_frame of a file, which must be in the image; `relocateFile` has to be done with the file. */
export function relocateFrames(record: RelocateRecord, file: I32): void {
  const { firstSection, sectionCount, relocations, live, kind, outputOf, outputStart, left, leftSections } = record
  const { hasTargets } = record
  const first = firstSection[file]!
  const end = first + sectionCount[file]!
  for (let section = first; section < end; section++) {
    if (kind[section]! !== ContentKind.EhFrame || relocations[section]! < 0 || live[section]! !== 1) continue
    const home = outputOf[section]!
    if (home < 0 || outputStart[home]! < 0) continue
    if (hasTargets[file]! === 0) findSectionTargets(record, first, end)
    hasTargets[file] = 1
    if (left[section]! !== Left.All)
      left[section] = record.isUsual[file]! === 1 ? relocateSection(record, file, section) : Left.All
    if (left[section]! !== Left.Nothing) leftSections[file] = leftSections[file]! + 1
  }
}

export interface CopyAndRelocateRecord extends RelocateRecord, CopyRecord {}

/** Copies what the image takes of a file as it is, and relocates that. */
export function copyAndRelocate(record: CopyAndRelocateRecord, file: I32): void {
  copyFile(record, file)
  // What is not copied here would be copied over relocated bytes.
  relocateSections(record, file, record.isUsual[file]! === 1 && record.leftFiles[file]! === 0)
}

function findSectionTargets(record: RelocateRecord, first: I32, end: I32): void {
  const { live, kind, state, contentSize, outputOf, addressOf, sectionTarget } = record
  for (let section = first; section < end; section++) {
    const how = kind[section]!
    const isEdited =
      how === ContentKind.Merged ||
      how === ContentKind.EhFrame ||
      how === ContentKind.Shortened ||
      how === ContentKind.FunctionTable
    const isGone =
      outputOf[section]! < 0 && contentSize[section]! > 0 && (state[section]! & SectionState.JustSymbols) === 0
    sectionTarget[section] = live[section]! !== 1 || isEdited || isGone ? unusual : addressOf[section]!
  }
}

/** Returns a value of Left. */
function relocateSection(record: RelocateRecord, file: I32, section: I32): I32 {
  const { fileStart, fileEnd, kind, type, offset, inputSize, contentSize } = record
  const table = record.relocations[section]!
  const tableSize = inputSize[table]!
  const tableStart = offset[table]!
  const base = record.outputStart[record.outputOf[section]!]! + record.offsetOf[section]!
  if (type[table]! !== SHT_RELA) return Left.All
  if (!(tableStart >= fileStart[file]! && tableStart + tableSize <= fileEnd[file]!)) return Left.All
  if (base + contentSize[section]! > record.imageSize) return Left.All
  const start = tableStart >>> 0
  const rows = Math.floor(tableSize / 24) | 0
  const firstBit = record.rowStart[file]! + (Math.floor((tableStart - fileStart[file]!) / 24) | 0)
  if (kind[section]! === ContentKind.EhFrame && record.frameRowOf[section]! >= 0)
    return relocateRecords(record, file, section, start, rows, base, firstBit)
  if (kind[section]! !== ContentKind.Copy || contentSize[section]! !== inputSize[section]!) return Left.All
  return relocateCopy(record, file, section, start, rows, base, firstBit)
}

/**
 * A section whose bytes stay where they are.
 * @param start of its table in the view, `base` of the section in the image; `firstBit` of its rows in `leftRows`
 */
function relocateCopy(
  record: RelocateRecord,
  file: I32,
  section: I32,
  start: U32,
  rows: I32,
  base: F64,
  firstBit: I32,
): I32 {
  const { actions, reach } = record
  const view = record.views[file]!
  const size = record.inputSize[section]!
  const end = start + (rows >>> 0) * 24
  const address = record.addressOf[section]!
  const types = record.typeCount >>> 0
  const firstAction = firstActionOf(record, section)
  let result: I32 = Left.Nothing
  // Rows behind one that is left stay behind it where they touch what it may change, or belong to its sequence.
  let reached: F64 = 0
  let follower: I32 = -1
  let row: I32 = 0
  for (;;) {
    if (row !== follower) row = applyPlain(record, file, firstAction, start, row, rows, base, size, address, reached)
    if (row >= rows) return result
    const at = start + (row >>> 0) * 24
    const kindOfRow = view.getUint32(at + 8, true)
    let done: I32 = 0
    if (kindOfRow < types) {
      const action = actions[firstAction + (kindOfRow | 0)]!
      if (action === Action.None) done = 1
      else if (action === Action.Rewrite && row !== follower)
        done = rewriteRow(record, file, section, at, end, base, reached)
      if (done === 0) {
        reached = Math.max(reached, (view.getUint32(at, true) as F64) + reach[kindOfRow]!)
        if (reach[kindOfRow]! > mostReach) follower = row + 1
      }
    }
    if (done === 0) {
      result = Left.Some
      markLeft(record.leftRows, firstBit + row)
      done = 1
    }
    row += done
  }
}

/** The same for .eh_frame, whose records move or go. Its rows are in order. */
function relocateRecords(
  record: RelocateRecord,
  file: I32,
  section: I32,
  start: U32,
  rows: I32,
  base: F64,
  firstBit: I32,
): I32 {
  const { frameRowOf, firstRecord, recordCount, recordStart, recordLength, recordPlace, width } = record
  const view = record.views[file]!
  const size = record.inputSize[section]!
  const address = record.addressOf[section]!
  const symbolCount = record.symbolCount[file]! >>> 0
  const types = record.typeCount >>> 0
  const firstAction = firstActionOf(record, section)
  const frames = frameRowOf[section]!
  let each = firstRecord[frames]!
  const lastRecord = each + recordCount[frames]! - 1
  let result: I32 = Left.Nothing
  let reached: F64 = 0
  let row: I32 = 0
  while (row < rows && each <= lastRecord) {
    const at = start + (row >>> 0) * 24
    const place = view.getUint32(at, true)
    while (each < lastRecord && recordStart[each + 1]! <= place) each++
    const from = recordStart[each]!
    const end = (from as F64) + recordLength[each]!
    const to = recordPlace[each]!
    const isInside = place >= from && place < end && view.getUint32(at + 4, true) === 0
    if (isInside && to < 0) {
      // The record goes, but a row that is wrong is reported all the same.
      const kindOfRow = view.getUint32(at + 8, true)
      const isRight =
        kindOfRow < types &&
        record.actions[firstAction + (kindOfRow | 0)]! !== Action.Other &&
        view.getUint32(at + 12, true) < symbolCount &&
        (place as F64) + width[kindOfRow]! <= size
      if (isRight) {
        row++
        continue
      }
    } else if (isInside) {
      // Records that follow and move as far are done with it.
      const one = each
      const shift = (to as F64) - from
      let until: I32 = row + 1
      let limit: F64 = end
      while (until < rows) {
        const next = view.getUint32(start + (until >>> 0) * 24, true)
        if (each < lastRecord && recordStart[each + 1]! <= next) {
          if ((recordPlace[each + 1]! as F64) - recordStart[each + 1]! !== shift) break
          each++
          limit = (recordStart[each]! as F64) + recordLength[each]!
        } else if (next < limit) until++
        else break
      }
      const first = Math.max(reached, from as F64)
      row = applyPlain(record, file, firstAction, start, row, until, base + shift, limit, address + shift, first)
      if (row >= until) continue
      each = one
    }
    reached = Math.max(reached, (view.getUint32(start + (row >>> 0) * 24, true) as F64) + mostReach)
    result = Left.Some
    markLeft(record.leftRows, firstBit + row)
    row++
  }
  return row < rows ? Left.All : result
}

/** Where the actions for this kind of section begin. */
function firstActionOf(record: RelocateRecord, section: I32): I32 {
  return (record.flags[section]! & SHF_ALLOC) !== 0 ? 0 : record.typeCount
}

function markLeft(leftRows: Uint8Array, bit: I32): void {
  leftRows[bit >> 3] = leftRows[bit >> 3]! | (1 << (bit & 7))
}

/**
 * Applies rows from `row` on; returns the first one that is not plain, `rows` if there is none.
 * @param start of the table in the view
 * @param base offset in the image of offset 0 of the section, `address` its address; places end before `limit`
 * @param reached rows with a place in front of this offset are not applied
 */
function applyPlain(
  record: RelocateRecord,
  file: I32,
  firstAction: I32,
  start: U32,
  row: I32,
  rows: I32,
  base: F64,
  limit: F64,
  address: F64,
  reached: F64,
): I32 {
  const { image, target, branchTarget, sectionTarget, actions, width, lowest, highest } = record
  const view = record.views[file]!
  const ids = record.globals[file]!
  const typeCount = record.typeCount >>> 0
  const symbols = record.symbolStart[file]! >>> 0
  const symbolCount = record.symbolCount[file]! >>> 0
  const firstGlobal = record.firstGlobal[file]! >>> 0
  const firstSection = record.firstSection[file]!
  const sectionCount = record.sectionCount[file]!
  let at = start + (row >>> 0) * 24
  for (; row < rows; row++, at += 24) {
    const type = view.getUint32(at + 8, true)
    if (type >= typeCount) return row
    const action = actions[firstAction + (type | 0)]!
    if (action < Action.Address) return row
    const symbol = view.getUint32(at + 12, true)
    const addend = view.getInt32(at + 20, true) * 0x1_0000_0000 + view.getUint32(at + 16, true)
    let value: F64 = 0
    if (symbol >= firstGlobal) {
      if (symbol >= symbolCount) return row
      const id = ids[symbol - firstGlobal]!
      value = (action === Action.Branch ? branchTarget[id]! : target[id]!) + addend
    } else {
      const entry = symbols + symbol * 24
      const index = view.getUint16(entry + 6, true)
      if (index === 0 || index >= sectionCount || index >= 0xff00) return row
      const home = firstSection + index
      if (sectionTarget[home]! === unusual) {
        value = editedTarget(record, view, entry, home, addend)
      } else {
        value = sectionTarget[home]! + view.getUint32(entry + 8, true) + addend
        const high = view.getInt32(entry + 12, true)
        if (high !== 0) value += high * 0x1_0000_0000
      }
    }
    const place = view.getUint32(at, true) as F64
    const bytes = width[type]!
    if (place < reached || place + bytes > limit || view.getUint32(at + 4, true) !== 0) return row
    if (action !== Action.Address) value -= address + place
    if (!(value >= lowest[type]! && value <= highest[type]!)) return row
    const to = (base + place) >>> 0
    if (bytes === 4) image.setInt32(to, value | 0, true)
    else if (bytes === 8) {
      image.setInt32(to, value | 0, true)
      image.setInt32(to + 4, Math.floor(value / 0x1_0000_0000) | 0, true)
    } else if (bytes === 2) image.setInt16(to, value | 0, true)
    else image.setInt8(to, value | 0)
  }
  return rows
}

/** S + A of a local symbol in an edited section: of its symbol the addend says which string is meant. */
function editedTarget(record: RelocateRecord, view: DataView, entry: U32, section: I32, addend: F64): F64 {
  const { rowOf, home, addressOf } = record
  const row = rowOf[section]!
  if (row < 0) return unusual
  const value = view.getInt32(entry + 12, true) * 0x1_0000_0000 + view.getUint32(entry + 8, true)
  const address = addressOf[home[row]!]!
  if ((view.getUint8(entry + 4) & 15) === STT_SECTION) return address + movedOffset(record, row, value + addend)
  return address + movedOffset(record, row, value) + addend
}
