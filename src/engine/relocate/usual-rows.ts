/**
 * Runs the kernel that applies usual relocations over files, and knows which rows it left: src/kernels/relocate.ts.
 */
import { SHT_NOBITS } from '../../elf/constants.ts'
import { held, type Memory, type Work } from '../../kernels/compute.ts'
import type { FileColumns } from '../../kernels/file-columns.ts'
import type { CopyRecord } from '../../kernels/image.ts'
import { Left, type RelocateRecord, targetPiece, unusual } from '../../kernels/relocate.ts'
import type { MovedOffsets } from '../../kernels/strings.ts'
import type { EditedContents } from '../contents/contents.ts'
import { fileColumns } from '../records/file-columns.ts'
import type { Needs } from '../records/needs.ts'
import type { Layout, Live } from '../records/placement.ts'
import type { InputFile, Program } from '../records/program.ts'
import { LoaderWords, type LoaderWork } from './loader-words.ts'
import { TargetAddresses } from './target-addresses.ts'
import { threadBase } from './thread-storage.ts'
import { typeColumns } from './usual-types.ts'

/** From so many sections on it pays to prepare rewrites. */
const manySections = 10_000

/** Relocating starts with these facts. */
export interface RelocationInputs {
  readonly program: Program
  readonly live: Live
  readonly contents: EditedContents
  readonly needs: Needs
  readonly layout: Layout
  readonly image: Uint8Array
}

export class UsualRows {
  /** Left by section, of files that are relocated */
  readonly left: Uint8Array
  private readonly record: RelocateRecord
  private readonly program: Program
  private work: Work | undefined

  /**
   * @param work what is left to the loader; undefined: there is none
   * @param mayBeUsual false: all rows are left, for a reason of the link
   */
  constructor(inputs: RelocationInputs, work: LoaderWork | undefined, mayBeUsual: boolean) {
    const { program, live, contents, needs, layout, image } = inputs
    const targets = new TargetAddresses(program, live, contents, needs, layout)
    const loader = work === undefined ? undefined : new LoaderWords(program, layout, work)
    const isLarge = program.sections.count > manySections
    this.program = program
    this.record = {
      ...fileRows(inputs, targets, mayBeUsual),
      ...sectionColumns(inputs),
      ...editedColumns(inputs),
      ...symbolColumns(inputs, targets, loader),
      ...typeColumns(program.arch, needs.traits, program.compute.memory, loader !== undefined, isLarge),
      outputStart: outputStarts(layout, program.compute.memory),
      threadPointer: threadBase(program.arch, layout).pointer,
      largeFlag: program.arch.largeSectionFlag ?? 0,
      image: new DataView(image.buffer, image.byteOffset, image.byteLength),
      imageSize: image.length,
    }
    this.left = this.record.left
  }

  /** Begins to copy contents and to relocate what is copied, file by file. */
  beginCopying(copy: CopyRecord): Work {
    const { compute, files } = this.program
    this.work = compute.begin('copyAndRelocate', { ...this.record, ...copy }, files.length)
    return this.work
  }

  /** Applies the usual rows of all files, unless they are being copied. All contents must be in the image. */
  finish(): void {
    const { compute, files } = this.program
    this.work ??= compute.begin('relocateFile', this.record, files.length)
    this.work.finish()
    compute.begin('relocateFrames', this.record, files.length).finish()
  }

  /** Are there rows left in a file that is relocated? */
  hasLeft(file: InputFile): boolean {
    return this.record.leftSections[file.id]! > 0
  }

  /** The first row that is left, from `row` on; `count` if there is none. For sections of which some rows are left. */
  next(file: InputFile, table: number, row: number, count: number): number {
    const { rowStart, leftRows } = this.record
    const first = rowStart[file.id]! + Math.floor((this.program.sections.offset[table]! - file.start) / 24)
    for (let bit = first + row; bit < first + count; bit++) {
      const rest = leftRows[bit >> 3]! >> (bit & 7)
      if (rest === 0) bit |= 7
      else if ((rest & 1) !== 0) return bit - first
    }
    return count
  }
}

type FileRows = Pick<RelocateRecord, keyof FileColumns & keyof RelocateRecord> &
  Pick<RelocateRecord, 'fileStart' | 'fileEnd' | 'rowStart' | 'leftSections' | 'leftRows' | 'hasTargets'>

