/** What can be reached: which sections live ones refer to, and which files name symbols that are looked for. */
import type { I32 } from './types.ts'

export interface ReferenceRecord {
  // by file
  /** symbol ids; below 0: none */
  readonly globals: readonly Int32Array[]
  readonly globalCount: Int32Array
  /** result: 1 for files whose symbol tables name something wanted */
  readonly refers: Uint8Array
  /** 1 by symbol */
  readonly wanted: Uint8Array
}

/** Does a file name a wanted symbol? */
export function findReferring(record: ReferenceRecord, file: I32): void {
  const { globals, globalCount, refers, wanted } = record
  const ids = globals[file]!
  const count = globalCount[file]!
  for (let i: I32 = 0; i < count; i++) {
    const id = ids[i]!
    if (id < 0 || wanted[id]! !== 1) continue
    refers[file] = 1
    return
  }
}
