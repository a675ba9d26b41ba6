/** Where the symbols of the input files lie, as columns that kernels/symbol-table.ts reads. */
import type { InputFile, Program } from '../records/program.ts'

/** Columns by file id; those of LocalSymbols and SymbolRows (kernels/symbol-table.ts) that do not depend on the output. */
export interface FileSymbols {
  readonly views: readonly DataView[]
  readonly isPlain: Uint8Array
  readonly symbolsAt: Uint32Array
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
  const count = files.length
  const isPlain = memory.uint8(count)
  const symbolsAt = memory.uint32(count)
  const stringsAt = memory.uint32(count)
  const stringsEnd = memory.uint32(count)
  const localEnd = memory.int32(count)
  const hasExtended = memory.uint8(count)
  const firstSection = memory.int32(count)
  const sectionCount = memory.int32(count)
  const views: DataView[] = []
  for (let id = 0; id < count; id++) {
    const file = files[id]!
    const { symbolTable, strings } = file
    views.push(file.view)
    firstSection[id] = file.firstSection
    sectionCount[id] = file.sectionCount
    if ((file.kind !== 'object' && file.kind !== 'binary') || symbolTable.count === 0) continue
    localEnd[id] = symbolTable.firstGlobal
    symbolsAt[id] = symbolTable.offset
    stringsAt[id] = strings.offset
    stringsEnd[id] = strings.offset + strings.size
    hasExtended[id] = file.extendedIndex === 0 ? 0 : 1
    if (isPlainFile(file)) isPlain[id] = 1
  }
  return {
    views,
    isPlain,
    symbolsAt,
    stringsAt,
    stringsEnd,
    localEnd,
    hasExtended,
    firstSection,
    sectionCount,
  }
}

/** Kernels check no offset: what they read lies in the file. */
function isPlainFile({ bits, littleEndian, view, symbolTable, strings }: InputFile): boolean {
  const end = view.byteLength
  return (
    bits === 64 &&
    littleEndian &&
    symbolTable.offset + symbolTable.firstGlobal * entry <= end &&
    strings.offset + strings.size <= end
  )
}
