/**
 * What the layout stage remembers between its passes. Few things are objects: output sections, regions, script symbols.
 * Offsets of input sections are columns.
 */
import type { Report } from '../../diag/report.ts'
import type { InputRun } from '../../kernels/layout.ts'
import type { MemoryRegion, OutputSectionPlan } from '../../plan/plan.ts'
import { emptyOutput } from '../place/output-drafts.ts'
import type { Contents, PlacedOutput, PlacedStatement, Placement } from '../records/placement.ts'
import type { Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import { SectionState } from '../records/tables.ts'
import { Content } from './content-flags.ts'

/**
 * GNU ld evaluates a script several times, and what an expression may use depends on when:
 * `mark` before anything has a size, `allocating` while sections get addresses, `assigning` between such rounds (addresses
 * are those of the round before), `final` when every address is fixed.
 */
export type Phase = 'mark' | 'allocating' | 'assigning' | 'final'

/** An output section on its way to an address. */
export class OutputState {
  readonly placed: PlacedOutput
  readonly plan: OutputSectionPlan
  readonly name: string
  /** bits of Content */
  content: number
  /** bytes, power of two */
  align: number
  vma = 0n
  lma = 0n
  /** bytes */
  size = 0
  /** what SIZEOF gives: `size`, but inside the section, while it is being sized, the size of the pass before */
  knownSize = 0
  /** no bytes and nothing that keeps it: has no header, assignments inside still count */
  removed = false
  /** removed, and nothing inside was assigned: the statement is skipped */
  ignored = false
  assignsSymbols = false
  /** inputs were placed with SUBALIGN, which now is the alignment of the section */
  takesSubalign = false
  /** place in an OVERLAY: the members behind the first are loaded one behind the other */
  overlay: 'first' | 'later' | undefined
  hasAddress = false
  hasLoadAddress = false
  region: RegionState | undefined
  loadRegion: RegionState | undefined
  /** stands behind a symbol named `end` (with any number of underscores) */
  afterEnd = false
  /** offset of the location counter in front of and behind each item, bytes */
  readonly itemStart: number[] = []
  readonly itemEnd: number[] = []
  /** by item: how its input sections were placed last */
  readonly runs: (PlacedRun | undefined)[] = []
  fileOffset = 0
  /** sh_type in the output */
  type = 0
  /** id of the input section that this stands for, until that has its output section; -1 for all others */
  inputSection = -1

  constructor(placed: PlacedOutput) {
    this.placed = placed
    this.plan = placed.plan
    this.name = placed.name
    this.content = placed.content
    this.align = placed.align
  }

  get created(): boolean {
    return this.placed.created
  }
}

/** What the offsets of a rule's input sections came from, and where they end. */
export class PlacedRun {
  private readonly start: number
  private readonly low: number
  private readonly subalign: number
  /** offset behind the last, bytes */
  readonly end: number
  /** largest alignment, bytes */
  readonly largest: number

  /** `start`: offset of the first; `low`: address of the output section modulo 2^32; `subalign`: 0 for none */
  constructor(start: number, low: number, subalign: number, end: number, largest: number) {
    this.start = start
    this.low = low
    this.subalign = subalign
    this.end = end
    this.largest = largest
  }

  /** Are the offsets the same when placed so? */
  fits(start: number, low: number, subalign: number): boolean {
    return (
      start === this.start && subalign === this.subalign && (low - this.low) % Math.max(this.largest, subalign, 1) === 0
    )
  }
}

export class RegionState {
  readonly name: string
  readonly plan: MemoryRegion | undefined
  origin = 0n
  length = 0xffff_ffff_ffff_ffffn
  current = 0n
  /** the section whose distance between address and load address later ones keep */
  lastOutput: OutputState | undefined
  overflowed = false
  /** section that did not fit */
  culprit: OutputState | undefined

  constructor(name: string, plan: MemoryRegion | undefined) {
    this.name = name
    this.plan = plan
  }
}

/** Value a script gave to a symbol. */
export interface ScriptSymbol {
  defined: boolean
  value: bigint
  /** output section the value is relative to; LayoutState.absolute for none */
  section: OutputState
  /** pass in which it was assigned last */
  pass: number
  /** the value was computed from the location counter outside sections */
  fromDot: boolean
  /** section to show the symbol in, when `section` is absolute */
  home: OutputState | undefined
  /** only assigned in dropped output sections */
  unlisted: boolean
  /** st_type taken over from another symbol */
  type: number
}

/** DATA_SEGMENT_ALIGN ... DATA_SEGMENT_END: where the pair is in its life, see data-segment.ts. */
export interface DataSegment {
  phase: 'none' | 'align-seen' | 'relro-seen' | 'end-seen' | 'adjust' | 'relro-adjust' | 'done'
  base: bigint
  end: bigint
  relroEnd: bigint
  relroOffset: bigint
  commonPageSize: bigint
  maxPageSize: bigint
}

export class LayoutState {
  readonly program: Program
  readonly placement: Placement
  readonly contents: Contents
  readonly request: LinkRequest
  readonly report: Report
  readonly outputs: readonly OutputState[]
  /** top-level statements in the order of addresses */
  readonly sequence: PlacedStatement[]
  /** created outputs in header order */
  readonly headerOrder: OutputState[]
  /** stands for "no section" */
  readonly absolute: OutputState
  /** stands for a section that does not exist: dropped by its constraint, or not made yet in the first walk */
  readonly noSection: OutputState
  readonly regions: RegionState[]
  readonly defaultRegion: RegionState
  readonly symbols = new Map<number, ScriptSymbol>()
  /** ids of names that the plan assigns and that no expression has read and no assignment given a value */
  readonly newNames = new Set<number>()
  /** ids of names that expressions have read so far */
  readonly read = new Set<number>()
  /** plan ids of the PROVIDEs that were carried out */
  readonly provided: Set<number>
  /** by section id: offset in its output section, bytes */
  readonly offsetOf: Float64Array
  /** what the kernel that gives offsets works on */
  readonly inputRun: InputRun
  /** no input section changes its size between passes */
  readonly hasFixedSizes: boolean
  readonly dataSegment: DataSegment = {
    phase: 'none',
    base: 0n,
    end: 0n,
    relroEnd: 0n,
    relroOffset: 0n,
    commonPageSize: 0n,
    maxPageSize: 0n,
  }
  readonly maxPageSize: number
  readonly commonPageSize: number
  hasRelroContent = false
  /** the script asked for SIZEOF_HEADERS: it wants the headers in memory */
  loadsHeaders = false
  relroStart = 0n
  relroEnd = 0n
  /** p_flags of PT_GNU_STACK, once asked for */
  stackFlags: number | 'none' | undefined
  /** bytes of program headers, -1: not decided yet */
  programHeaderBytes = -1
  phase: Phase = 'mark'
  /** counts passes over the statements */
  pass = 0
  /** counts passes that give addresses */
  sizingPass = 0
  private readonly inputPlaces = new Map<number, OutputState>()
  private readonly byName = new Map<string, OutputState>()
  /** things already reported, so that several passes say them once */
  private readonly said = new Set<unknown>()

  constructor(program: Program, placement: Placement, contents: Contents, request: LinkRequest, report: Report) {
    this.program = program
    this.placement = placement
    this.contents = contents
    this.request = request
    this.report = report
    this.outputs = placement.outputs.map(placed => new OutputState(placed))
    this.sequence = [...placement.sequence]
    this.headerOrder = placement.headerOrder.map(index => this.outputs[index]!)
    alignThreadStorage(this.headerOrder)
    markOverlays(this.outputs)
    this.absolute = new OutputState(absoluteOutput)
    this.provided = new Set(program.provided)
    this.noSection = new OutputState({ ...absoluteOutput, name: '*UND*' })
    for (const output of this.outputs)
      if (output.placed.dropped !== true && !this.byName.has(output.name)) this.byName.set(output.name, output)
    this.regions = program.plan.regions.map(plan => new RegionState(plan.name, plan))
    this.defaultRegion = new RegionState('*default*', undefined)
    const { memory } = program.compute
    this.offsetOf = memory.float64(program.sections.count)
    this.inputRun = {
      align: program.sections.align,
      state: program.sections.state,
      size: contents.size,
      offset: this.offsetOf,
      end: memory.float64(1),
      largest: memory.uint32(1),
    }
    this.hasFixedSizes = program.plan.file?.namesAreSection !== true
    this.maxPageSize = request.maxPageSize ?? program.plan.target.pageSize ?? program.arch.maxPageSize
    this.commonPageSize = Math.min(request.commonPageSize ?? program.arch.commonPageSize, this.maxPageSize)
  }

  /** The output sections in the order of addresses. */
  inOrder(): readonly OutputState[] {
    const list: OutputState[] = []
    for (const item of this.sequence) if (item.kind === 'output') list.push(this.outputs[item.index]!)
    return list
  }

  findOutput(name: string): OutputState | undefined {
    return this.byName.get(name)
  }

  /** Region of that name or alias; an unknown name makes an unbounded region, with a warning elsewhere. */
  findRegion(name: string): RegionState | undefined {
    if (name === '*default*') return this.defaultRegion
    return this.regions.find(region => region.name === name || region.plan?.aliases.includes(name) === true)
  }

  /** Is there one that has a place of its own? An empty section of the linker's own has none. */
  movesAny(ids: Int32Array): boolean {
    const { state } = this.program.sections
    return ids.some(id => this.contents.size[id] !== 0 || (state[id]! & SectionState.Synthetic) === 0)
  }

  /** Stands for an input section in values of the first walk, when input sections have no output sections yet. */
  inputPlace(section: number): OutputState {
    let place = this.inputPlaces.get(section)
    if (place === undefined) {
      place = new OutputState({ ...absoluteOutput, name: '*INPUT*' })
      place.inputSection = section
      this.inputPlaces.set(section, place)
    }
    return place
  }

  /** True the first time `key` is given. */
  firstTime(key: unknown): boolean {
    if (this.said.has(key)) return false
    this.said.add(key)
    return true
  }
}

/**
 * The first section of thread-local storage gets the largest alignment of them all: start-up code copies the storage to
 * an address that is a multiple of p_align, and offsets from the thread pointer are counted from there (as GNU ld does).
 */
function alignThreadStorage(outputs: readonly OutputState[]): void {
  const first = outputs.findIndex(isThreadStorage)
  if (first < 0) return
  let align = 1
  for (let i = first; i < outputs.length && isThreadStorage(outputs[i]!); i++)
    align = Math.max(align, outputs[i]!.align)
  outputs[first]!.align = align
}

function markOverlays(outputs: readonly OutputState[]): void {
  const seen = new Set<number>()
  for (const output of outputs) {
    const { overlay } = output.plan
    if (overlay === undefined) continue
    output.overlay = seen.has(overlay) ? 'later' : 'first'
    seen.add(overlay)
  }
}

function isThreadStorage(output: OutputState): boolean {
  return (output.content & Content.ThreadLocal) !== 0
}

const absoluteOutput: PlacedOutput = {
  index: -1,
  name: '*ABS*',
  plan: emptyOutput('*ABS*'),
  items: [],
  created: true,
  content: 0,
  type: 0,
  specificFlags: 0,
  entsize: 0,
  align: 1,
  firstInput: -1,
}
