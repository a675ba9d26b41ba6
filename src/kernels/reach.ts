/** What can be reached: which sections live ones refer to, and which files name symbols that are looked for. */
import { SHT_RELA } from '../elf/constants.ts'
import { SymbolState } from '../engine/records/tables.ts'
import type { ObjectFiles } from './file-columns.ts'
import type { I32 } from './types.ts'

/** Why a symbol is wanted; bits. */
export const Wanted = {
  /** a reference is reported, be its instruction rewritten or not */
  Warned: 1,
  /** nothing defines it */
  Missing: 2,
} as const

/** symbols that one call of `findMissing` does at most: long calls stay in slow code */
export const missingBatch = 16_384

/** Marks those of the symbols `first` to `end` - 1 that are undefined, and says how many there are. */
export function findMissing(state: Uint8Array, file: Int32Array, wanted: Uint8Array, first: I32, end: I32): I32 {
  let count: I32 = 0
  for (let id = first; id < end; id++) {
    if (state[id]! !== SymbolState.Undefined || file[id]! < 0) continue
    wanted[id] = wanted[id]! | Wanted.Missing
    count++
  }
  return count
}

export interface ReferenceRecord extends ObjectFiles {
  // by file
  /** result: 1 for files of which a live section may refer to something wanted */
  readonly refers: Uint8Array

  // by section
  readonly live: Uint8Array
  readonly relocations: Int32Array
  readonly sectionType: Uint32Array
  readonly offset: Float64Array
  readonly size: Float64Array

  /** bits of Wanted by symbol */
  readonly wanted: Uint8Array

  /** 1 by relocation type: the row behind it is no reference to what is missing, since its instruction will go */
  readonly swallows: Uint8Array
  readonly typeCount: I32
}

/** Does a live section of a file refer to a wanted symbol? Nobody knows of tables of another form. */
export function findReferring(record: ReferenceRecord, file: I32): void {
  const { isUsual, firstSection, sectionCount, live, relocations, refers } = record
  if (isUsual[file]! === 0 || !namesWanted(record, file)) return
  const first = firstSection[file]!
  const end = first + sectionCount[file]!
  for (let section = first; section < end; section++) {
    const table = relocations[section]!
    if (table < 0 || live[section]! !== 1 || !tableWants(record, file, table)) continue
    refers[file] = 1
    return
  }
}

function namesWanted(record: ReferenceRecord, file: I32): boolean {
  const { globals, symbolCount, firstGlobal, wanted } = record
  const ids = globals[file]!
  const count = symbolCount[file]! - firstGlobal[file]!
  for (let i: I32 = 0; i < count; i++) if (wanted[ids[i]!]! !== 0) return true
  return false
}

function tableWants(record: ReferenceRecord, file: I32, table: I32): boolean {
  const { views, viewSize, globals, symbolCount, firstGlobal, sectionType, offset, size } = record
  const { wanted, swallows, typeCount } = record
  if (sectionType[table]! !== SHT_RELA) return true
  if (offset[table]! + size[table]! > viewSize[file]!) return true
  const view = views[file]!
  const ids = globals[file]!
  const locals = firstGlobal[file]! >>> 0
  const count = symbolCount[file]! >>> 0
  const rows = Math.floor(size[table]! / 24) | 0
  const types = typeCount >>> 0
  let at = offset[table]! >>> 0
  let reasons: I32 = Wanted.Warned | Wanted.Missing
  for (let row: I32 = 0; row < rows; row++) {
    const type = view.getUint32(at + 8, true)
    const symbol = view.getUint32(at + 12, true)
    if (symbol >= locals && symbol < count && (wanted[ids[symbol - locals]!]! & reasons) !== 0) return true
    const isSwallowing = type < types && swallows[type]! !== 0
    reasons = isSwallowing ? Wanted.Warned : Wanted.Warned | Wanted.Missing
    at += 24
  }
  return false
}
