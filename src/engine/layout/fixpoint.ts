/**
 * Every address, found by repetition.
 *
 * The problem: a section's address depends on the sizes in front of it and on expressions; expressions depend on
 * addresses, sizes and symbols, also of things further down; the number of program headers depends on the addresses, and
 * SIZEOF_HEADERS moves everything.
 *
 * GNU ld's way, followed here because scripts depend on its order of evaluation: one walk that only marks what is used
 * (`mark`), one that finds which output sections are empty and computes symbols, then rounds of "compute all symbols, then give all
 * addresses" until the program headers keep their number, and a final walk that computes symbols, data and assertions with
 * every address fixed.
 *
 * It ends: each round starts from the results of the one before; the first rounds may change the number of program
 * headers, later ones only raise it; when addresses still move after the rounds that GNU ld would make we go on a while, and
 * then report what moves.
 */
import { distance } from '../../base/words.ts'
import { noConvergence } from '../../diag/catalogue/layout.ts'
import type { Report } from '../../diag/report.ts'
import type { Work } from '../../kernels/compute.ts'
import { layoutRows, type SectionPlaces } from '../../kernels/layout.ts'
import type { Contents, Layout, PlacedSegment, Placement } from '../records/placement.ts'
import type { Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import { sizeNames } from '../write/loaded-names.ts'
import { Walker } from './assign.ts'
import { Content } from './content-flags.ts'
import { settleDataSegment, usesRelro } from './data-segment.ts'
import { Evaluator } from './evaluate.ts'
import { assignFileOffsets, type SegmentNumbers } from './file-offsets.ts'
import { decideTypes, placedSection } from './headers.ts'
import type { RegionFit } from './region-fit.ts'
import { assignRegions, measureRegions, placeOf, resetRegions } from './regions.ts'
import { findRelroContent } from './relro-content.ts'
import { headerSize, mapSegments, type SegmentMap } from './segments.ts'
import { sortGroups } from './sorted-groups.ts'
import { type DataSegment, LayoutState, type OutputState } from './state.ts'
import { addressColumn, entryAddress, symbolValues } from './symbol-values.ts'
import { verifyLayout } from './verify-layout.ts'

const headerRounds = 10
const extraRounds = 20

/**
 * Addresses, file offsets, segments and symbol values. After an error about addresses the layout as far as it is known,
 * without segments and file offsets: for the map. Undefined after other errors.
 * @param fit asked where each section goes; see fit-regions.ts
 */
export function solveLayout(
  program: Program,
  placement: Placement,
  contents: Contents,
  request: LinkRequest,
  report: Report,
  fit?: RegionFit,
): Layout | undefined {
  const state = new LayoutState(program, placement, contents, request, report)
  const evaluator = new Evaluator(state, () => {
    state.loadsHeaders = true
    return state.phase === 'mark' ? 0 : headerSize(state)
  })
  const walker = new Walker(state, evaluator, fit)
  assignRegions(state)
  markUsed(state, evaluator, walker)
  const left = state.headerOrder.filter(output => !output.removed)
  const names = left.map(output => output.name)
  if (sizeNames(program, contents, request, names)) {
    resetRegions(state)
    walker.size(false)
  }
  sortGroups(state)
  decideTypes(state, evaluator)
  state.hasRelroContent = findRelroContent(state)
  const maps = settle(state, evaluator, walker)
  // An error found so far (a region that is too small) is no reason to keep silent about the assertions.
  state.phase = 'final'
  walker.assignAll()
  if (!report.failed) verifyLayout(state)
  if (report.failed) return finish(state, evaluator, walker, [], 0)
  const { segments, end } = assignFileOffsets(state, maps)
  if (report.failed) return undefined
  return finish(state, evaluator, walker, segments, end)
}

/** The walks without addresses: which sections are kept although empty, and which are dropped. */
function markUsed(state: LayoutState, evaluator: Evaluator, walker: Walker): void {
  state.phase = 'mark'
  walker.enterEarly()
  // Whether there is anything to protect is known only behind this walk.
  state.hasRelroContent = true
  measureRegions(state, evaluator)
  resetRegions(state)
  walker.size(false)
  for (const output of state.outputs) {
    if (!output.created) {
      output.removed = true
      continue
    }
    const keeps =
      (output.content & Content.Keep) !== 0 || output.plan.extra?.keepEmpty === true || isKept(state, output)
    if (output.size !== 0 || keeps) continue
    output.removed = true
    // Behind the last member of an OVERLAY the location counter moves in any case.
    if (!output.assignsSymbols && output.plan.endAddress === undefined) output.ignored = true
  }
}

/** @always ... when: something is in the section of that name. */
function isKept(state: LayoutState, output: OutputState): boolean {
  const name = output.plan.extra?.keepEmptyWith
  const other = name === undefined ? undefined : state.findOutput(name)
  return other?.created === true && other.size > 0
}

/** Rounds of assigning and sizing until the program headers keep their number and no address moves. */
function settle(state: LayoutState, evaluator: Evaluator, walker: Walker): readonly SegmentMap[] {
  let maps: readonly SegmentMap[] = []
  let before: readonly (bigint | number)[] = []
  const limit = headerRounds + extraRounds
  for (let round = 1; round <= limit; round++) {
    state.phase = 'assigning'
    // The walk that found the empty sections has just computed all symbols.
    if (round > 1) walker.assignAll()
    measureRegions(state, evaluator)
    sizeSections(state, walker)
    maps = mapSegments(state, evaluator)
    if (state.report.failed) return maps
    // GNU ld asks for no second round where the number of headers was known and is right.
    const isSettled = round === 1 && state.programHeaderBytes === headerBytes(state, maps.length)
    const again = headersChanged(state, maps.length, headerRounds - round)
    const now = addresses(state)
    const moved = firstDifference(now, before)
    if (!again && (isSettled || (moved < 0 && round > 1))) return maps
    if (round === limit) {
      const output = state.outputs[moved]
      state.report.add(
        noConvergence({
          what: output === undefined ? 'the number of program headers' : `section ${output.name}`,
          rounds: limit,
        }),
        output === undefined ? undefined : placeOf(output),
      )
    }
    before = now
  }
  return maps
}

/** Three numbers for each output section. */
function addresses({ outputs }: LayoutState): (bigint | number)[] {
  const numbers: (bigint | number)[] = []
  for (let i = 0; i < outputs.length; i++) {
    const { vma, lma, size } = outputs[i]!
    numbers.push(vma, lma, size)
  }
  return numbers
}

/** Index of the first output section whose numbers differ, or -1. */
function firstDifference(now: readonly (bigint | number)[], before: readonly (bigint | number)[]): number {
  for (let i = 0; i < now.length; i++) if (now[i] !== before[i]) return Math.floor(i / 3)
  return -1
}

function headerBytes(state: LayoutState, count: number): number {
  return count * (state.program.arch.bits === 64 ? 56 : 32)
}

/** Takes over the number of program headers; true when the layout has to be made again for it. */
function headersChanged(state: LayoutState, count: number, triesLeft: number): boolean {
  const bytes = headerBytes(state, count)
  const before = state.programHeaderBytes
  if (bytes === before) return false
  if (triesLeft > 6 || before < bytes) {
    state.programHeaderBytes = bytes
    return before >= 0
  }
  return false
}

function sizeSections(state: LayoutState, walker: Walker): void {
  state.phase = 'allocating'
  const segment: DataSegment = state.dataSegment
  segment.phase = 'none'
  const pass = (): void => {
    resetRegions(state)
    for (const region of state.regions) region.overflowed = false
    walker.size(true)
  }
  pass()
  if (!sawEnd(segment)) {
    segment.phase = 'done'
    return
  }
  if (settleDataSegment(state, pass)) pass()
  if (usesRelro(state) && segment.relroEnd !== 0n) {
    state.relroStart = segment.base
    state.relroEnd = segment.relroEnd
  }
}

function sawEnd(segment: DataSegment): boolean {
  return segment.phase === 'end-seen'
}

function finish(
  state: LayoutState,
  evaluator: Evaluator,
  walker: Walker,
  segments: readonly SegmentNumbers[],
  end: number,
): Layout {
  const { program, placement } = state
  const kept = state.headerOrder.filter(output => !output.removed)
  const indexOf = program.compute.memory.int32(state.outputs.length).fill(-1)
  kept.forEach((output, index) => {
    indexOf[output.placed.index] = index
  })
  const columns = sectionColumns(state, indexOf)
  const values = symbolValues(state, indexOf, segments)
  columns.work.finish()
  const unloadedAlign = program.plan.file?.unloadedAlign
  return {
    outputs: kept.map((output, index) => placedSection(state, evaluator, walker, output, index)),
    vanished: state.outputs
      .filter(output => output.created && output.removed)
      .map(output => placedSection(state, evaluator, walker, output, -1)),
    segments: segments.map(segment => placedSegment(segment, indexOf)),
    outputOf: columns.outputOf,
    offsetOf: state.offsetOf,
    addressOf: columns.addressOf,
    symbolValue: values.value,
    symbolHome: values.home,
    wideSymbols: values.wide,
    symbolType: values.type,
    entry: entryAddress(state, values),
    threadStart: state.headerOrder.find(output => (output.content & Content.ThreadLocal) !== 0)?.vma,
    unloadedAlign: unloadedAlign && Number(evaluator.evaluateAbsolute(unloadedAlign, 0n) ?? 1n),
    fileEnd: end,
    assignments: walker.values.map(each => ({
      ...each,
      after: each.after < 0 ? -1 : (indexOf[each.after] ?? -1),
    })),
    regions: state.regions.map(region => ({
      name: region.name,
      origin: region.origin,
      length: region.length,
      used: BigInt(Math.max(0, distance(region.current, region.origin))),
    })),
  }

  function placedSegment(segment: SegmentNumbers, index: Int32Array): PlacedSegment {
    const { map } = segment
    return {
      name: map.name,
      type: map.type,
      flags: segment.flags,
      fileOffset: segment.fileOffset,
      address: segment.address,
      loadAddress: segment.loadAddress,
      fileSize: segment.fileSize,
      memorySize: segment.memorySize,
      align: segment.align,
      sections: map.sections.map(section => index[section.placed.index]!).filter(i => i >= 0),
      fileHeader: map.fileHeader,
      programHeaders: map.programHeaders,
    }
  }

  function sectionColumns(
    from: LayoutState,
    index: Int32Array,
  ): { readonly outputOf: Int32Array; readonly addressOf: Float64Array; readonly work: Work } {
    const { memory } = program.compute
    const { count } = program.sections
    const outputOf = memory.int32(count)
    const addressOf = memory.float64(count)
    const base = addressColumn(memory, from.outputs)
    const places: SectionPlaces = {
      count,
      placedIn: placement.outputOf,
      offset: from.offsetOf,
      base,
      indexOf: index,
      outputOf,
      address: addressOf,
    }
    return { outputOf, addressOf, work: program.compute.begin('locateSections', places, Math.ceil(count / layoutRows)) }
  }
}