function fileRows({ program, needs }: RelocationInputs, targets: TargetAddresses, mayBeUsual: boolean): FileRows {
  const { files, compute } = program
  const { memory } = compute
  const { length } = files
  const columns = fileColumns(program)
  const isUsual = memory.uint8(length)
  const fileStart = memory.float64(length)
  const fileEnd = memory.float64(length)
  const rowStart = memory.int32(length)
  if (mayBeUsual) isUsual.set(columns.isUsual)
  // Indirect functions of the file alone are known by their stubs: so few that they are nobody's business here.
  for (const key of needs.stubs) if (key < 0) isUsual[targets.localOf(key).file.id] = 0
  let room = 0
  for (let id = 0; id < length; id++) {
    const { start, size, view } = files[id]!
    fileStart[id] = start
    fileEnd[id] = Math.min(start + size, view.byteLength)
    rowStart[id] = room
    // A file begins with a byte of its own: another thread may be busy with the one before.
    if (isUsual[id] === 1) room += Math.ceil(size / 192) * 8
  }
  const leftSections = memory.int32(length)
  const leftRows = memory.uint8(room >> 3)
  const hasTargets = memory.uint8(length)
  return { ...columns, isUsual, fileStart, fileEnd, rowStart, leftSections, leftRows, hasTargets }
}

type SectionColumns = Pick<
  RelocateRecord,
  | 'live'
  | 'kind'
  | 'state'
  | 'flags'
  | 'type'
  | 'relocations'
  | 'offset'
  | 'inputSize'
  | 'contentSize'
  | 'outputOf'
  | 'offsetOf'
  | 'addressOf'
  | 'sectionTarget'
  | 'left'
>

function sectionColumns({ program, live, contents, needs, layout }: RelocationInputs): SectionColumns {
  const { sections, compute } = program
  const { memory } = compute
  const { count } = sections
  const left = memory.uint8(count)
  // The start-up code fills places in them.
  for (const { section } of needs.indirectPlaces) left[section] = Left.All
  return {
    live: held(memory, live),
    kind: held(memory, contents.kind),
    state: held(memory, sections.state),
    flags: held(memory, sections.flags),
    type: held(memory, sections.type),
    relocations: held(memory, sections.relocations),
    offset: held(memory, sections.offset),
    inputSize: held(memory, sections.size),
    contentSize: held(memory, contents.size),
    outputOf: held(memory, layout.outputOf),
    offsetOf: held(memory, layout.offsetOf),
    addressOf: held(memory, layout.addressOf),
    sectionTarget: memory.float64(count),
    left,
  }
}

type EditedColumns = MovedOffsets &
  Pick<RelocateRecord, 'frameRowOf' | 'firstRecord' | 'recordCount' | 'recordStart' | 'recordLength' | 'recordPlace'>

/** Where bytes of merged sections and of frames went. */
function editedColumns({ program, contents }: RelocationInputs): EditedColumns {
  const { memory } = program.compute
  const { merged, frames } = contents
  const none = memory.int32(0)
  const noWords = memory.uint32(0)
  const noNumbers = memory.float64(0)
  const nothingMerged = {
    ...{ rowOf: merged.rowOf, home: none, firstBlock: none, lastPiece: none, blocks: none, pieceEntry: none },
    ...{ sectionSize: noNumbers, homeSize: noNumbers, entryPlace: noNumbers, pieceStart: noWords },
  }
  const { columns } = frames
  return {
    ...(merged.moved ?? nothingMerged),
    frameRowOf: frames.rowOf,
    firstRecord: columns?.firstRecord ?? none,
    recordCount: columns?.recordCount ?? none,
    recordStart: columns?.start ?? noWords,
    recordLength: columns?.length ?? noWords,
    recordPlace: columns?.place ?? none,
  }
}

type SymbolColumns = Pick<
  RelocateRecord,
  'target' | 'symbolState' | 'symbolType' | 'symbolFlags' | 'symbolSection' | 'branchTarget'
>

function symbolColumns(
  { program, needs, layout }: RelocationInputs,
  targets: TargetAddresses,
  loader: LoaderWords | undefined,
): SymbolColumns {
  const { compute, symbols } = program
  const { memory } = compute
  const { count } = symbols.names
  const state = held(memory, symbols.state)
  const target = memory.float64(count)
  const home = held(memory, layout.symbolHome)
  const value = held(memory, layout.symbolValue)
  compute.begin('findTargets', { count, home, value, state, target }, Math.ceil(count / targetPiece)).finish()
  for (const id of layout.wideSymbols.keys()) target[id] = unusual
  for (const key of needs.stubs) if (key >= 0) target[key] = targets.stubAddress(key)
  if (loader !== undefined) {
    const { canonical } = loader
    for (let id = canonical.indexOf(1); id >= 0; id = canonical.indexOf(1, id + 1))
      target[id] = loader.callTarget(id, 0)
  }
  return {
    target,
    symbolState: state,
    symbolType: held(memory, symbols.type),
    symbolFlags: held(memory, symbols.flags),
    symbolSection: held(memory, symbols.section),
    branchTarget: loader === undefined ? target : loader.branchTargets(memory.float64(count), target),
  }
}

/** By output section: its offset in the image; -1 where it has no bytes there. */
function outputStarts(layout: Layout, memory: Memory): Float64Array {
  const starts = memory.float64(layout.outputs.length)
  layout.outputs.forEach(({ type, fileOffset }, index) => {
    starts[index] = type === SHT_NOBITS ? -1 : fileOffset
  })
  return starts
}
