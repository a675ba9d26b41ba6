/** Makes the columns that kernels read of input files. */
import { held } from '../../kernels/compute.ts'
import type { FileColumns } from '../../kernels/file-columns.ts'
import type { Program } from './program.ts'

/** Made once, and again when sections were added. */
export function fileColumns(program: Program): FileColumns {
  const { made, sections } = program
  if (made?.files !== undefined && made.sectionCount === sections.count) return made.files
  const columns = makeColumns(program)
  if (made !== undefined) {
    made.files = columns
    made.sectionCount = sections.count
  }
  return columns
}

/** A file whose bytes kernels cannot see is not usual: its tables are for TypeScript. */
function makeColumns({ files, arch, compute }: Program): FileColumns {
  const { memory } = compute
  const { length } = files
  const nothing = new DataView(new ArrayBuffer(0))
  const noGlobals = new Int32Array(0)
  const views: DataView[] = []
  const globals: Int32Array[] = []
  const viewSize = memory.float64(length)
  const isUsual = memory.uint8(length)
  const firstSection = memory.int32(length)
  const sectionCount = memory.int32(length)
  const symbolStart = memory.float64(length)
  const symbolCount = memory.int32(length)
  const firstGlobal = memory.int32(length)
  const extendedIndex = memory.float64(length)
  // Members of an archive share a view.
  let last: DataView = nothing
  let lastSize = 0
  let isSeen = false
  for (const file of files) {
    const { id, view, symbolTable } = file
    if (view !== last) {
      last = view
      lastSize = view.byteLength
      isSeen = memory.holds?.(view) !== false
    }
    const isKnown = file.bits === 64 && file.littleEndian && arch.symbolFirst !== true
    const isWhole = symbolTable.offset + symbolTable.count * 24 <= lastSize
    const isReadable = file.kind === 'object' && symbolTable.count > 0 && isKnown && isSeen && isWhole
    views.push(isReadable ? view : nothing)
    globals.push(isReadable ? held(memory, file.globals) : noGlobals)
    viewSize[id] = isReadable ? lastSize : 0
    isUsual[id] = isReadable ? 1 : 0
    firstSection[id] = file.firstSection
    sectionCount[id] = file.sectionCount
    symbolStart[id] = symbolTable.offset
    symbolCount[id] = symbolTable.count
    firstGlobal[id] = symbolTable.firstGlobal
    extendedIndex[id] = file.extendedIndex
  }
  return {
    views,
    globals,
    viewSize,
    isUsual,
    firstSection,
    sectionCount,
    symbolStart,
    symbolCount,
    firstGlobal,
    extendedIndex,
  }
}
