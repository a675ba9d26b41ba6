/** Finds the relocations that need a look: runs the scanning kernels over all files and keeps what they found in order. */
import { held, type Memory } from '../../kernels/compute.ts'
import { foundWidth, type ScanRecord, symbolPiece } from '../../kernels/scan.ts'
import { fileColumns } from '../records/file-columns.ts'
import type { Contents, Live } from '../records/placement.ts'
import type { InputFile, Program } from '../records/program.ts'

/** A file has room for a row in every so many of its bytes (log2). Large links need one in 8 KiB. */
const roomShift = 10

/** From so many sections on it pays to know more of the architecture. */
const manySections = 10_000

export interface RowChoice {
  /** Interest by relocation type */
  readonly interests: Uint8Array
  /** 1 by relocation type: see ScanRecord */
  readonly calls: Uint8Array
  readonly words: Uint8Array
  /** bits of OutputTrait */
  readonly traits: number
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
  /** files whose rows did not fit: nobody knew how many there are */
  private readonly second: ScanRecord | undefined

  constructor(program: Program, live: Live, contents: Contents, choice: RowChoice) {
    const { compute, files } = program
    const room = (id: number): number => (files[id]!.size >>> roomShift) + 8
    const record: ScanRecord = {
      ...fileColumns(program),
      ...sectionColumns(program, live, contents),
      ...typeColumns(program, choice),
      marks: held(compute.memory, choice.marks),
      lastCall: compute.memory.int32(choice.marks.length),
      movedWords: compute.memory.int32(files.length),
      constantWords: compute.memory.int32(files.length),
      symbolState: program.symbols.state,
      symbolFlags: program.symbols.flags,
      symbolType: program.symbols.type,
      symbolSection: program.symbols.section,
      marksNumbers: choice.marksNumbers,
      largeFlag: program.arch.largeSectionFlag ?? 0,
      ...rooms(compute.memory, files.length, room),
    }
    compute.begin('scanFile', record, files.length).finish()
    const { foundCount, roomStart } = record
    const isOver = (id: number): boolean => foundCount[id]! > roomStart[id + 1]! - roomStart[id]!
    this.record = record
    if (!files.some(file => isOver(file.id))) return
    const secondRooms = rooms(compute.memory, files.length, id => (isOver(id) ? foundCount[id]! : 0))
    this.second = { ...record, ...secondRooms, lastCall: compute.memory.int32(choice.marks.length) }
    for (const { id } of files) if (isOver(id)) compute.kernels.scanFile(this.second, id)
  }

  /** Can tables of the file be read by kernels? Others are nobody's business here. */
  isUsual(file: InputFile): boolean {
    return this.record.isUsual[file.id] === 1
  }

  /** Words of a file that move with the output and are not among the rows. */
  movedWords({ id }: InputFile): number {
    return this.record.movedWords[id]!
  }

  /** How many of them are in sections that are not written. */
  constantWords({ id }: InputFile): number {
    return this.record.constantWords[id]!
  }

  of({ id }: InputFile): FoundRows {
    const record = this.second !== undefined && this.second.foundCount[id]! > 0 ? this.second : this.record
    const { roomStart, foundCount, found } = record
    const start = roomStart[id]!
    return { found, start: start * foundWidth, end: (start + foundCount[id]!) * foundWidth }
  }
}

/** Places for the rows that are found. */
function rooms(
  memory: Memory,
  count: number,
  roomOf: (file: number) => number,
): Pick<ScanRecord, 'roomStart' | 'foundCount' | 'found'> {
  const roomStart = memory.int32(count + 1)
  for (let id = 0; id < count; id++) roomStart[id + 1] = roomStart[id]! + roomOf(id)
  return { roomStart, foundCount: memory.int32(count), found: memory.int32(roomStart[count]! * foundWidth) }
}

type SectionColumns = Pick<
  ScanRecord,
  'live' | 'kind' | 'relocations' | 'sectionFlags' | 'sectionType' | 'offset' | 'size'
>

function sectionColumns({ sections, compute }: Program, live: Live, contents: Contents): SectionColumns {
  return {
    live: held(compute.memory, live),
    kind: held(compute.memory, contents.kind),
    relocations: sections.relocations,
    sectionFlags: sections.flags,
    sectionType: sections.type,
    offset: sections.offset,
    size: sections.size,
  }
}

type TypeColumns = Pick<
  ScanRecord,
  'typeCount' | 'interests' | 'calls' | 'words' | 'relaxes' | 'settles' | 'rewrites' | 'rewriteBytes' | 'rewriteAddend'
>

/** What the architecture knows of relocations that leave no need. */
function typeColumns(
  { arch, compute, sections }: Program,
  { interests, calls, words, traits }: RowChoice,
): TypeColumns {
  const { memory } = compute
  const typeCount = interests.length
  const settles = memory.uint8(typeCount)
  const rewrites = memory.uint8(typeCount)
  const rewriteBytes = memory.uint8(3 * 256)
  for (const type of arch.relaxation?.settles?.(traits) ?? []) settles[type] = 1
  // Small links do without: the columns take longer than the rows.
  const all = sections.count < manySections ? [] : (arch.byteRewrites?.(traits) ?? [])
  const rewriteAddend = all[0]?.addend ?? 0
  let bit = 1
  for (const { types, addend, before } of all) {
    if (addend !== rewriteAddend || bit > 128) continue
    for (const type of types) rewrites[type]! |= bit
    before.forEach((change, place) => {
      for (let byte = 0; byte < 256; byte++) if (change(byte) >= 0) rewriteBytes[place * 256 + byte]! |= bit
    })
    bit *= 2
  }
  return {
    typeCount,
    interests: held(memory, interests),
    calls: held(memory, calls),
    words: held(memory, words),
    relaxes: held(memory, arch.relocationColumns.relax),
    settles,
    rewrites,
    rewriteBytes,
    rewriteAddend,
  }
}
