/** What kernels have to know of input files, as columns by file id. */
import { held } from '../../kernels/compute.ts'
import { FileForm, type FrameFiles } from '../../kernels/frames.ts'
import type { Program } from '../records/program.ts'

/** One object for all kernels: tables of it are made once. */
export interface FileBytes {
  readonly bytes: readonly Uint8Array[]
  readonly views: readonly DataView[]
}

export function fileBytes({ files }: Program): FileBytes {
  return { bytes: files.map(file => file.bytes), views: files.map(file => file.view) }
}

export interface FrameFileColumns extends FrameFiles {
  readonly fileSize: Float64Array
}

/** Form, size and symbol table of each file. */
export function frameFiles({ files, arch, compute }: Program, { bytes, views }: FileBytes): FrameFileColumns {
  const { memory } = compute
  const count = files.length
  const globals: Int32Array[] = []
  const fileForm = memory.int32(count)
  const fileSize = memory.float64(count)
  const symbols = memory.uint32(count)
  const symbolCount = memory.uint32(count)
  const firstGlobal = memory.uint32(count)
  const extended = memory.uint32(count)
  const firstSection = memory.int32(count)
  const sectionCount = memory.uint32(count)
  const order = arch.symbolFirst ? FileForm.SymbolFirst : 0
  for (let id = 0; id < count; id++) {
    const file = files[id]!
    const { symbolTable } = file
    globals.push(held(memory, file.globals))
    fileForm[id] = order | (file.bits === 64 ? FileForm.Wide : 0) | (file.littleEndian ? 0 : FileForm.Big)
    fileSize[id] = file.bytes.length
    symbols[id] = symbolTable.offset
    symbolCount[id] = symbolTable.count
    firstGlobal[id] = symbolTable.firstGlobal
    extended[id] = file.extendedIndex
    firstSection[id] = file.firstSection
    sectionCount[id] = file.sectionCount
  }
  const table = { symbols, symbolCount, firstGlobal, extended }
  return { bytes, views, globals, fileForm, fileSize, ...table, firstSection, sectionCount }
}
