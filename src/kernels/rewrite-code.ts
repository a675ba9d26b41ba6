/**
 * Rewrites instructions at a relocation by maps of bytes: what addresses a symbol through the GOT, or a thread-local one in
 * a general way, addresses it directly. The architecture says which (ByteRewrite, SequenceRewrite).
 */
import { STT_GNU_IFUNC, STT_TLS } from '../elf/constants.ts'
import { SymbolFlag, SymbolState } from '../engine/records/tables.ts'
import { Action, anyAddend, noByte } from './relocation-actions.ts'
import type { F64, I32, U32 } from './types.ts'

export interface RewriteRecord {
  // by file
  readonly views: readonly DataView[]
  readonly globals: readonly Int32Array[]
  readonly symbolCount: Int32Array
  readonly firstGlobal: Int32Array

  // by section
  readonly flags: Uint32Array
  /** as it was read, bytes */
  readonly inputSize: Float64Array
  readonly addressOf: Float64Array

  // by symbol
  readonly symbolState: Uint8Array
  readonly symbolType: Uint8Array
  readonly symbolFlags: Uint16Array
  readonly symbolSection: Int32Array
  /** signed address, or one that fits nowhere */
  readonly target: Float64Array

  // by relocation type
  readonly typeCount: I32
  /** first of its rewrites, -1: it has none */
  readonly firstRewrite: Int32Array

  // by rewrite
  readonly nextRewrite: Int32Array
  /** `anyAddend`: it does not matter */
  readonly rewriteAddend: Int32Array
  readonly rewriteBias: Int32Array
  readonly rewriteAction: Uint8Array
  readonly rewriteLowest: Float64Array
  readonly rewriteHighest: Float64Array
  /** bytes from the place to the first one that changes, how many do, and where their maps begin in `rewriteBytes` */
  readonly rewriteFirst: Int32Array
  readonly rewriteCount: Int32Array
  readonly rewriteMap: Int32Array
  /** bytes from the place to the new field */
  readonly rewriteShift: Int32Array
  /** bytes from the place to that of the next row, 0: it does not matter; its types: 1 by rewrite and type */
  readonly rewriteDistance: Int32Array
  readonly followers: Uint8Array
  /** 1: the next row is done with it */
  readonly swallows: Uint8Array
  /** new values of bytes, 256 for each */
  readonly rewriteBytes: Uint16Array
  readonly threadPointer: F64

  /** SHF_ bit of sections that may be out of reach */
  readonly largeFlag: U32
  readonly image: DataView
}

/**
 * Rewrites instructions around the place of a row whose symbol an object defines, and writes the value.
 * Returns how many rows are done: 0, it has none of the known forms; 2, the next row belongs to the sequence.
 * @param at of the row in the view, `end` of the table
 */
export function rewriteRow(
  record: RewriteRecord,
  file: I32,
  section: I32,
  at: U32,
  end: U32,
  base: F64,
  reached: F64,
): I32 {
  const { symbolState, symbolType, symbolFlags, symbolSection, flags, image, nextRewrite } = record
  const { rewriteAddend, rewriteFirst, rewriteCount, rewriteBytes, rewriteAction, rewriteShift } = record
  const view = record.views[file]!
  const symbol = view.getUint32(at + 12, true)
  const offset = view.getUint32(at, true)
  const size = record.inputSize[section]!
  const firstGlobal = record.firstGlobal[file]! >>> 0
  if (symbol < firstGlobal || symbol >= record.symbolCount[file]! >>> 0 || view.getUint32(at + 4, true) !== 0) return 0
  const id = record.globals[file]![symbol - firstGlobal]!
  if (symbolState[id]! !== SymbolState.Defined || (symbolFlags[id]! & SymbolFlag.Preemptible) !== 0) return 0
  if (symbolType[id]! === STT_GNU_IFUNC) return 0
  const isThreadLocal = symbolType[id]! === STT_TLS
  const home = symbolSection[id]!
  if (home < 0 || (flags[home]! & record.largeFlag) !== 0) return 0
  const addend = view.getInt32(at + 16, true)
  if (view.getInt32(at + 20, true) !== addend >> 31) return 0
  const place = offset as F64
  for (
    let rewrite = record.firstRewrite[view.getUint32(at + 8, true)]!;
    rewrite >= 0;
    rewrite = nextRewrite[rewrite]!
  ) {
    const action = rewriteAction[rewrite]!
    if (isThreadLocal !== (action === Action.ThreadOffset)) continue
    if (rewriteAddend[rewrite]! !== anyAddend && addend !== rewriteAddend[rewrite]!) continue
    const first = place + rewriteFirst[rewrite]!
    const count = rewriteCount[rewrite]!
    const field = place + rewriteShift[rewrite]!
    if (first < reached || first + count > size || field < 0 || place + 4 > size || field + 4 > size) continue
    const to = (base + first) >>> 0
    const map = record.rewriteMap[rewrite]!
    let same: I32 = 0
    while (same < count && rewriteBytes[map + same * 256 + image.getUint8(to + (same >>> 0))]! !== noByte) same++
    if (same < count || !isFollowed(record, rewrite, view, at, end)) continue
    let value = record.target[id]! + addend + record.rewriteBias[rewrite]!
    if (action === Action.Distance) value -= record.addressOf[section]! + place
    else if (action === Action.ThreadOffset) value -= record.threadPointer
    if (!(value >= record.rewriteLowest[rewrite]! && value <= record.rewriteHighest[rewrite]!)) return 0
    for (let i: I32 = 0; i < count; i++) {
      const there = to + (i >>> 0)
      image.setUint8(there, rewriteBytes[map + i * 256 + image.getUint8(there)]!)
    }
    image.setInt32((base + field) >>> 0, value | 0, true)
    return record.swallows[rewrite]! + 1
  }
  return 0
}

/** Does the row follow that the rewrite asks for? */
function isFollowed(record: RewriteRecord, rewrite: I32, view: DataView, at: U32, end: U32): boolean {
  const { rewriteDistance, followers, typeCount } = record
  const distance = rewriteDistance[rewrite]!
  if (distance === 0) return true
  if (at + 48 > end) return false
  const type = view.getUint32(at + 32, true)
  if (type >= typeCount >>> 0 || followers[rewrite * typeCount + (type | 0)]! === 0) return false
  const ahead = (view.getUint32(at + 24, true) as F64) - view.getUint32(at, true)
  return ahead === distance && view.getUint32(at + 28, true) === 0
}
