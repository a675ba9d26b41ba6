/**
 * Applies the usual relocations of a file: an address or a distance, in a plain word, that fits. They are nearly all of
 * the millions in a large link, so these loops know nothing else. Every other row, one that is a mistake too, is left:
 * marked for the one who called, who does those in order afterwards.
 *
 * Tables are those of most 64-bit architectures: RELA, little-endian, the symbol behind the type.
 */
import { SHF_ALLOC, SHT_RELA, STT_GNU_IFUNC, STT_TLS } from '../elf/constants.ts'
import { ContentKind, SymbolHome } from '../engine/records/placement.ts'
import { SectionState, SymbolFlag, SymbolState } from '../engine/records/tables.ts'
import type { F64, I32, U32 } from './types.ts'

/** What is done for a relocation type. */
export const Action = {
  /** nothing that is known here */
  Other: 0,
  /** it has no place */
  None: 1,
  /** see ByteRewrite */
  Rewrite: 2,
  // From here on the place is a plain word.
  Address: 3,
  Distance: 4,
  /** a distance to the stub that stands for a function, where there is one */
  Branch: 5,
} as const

/** How much of a section is left; values of `left`. */
export const Left = { Nothing: 0, Some: 1, All: 2 } as const

/** Stands for the address of what cannot be treated here; nothing that is added makes it fit. */
export const unusual = 1e300

/** symbols in one piece of `findTargets` */
export const targetPiece = 16_384

/** rows with a longer reach are the first of a sequence, which the next row may belong to */
export const mostReach = 16

/** bytes in front of a place that a rewrite may change */
export const rewrittenBytes = 3

/** in a map of bytes: the rewrite is not for this one */
export const noByte = 0xffff

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

export interface RelocateRecord {
  // by file
  readonly views: readonly DataView[]
  readonly globals: readonly Int32Array[]
  /** 1: its tables can be read here */
  readonly isUsual: Uint8Array
  readonly firstSection: Int32Array
  readonly sectionCount: Int32Array
  /** bytes of the view that belong to the file */
  readonly fileStart: Float64Array
  readonly fileEnd: Float64Array
  /** file offset of the symbol table; symbols in it, locals among them */
  readonly symbolStart: Float64Array
  readonly symbolCount: Int32Array
  readonly firstGlobal: Int32Array
  /** where the bits of a file begin in `leftRows`, which has one for each 24 bytes of a file */
  readonly rowStart: Int32Array
  /** result: sections with rows that are left */
  readonly leftSections: Int32Array

  // by section
  readonly live: Uint8Array
  readonly kind: Uint8Array
  readonly state: Uint8Array
  readonly flags: Uint32Array
  readonly type: Uint32Array
  readonly relocations: Int32Array
  readonly offset: Float64Array
  readonly size: Float64Array
  /** size in the image */
  readonly contentSize: Float64Array
  readonly outputOf: Int32Array
  readonly offsetOf: Float64Array
  readonly addressOf: Float64Array
  /** signed address for symbols of the same file, or `unusual`; made here */
  readonly sectionTarget: Float64Array
  /** Left; what is All before is left alone */
  readonly left: Uint8Array
  /** bits by row, see `rowStart` */
  readonly leftRows: Uint8Array

  // by output section
  /** offset in the image; below 0: it has no bytes there */
  readonly outputStart: Float64Array

  // by symbol
  readonly target: Float64Array
  readonly symbolState: Uint8Array
  readonly symbolType: Uint8Array
  readonly symbolFlags: Uint16Array
  readonly symbolSection: Int32Array
  /** the same for branches; where there are no stubs it is the same column */
  readonly branchTarget: Float64Array

  // by relocation type
  readonly typeCount: I32
  /** Action in sections that are loaded, then in others */
  readonly actions: Uint8Array
  readonly width: Uint8Array
  readonly lowest: Float64Array
  readonly highest: Float64Array
  /** bytes behind its place that a row which is left may change, or that belong to its sequence */
  readonly reach: Uint8Array
  /** first of its rewrites, -1: it has none */
  readonly firstRewrite: Int32Array

  // by rewrite
  readonly nextRewrite: Int32Array
  readonly rewriteAddend: Int32Array
  readonly rewriteBias: Int32Array
  readonly rewriteAction: Uint8Array
  readonly rewriteLowest: Float64Array
  readonly rewriteHighest: Float64Array
  /** new values of the bytes in front of the place, 256 for each, the first one first */
  readonly rewriteBytes: Uint16Array
  /** SHF_ bit of sections that may be out of reach */
  readonly largeFlag: U32

