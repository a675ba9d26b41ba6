/**
 * DATA_SEGMENT_ALIGN, DATA_SEGMENT_RELRO_END, DATA_SEGMENT_END.
 *
 * The problem: read-only data ends and writable data begins somewhere in a page. Starting the data on the next page at
 * the same offset lets one file page serve both mappings, and costs no file space; but sometimes starting at the page
 * boundary saves a page of memory, and with RELRO the *end* of the protected part must fall on a page boundary, of the largest pages.
 * Which is better is known only after the whole data segment has been laid out. GNU ld's rule: lay out once noting
 * base, relro end and end; then decide; then lay out again with the base that was decided.
 */
import { alignUp, u64 } from '../../base/words.ts'
import type { LinkRequest } from '../records/request.ts'
import { Content, isThreadBss } from './content-flags.ts'
import type { DataSegment, LayoutState, OutputState } from './state.ts'

/**
 * Value of DATA_SEGMENT_ALIGN(maxPage, commonPage) at `dot`; undefined when used a second time.
 * @param hasRelro the end of RELRO decides about the base: it is moved up from the start of a page
 */
export function dataSegmentAlign(
  segment: DataSegment,
  dot: bigint,
  maxPage: bigint,
  commonPage: bigint,
  hasRelro: boolean,
): bigint | undefined {
  if (segment.phase === 'relro-adjust') return segment.base
  const aligned = alignUp(dot, maxPage)
  if (segment.phase === 'adjust') {
    if (commonPage < maxPage) return u64(aligned + ((dot + commonPage - 1n) & u64(maxPage - commonPage)))
    return aligned
  }
  const value = hasRelro ? aligned : u64(aligned + (dot & (maxPage - 1n)))
  if (segment.phase === 'done') return value
  if (segment.phase !== 'none') return undefined
  segment.phase = 'align-seen'
  segment.base = value
  segment.commonPageSize = commonPage
  segment.maxPageSize = maxPage
  segment.relroEnd = 0n
  return value
}

/** Value of DATA_SEGMENT_RELRO_END(offset, value). */
export function dataSegmentRelroEnd(segment: DataSegment, offset: bigint, value: bigint): bigint | undefined {
  segment.relroOffset = offset
  const { phase } = segment
  if (phase !== 'align-seen' && phase !== 'adjust' && phase !== 'relro-adjust' && phase !== 'done') return undefined
  if (phase === 'align-seen' || phase === 'relro-adjust') segment.relroEnd = u64(value + offset)
  const page = relroPage(segment)
  if (phase === 'relro-adjust' && (segment.relroEnd & (page - 1n)) !== 0n) {
    segment.relroEnd = alignUp(segment.relroEnd, page)
    return u64(segment.relroEnd - offset)
  }
  if (phase === 'align-seen') segment.phase = 'relro-seen'
  return value
}

/** Value of DATA_SEGMENT_END(value). */
export function dataSegmentEnd(segment: DataSegment, value: bigint): bigint | undefined {
  const { phase } = segment
  if (phase === 'align-seen' || phase === 'relro-seen') {
    segment.phase = 'end-seen'
    segment.end = value
    return value
  }
  return phase === 'done' || phase === 'adjust' || phase === 'relro-adjust' ? value : undefined
}

function relroPage(segment: DataSegment): bigint {
  return segment.maxPageSize > 0n ? segment.maxPageSize : 1n
}

/**
 * After a first pass that saw the end: decides whether to lay out again. `again` runs one more pass.
 * Leaves the segment in the phase for the last pass and returns true when that pass is needed.
 */
export function settleDataSegment(state: LayoutState, again: () => void): boolean {
  const segment = state.dataSegment
  if (!usesRelro(state) || segment.relroEnd === 0n) return savesPage(segment)
  const initialBase = segment.base
  const wantedEnd = moveBaseForRelro(state)
  again()
  // Assignments to dot may have added padding: then the first layout was better.
  if (segment.relroEnd <= wantedEnd) return false
  segment.base = initialBase
  return true
}

/** RELRO is the default; without anything to protect there is none. */
export function usesRelro(state: LayoutState): boolean {
  return asksForRelro(state.request) && state.hasRelroContent
}

export function asksForRelro(request: LinkRequest): boolean {
  return !request.z.has('norelro')
}

export function newDataSegment(): DataSegment {
  return { phase: 'none', base: 0n, end: 0n, relroEnd: 0n, relroOffset: 0n, commonPageSize: 0n, maxPageSize: 0n }
}

/** Chooses the base so that the sections in front of the relro end fill up to a page boundary. Returns that boundary. */
function moveBaseForRelro(state: LayoutState): bigint {
  const segment = state.dataSegment
  const relroEnd = alignUp(segment.relroEnd, relroPage(segment))
  let wanted = relroEnd - segment.relroOffset
  const limit = segment.relroEnd - segment.relroOffset
  for (let i = state.headerOrder.length - 1; i >= 0; i--) {
    const output: OutputState = state.headerOrder[i]!
    if (output.removed || (output.content & Content.Alloc) === 0) continue
    if (output.vma < segment.base || output.vma >= limit) continue
    const end = isThreadBss(output.content) ? output.vma : output.vma + BigInt(output.size)
    const start = output.vma + (wanted - end)
    wanted = start - (start % BigInt(output.align))
  }
  segment.phase = 'relro-adjust'
  segment.base = u64(wanted)
  return relroEnd
}

/** Would starting at the page boundary need one page less? Sets the phase for the next pass. */
function savesPage(segment: DataSegment): boolean {
  const page = segment.commonPageSize
  if (page > 0n) {
    const first = u64(-segment.base) & (page - 1n)
    const last = segment.end & (page - 1n)
    const differentPages = segment.base / page !== segment.end / page
    if (first !== 0n && last !== 0n && differentPages && first + last <= page) {
      segment.phase = 'adjust'
      return true
    }
  }
  segment.phase = 'done'
  return false
}
