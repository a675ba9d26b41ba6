/** Finds the relocations that need a look: runs the scanning kernels over all files and keeps what they found in order. */
import { foundWidth, type ScanRecord, symbolPiece } from '../../kernels/scan.ts'
import type { SettledForms } from '../../target/target.ts'
import type { Contents, Live } from '../records/placement.ts'
import type { InputFile, Program } from '../records/program.ts'

/** A file has room for a row in every so many of its bytes (log2). Large links need one in 8 KiB. */
const roomShift = 10

export interface RowChoice {
  /** Interest by relocation type */
  readonly interests: Uint8Array
  readonly settled: SettledForms | undefined
  /** 1 by symbol id: looked at where Interest is Marked */
  readonly marks: Uint8Array
  /** numbers among the locals are marked */
  readonly marksNumbers: boolean
}

/**
 * Symbols that make a relocation by address worth a look: indirect functions; what the loader decides about and, in an
 * output that may be loaded anywhere, numbers that do not move with it. 1 by symbol id.
 */
export function markedSymbols(program: Program, marksImports: boolean, marksNumbers: boolean): Uint8Array {
  const { compute, symbols } = program
  const { state, type, flags, section } = symbols
  const { count } = symbols.names
  const marks = compute.memory.uint8(count)
  const record = { count, state, type, flags, section, marksImports, marksNumbers, marks }
  compute.begin('markSymbols', record, Math.ceil(count / symbolPiece)).finish()
  return marks
}

/** The rows of a file that need a look, in order: numbers from `start` to `end` of `found`, foundWidth each. */
export interface FoundRows {
  readonly found: Int32Array
  readonly start: number
  readonly end: number
}

export class ScannedRows {
  private readonly record: ScanRecord
  private readonly program: Program

  constructor(program: Program, live: Live, contents: Contents, choice: RowChoice) {
    this.program = program
    this.record = scanRecord(program, live, contents, choice)
    program.compute.begin('scanFile', this.record, program.files.length).finish()
  }

  /** Can tables of the file be read by kernels? Others are nobody's business here. */
  isUsual(file: InputFile): boolean {
    return this.record.isUsual[file.id] === 1
  }

  of(file: InputFile): FoundRows {
    const { roomStart, foundCount, found } = this.record
    const start = roomStart[file.id]!
    const count = foundCount[file.id]!
    if (start + count <= roomStart[file.id + 1]!)
      return { found, start: start * foundWidth, end: (start + count) * foundWidth }
    return this.again(file, count)
  }

  /** The room was too small, as nobody knew how much there is. */
  private again(file: InputFile, count: number): FoundRows {
    const { compute, files } = this.program
    const roomStart = compute.memory.int32(files.length + 1)
    roomStart[file.id + 1] = count
    const found = compute.memory.int32(count * foundWidth)
    compute.kernels.scanFile({ ...this.record, roomStart, found }, file.id)
    return { found, start: 0, end: count * foundWidth }
  }
}

function scanRecord(program: Program, live: Live, contents: Contents, choice: RowChoice): ScanRecord {
  const { compute, files, sections, symbols, arch } = program
  const { memory } = compute
  const count = files.length
  const viewSize = memory.float64(count)
  const symbolStart = memory.float64(count)
  const isUsual = memory.uint8(count)
  const firstSection = memory.int32(count)
  const sectionCount = memory.int32(count)
  const symbolCount = memory.int32(count)
  const firstGlobal = memory.int32(count)
  const roomStart = memory.int32(count + 1)
  let room = 0
  for (const file of files) {
    const { id, view, symbolTable } = file
    viewSize[id] = view.byteLength
    const isObject = file.kind === 'object' && symbolTable.count > 0
    isUsual[id] = isObject && file.bits === 64 && file.littleEndian && arch.symbolFirst !== true ? 1 : 0
    firstSection[id] = file.firstSection
    sectionCount[id] = file.sectionCount
    symbolStart[id] = symbolTable.offset
    symbolCount[id] = symbolTable.count
    firstGlobal[id] = symbolTable.firstGlobal
    roomStart[id] = room
    if (isUsual[id] === 1) room += (file.size >>> roomShift) + 8
  }
  roomStart[count] = room
  const { settled } = choice
  const typeCount = choice.interests.length
  const none = memory.uint8(Math.max(256, typeCount))
  const bytes = (from: Uint8Array | undefined): Uint8Array => {
    if (from === undefined) return none
    const to = memory.uint8(Math.max(from.length, typeCount))
    to.set(from)
    return to
  }
  return {
    views: files.map(file => file.view),
    globals: files.map(file => file.globals),
    viewSize,
    isUsual,
    firstSection,
    sectionCount,
    symbolStart,
    symbolCount,
    firstGlobal,
    roomStart,
    foundCount: memory.int32(count),
    found: memory.int32(room * foundWidth),
    live,
    kind: bytes(contents.kind),
    relocations: sections.relocations,
    sectionFlags: sections.flags,
    sectionType: sections.type,
    offset: sections.offset,
    size: sections.size,
    marks: choice.marks,
    symbolState: symbols.state,
    symbolFlags: symbols.flags,
    symbolSection: symbols.section,
    marksNumbers: choice.marksNumbers,
    largeFlag: arch.largeSectionFlag ?? 0,
    typeCount,
    interests: bytes(choice.interests),
    settledTypes: bytes(settled?.types),
    settledOpcodes: bytes(settled?.opcodes),
    settledOperands: bytes(settled?.operands),
    settledAddend: settled?.addend ?? 0,
  }
}