  readonly image: DataView
  /** bytes */
  readonly imageSize: F64
}

/** Relocates the sections of a file, which must be in the image. */
export function relocateFile(record: RelocateRecord, file: I32): void {
  const { firstSection, sectionCount, relocations, live, kind, outputOf, outputStart, left, leftSections } = record
  const first = firstSection[file]!
  const end = first + sectionCount[file]!
  let some: I32 = 0
  let hasTargets = false
  for (let section = first; section < end; section++) {
    if (relocations[section]! < 0 || live[section]! !== 1) continue
    const how = kind[section]!
    if (
      how !== ContentKind.Copy &&
      how !== ContentKind.EhFrame &&
      how !== ContentKind.Shortened &&
      how !== ContentKind.FunctionTable
    )
      continue
    const home = outputOf[section]!
    if (home < 0 || outputStart[home]! < 0) continue
    if (!hasTargets) {
      findSectionTargets(record, first, end)
      hasTargets = true
    }
    if (left[section]! !== Left.All) left[section] = relocateSection(record, file, section)
    if (left[section]! !== Left.Nothing) some++
  }
  leftSections[file] = some
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
  const { fileStart, fileEnd, kind, flags, type, offset, size, contentSize, actions, typeCount, reach, leftRows } =
    record
  const table = record.relocations[section]!
  const tableSize = size[table]!
  const tableStart = offset[table]!
  const sectionSize = size[section]!
  const base = record.outputStart[record.outputOf[section]!]! + record.offsetOf[section]!
  if (record.isUsual[file]! !== 1 || kind[section]! !== ContentKind.Copy || type[table]! !== SHT_RELA) return Left.All
  if (!(tableStart >= fileStart[file]! && tableStart + tableSize <= fileEnd[file]!)) return Left.All
  if (contentSize[section]! !== sectionSize || base + sectionSize > record.imageSize) return Left.All

  const view = record.views[file]!
  const ids = record.globals[file]!
  const start = tableStart >>> 0
  const rows = Math.floor(tableSize / 24) | 0
  const firstAction = (flags[section]! & SHF_ALLOC) !== 0 ? 0 : typeCount
  const firstBit = record.rowStart[file]! + (Math.floor((tableStart - fileStart[file]!) / 24) | 0)
  let result: I32 = Left.Nothing
  // Rows behind one that is left stay behind it where they touch what it may change, or belong to its sequence.
  let reached: F64 = 0
  let follower: I32 = -1
  let row: I32 = 0
  for (;;) {
    if (row !== follower)
      row = applyPlain(
        view,
        record.image,
        ids,
        record.target,
        record.branchTarget,
        record.sectionTarget,
        actions,
        record.width,
        record.lowest,
        record.highest,
        firstAction,
        typeCount >>> 0,
        start,
        row,
        rows,
        record.symbolStart[file]! >>> 0,
        record.symbolCount[file]! >>> 0,
        record.firstGlobal[file]! >>> 0,
        record.firstSection[file]!,
        record.sectionCount[file]!,
        base >>> 0,
        sectionSize,
        record.addressOf[section]!,
        reached,
      )
    if (row >= rows) return result
    const at = start + (row >>> 0) * 24
    const kindOfRow = view.getUint32(at + 8, true)
    let isDone = false
    if (kindOfRow < typeCount >>> 0) {
      const action = actions[firstAction + (kindOfRow | 0)]!
      isDone = action === Action.None
      if (action === Action.Rewrite && row !== follower) isDone = rewriteRow(record, file, section, at, base, reached)
      if (!isDone) {
        reached = Math.max(reached, (view.getUint32(at, true) as F64) + reach[kindOfRow]!)
        if (reach[kindOfRow]! > mostReach) follower = row + 1
      }
    }
    if (!isDone) {
      result = Left.Some
      const bit = firstBit + row
      leftRows[bit >> 3] = leftRows[bit >> 3]! | (1 << (bit & 7))
    }
    row++
  }
}

/**
 * Applies rows from `row` on; returns the first one that is not plain, `rows` if there is none.
 * @param firstAction where the actions for this kind of section begin
 * @param start of the table, `symbols` of the symbol table in the view
 * @param base offset of the section in the image; `size` and `address` of it there
 * @param reached rows with a place in front of this offset are not applied
 */
