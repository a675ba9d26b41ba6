/** Where the symbols of the input files lie, as columns that kernels/symbol-selection.ts and symbol-table.ts read. */
import { fileColumns } from '../records/file-columns.ts'
import type { Program } from '../records/program.ts'

/** Columns by file id; those of LocalSymbols and SymbolRows (kernels) that do not depend on the output. */
export interface FileSymbols {
  readonly views: readonly DataView[]
  readonly isPlain: Uint8Array
  readonly symbolStart: Float64Array
  readonly stringsAt: Uint32Array
  readonly stringsEnd: Uint32Array
  /** number of symbols in front of the globals; 0 for files whose symbols are not written */
  readonly localEnd: Int32Array
  readonly hasExtended: Uint8Array
  readonly firstSection: Int32Array
  readonly sectionCount: Int32Array
}

/** bytes of an Elf64_Sym */
const entry = 24

export function fileSymbols(program: Program): FileSymbols {
  const { files } = program
  const { memory } = program.compute
  const { views, viewSize, isUsual, firstSection, sectionCount, symbolStart, firstGlobal } = fileColumns(program)
  const count = files.length
  const isPlain = memory.uint8(count)
  const stringsAt = memory.uint32(count)
  const stringsEnd = memory.uint32(count)
  const localEnd = memory.int32(count)
  const hasExtended = memory.uint8(count)
  for (let id = 0; id < count; id++) {
    const file = files[id]!
    if ((file.kind !== 'object' && file.kind !== 'binary') || file.symbolTable.count === 0) continue
    const { offset, size } = file.strings
    localEnd[id] = firstGlobal[id]!
    stringsAt[id] = offset
    stringsEnd[id] = offset + size
    if (file.extendedIndex !== 0) hasExtended[id] = 1
    // Kernels check no offset: what they read lies in the file.
    const end = Math.max(symbolStart[id]! + firstGlobal[id]! * entry, offset + size)
    if (isUsual[id] === 1 && end <= viewSize[id]!) isPlain[id] = 1
  }
  return {
    views,
    isPlain,
    symbolStart,
    stringsAt,
    stringsEnd,
    localEnd,
    hasExtended,
    firstSection,
    sectionCount,
  }
}
