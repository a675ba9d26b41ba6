/** What can be reached: which sections live ones refer to, and which files name symbols that are looked for. */
import { SHT_RELA } from '../elf/constants.ts'
import type { I32 } from './types.ts'

export interface ReferenceRecord {
  // by file
  /** empty where `isUsual` is 0 */
  readonly views: readonly DataView[]
  readonly viewSize: Float64Array
  /** symbol ids */
  readonly globals: readonly Int32Array[]
  /** its tables can be read here: RELA of 64 bits, little-endian, the symbol behind the type */
  readonly isUsual: Uint8Array
  readonly firstSection: Int32Array
  readonly sectionCount: Int32Array
  readonly symbolCount: Int32Array
  readonly firstGlobal: Int32Array
  /** result: 1 for files of which a live section may refer to something wanted */
  readonly refers: Uint8Array

  // by section
  readonly live: Uint8Array
  readonly relocations: Int32Array
  readonly sectionType: Uint32Array
  readonly offset: Float64Array
  readonly size: Float64Array

  /** 1 by symbol */
  readonly wanted: Uint8Array

  /** 1 by relocation type: the row behind it is no reference, since its instruction will go */
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
  for (let i: I32 = 0; i < count; i++) if (wanted[ids[i]!]! === 1) return true
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
  let isSwallowed = false
  for (let row: I32 = 0; row < rows; row++) {
    const type = view.getUint32(at + 8, true)
    const symbol = view.getUint32(at + 12, true)
    if (!isSwallowed && symbol >= locals && symbol < count && wanted[ids[symbol - locals]!]! === 1) return true
    isSwallowed = type < types && swallows[type]! !== 0
    at += 24
  }
  return false
}