function applyPlain(
  view: DataView,
  image: DataView,
  ids: Int32Array,
  target: Float64Array,
  branchTarget: Float64Array,
  sectionTarget: Float64Array,
  actions: Uint8Array,
  width: Uint8Array,
  lowest: Float64Array,
  highest: Float64Array,
  firstAction: I32,
  typeCount: U32,
  start: U32,
  row: I32,
  rows: I32,
  symbols: U32,
  symbolCount: U32,
  firstGlobal: U32,
  firstSection: I32,
  sectionCount: I32,
  base: U32,
  size: F64,
  address: F64,
  reached: F64,
): I32 {
  let at = start + (row >>> 0) * 24
  for (; row < rows; row++, at += 24) {
    const type = view.getUint32(at + 8, true)
    if (type >= typeCount) return row
    const action = actions[firstAction + (type | 0)]!
    if (action < Action.Address) return row
    const symbol = view.getUint32(at + 12, true)
    let value: F64 = 0
    if (symbol >= firstGlobal) {
      if (symbol >= symbolCount) return row
      const id = ids[symbol - firstGlobal]!
      value = action === Action.Branch ? branchTarget[id]! : target[id]!
    } else {
      const entry = symbols + symbol * 24
      const index = view.getUint16(entry + 6, true)
      if (index === 0 || index >= sectionCount || index >= 0xff00) return row
      value = sectionTarget[firstSection + index]! + view.getUint32(entry + 8, true)
      const high = view.getInt32(entry + 12, true)
      if (high !== 0) value += high * 0x1_0000_0000
    }
    const place = view.getUint32(at, true) as F64
    const bytes = width[type]!
    if (place < reached || place + bytes > size || view.getUint32(at + 4, true) !== 0) return row
    value += view.getInt32(at + 20, true) * 0x1_0000_0000 + view.getUint32(at + 16, true)
    if (action !== Action.Address) value -= address + place
    if (!(value >= lowest[type]! && value <= highest[type]!)) return row
    const to = base + view.getUint32(at, true)
    if (bytes === 4) image.setInt32(to, value | 0, true)
    else if (bytes === 8) {
      image.setInt32(to, value | 0, true)
      image.setInt32(to + 4, Math.floor(value / 0x1_0000_0000) | 0, true)
    } else if (bytes === 2) image.setInt16(to, value | 0, true)
    else image.setInt8(to, value | 0)
  }
  return rows
}

/** Rewrites the instruction in front of a place, and writes the value. False: the row is left. */
function rewriteRow(record: RelocateRecord, file: I32, section: I32, at: U32, base: F64, reached: F64): boolean {
  const { symbolState, symbolType, symbolFlags, symbolSection, flags, image } = record
  const { nextRewrite, rewriteAddend, rewriteBias, rewriteAction, rewriteBytes } = record
  const view = record.views[file]!
  const symbol = view.getUint32(at + 12, true)
  const place = view.getUint32(at, true)
  const firstGlobal = record.firstGlobal[file]! >>> 0
  if (symbol < firstGlobal || symbol >= record.symbolCount[file]! >>> 0 || view.getUint32(at + 4, true) !== 0)
    return false
  if ((place as F64) < reached + rewrittenBytes || (place as F64) + 4 > record.size[section]!) return false
  const id = record.globals[file]![symbol - firstGlobal]!
  if (symbolState[id]! !== SymbolState.Defined || (symbolFlags[id]! & SymbolFlag.Preemptible) !== 0) return false
  if (symbolType[id]! === STT_GNU_IFUNC || symbolType[id]! === STT_TLS) return false
  const home = symbolSection[id]!
  if (home < 0 || (flags[home]! & record.largeFlag) !== 0) return false
  const low = view.getInt32(at + 16, true)
  if (view.getInt32(at + 20, true) !== low >> 31) return false
  const to = (base >>> 0) + place
  const type = view.getUint32(at + 8, true)
  for (let rewrite = record.firstRewrite[type]!; rewrite >= 0; rewrite = nextRewrite[rewrite]!) {
    const map = rewrite * rewrittenBytes * 256
    const first = rewriteBytes[map + image.getUint8(to - 3)]!
    const second = rewriteBytes[map + 256 + image.getUint8(to - 2)]!
    const third = rewriteBytes[map + 512 + image.getUint8(to - 1)]!
    if (low !== rewriteAddend[rewrite]! || first === noByte || second === noByte || third === noByte) continue
    let value = record.target[id]! + low + rewriteBias[rewrite]!
    if (rewriteAction[rewrite]! === Action.Distance) value -= record.addressOf[section]! + place
    if (!(value >= record.rewriteLowest[rewrite]! && value <= record.rewriteHighest[rewrite]!)) return false
    image.setUint8(to - 3, first)
    image.setUint8(to - 2, second)
    image.setUint8(to - 1, third)
    image.setInt32(to, value | 0, true)
    return true
  }
  return false
}
