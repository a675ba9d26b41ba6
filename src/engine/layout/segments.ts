/**
 * Program headers: which sections each of them covers.
 *
 * The problem: the loader maps whole pages of the file with one set of permissions. Sections that follow each other in
 * memory should share a PT_LOAD, unless that would map something writable or executable that should not be, load zeros
 * from the file, or join ranges that are far apart.
 *
 * Without PHDRS, GNU ld's rule: allocated sections sorted by load address; a new PT_LOAD starts where the distance of
 * address and load address changes, where sections overlap, where more than a page would be skipped, where file contents
 * follow zeros, where code begins or ends (-z separate-code), or where the first writable section follows a segment
 * that is read-only; but two sections on one page stay together. Then come PT_PHDR and PT_INTERP in front, PT_DYNAMIC,
 * PT_NOTE (adjacent notes of one alignment), PT_TLS, PT_GNU_PROPERTY, PT_GNU_EH_FRAME, PT_GNU_STACK, PT_GNU_RELRO behind.
 * With PHDRS the script says it all; a section without `:segment` goes where the one before it went.
 */
import { alignUp, u64 } from '../../base/words.ts'
import { noSegmentUsed, threadSectionsApart, unknownSegment } from '../../diag/catalogue/layout.ts'
import { layoutRows, type NamedSections } from '../../kernels/layout.ts'
import type { SegmentPlan } from '../../plan/plan.ts'
import type { Program } from '../records/program.ts'
import { Content, isThreadBss, SectionType } from './content-flags.ts'
import { usesRelro } from './data-segment.ts'
import type { Evaluator } from './evaluate.ts'
import { placeOf } from './regions.ts'
import type { LayoutState, OutputState } from './state.ts'

export const SegmentType = {
  Null: 0,
  Load: 1,
  Dynamic: 2,
  Interp: 3,
  Note: 4,
  ProgramHeaders: 6,
  ThreadLocal: 7,
  EhFrame: 0x6474e550,
  Stack: 0x6474e551,
  Relro: 0x6474e552,
  Property: 0x6474e553,
} as const

const readable = 4
const writable = 2
const executable = 1

/** A program header that is being made. */
export interface SegmentMap {
  readonly name: string
  readonly type: number
  sections: OutputState[]
  /** p_flags; undefined: from the sections */
  readonly flags: number | undefined
  /** p_paddr */
  readonly at: bigint | undefined
  /** p_vaddr of a segment without sections */
  readonly address?: bigint
  fileHeader: boolean
  programHeaders: boolean
  readonly align?: number
  readonly memorySize?: number
  /** sizes are rounded up to this, bytes */
  readonly endAlign?: number
  readonly plan?: SegmentPlan
}

/** Program headers of a layout whose sections have addresses. */
export function mapSegments(state: LayoutState, evaluator: Evaluator): SegmentMap[] {
  const { segments } = state.program.plan
  if (segments === undefined) refuseNames(state)
  const maps = segments === undefined ? derive(state) : fromPlan(state, evaluator, segments)
  for (const map of maps)
    map.sections = map.sections.filter(
      section => !section.removed && (map.type !== SegmentType.Load || isLoadable(section)),
    )
  // The first section of a segment is the one with the lowest address.
  for (const map of maps) if (map.sections.length > 1) sortByAddress(map)
  for (const map of maps) if (map.plan?.extra?.firstOnly) map.sections = map.sections.slice(0, 1)
  if (segments !== undefined)
    return maps.filter(map => !(map.plan?.extra?.optional && map.sections.length === 0) && isAskedFor(state, map))
  return maps.filter(map => map.type !== SegmentType.Load || map.sections.length > 0 || map.programHeaders)
}

/** @segment ... when, unless: does it depend on sections that are there, or not? */
function isAskedFor(state: LayoutState, { plan }: SegmentMap): boolean {
  const isThere = (name: string): boolean => {
    const output = state.findOutput(name)
    return output?.created === true && !output.removed
  }
  const { when, unless } = plan?.extra ?? {}
  return (when === undefined || when.some(isThere)) && !unless?.some(isThere)
}

/** Takes part in a PT_LOAD: allocated, or a plan says so although it hides SHF_ALLOC. */
function isLoadable(section: OutputState): boolean {
  return (section.content & Content.Alloc) !== 0
}

/** `:segment` without PHDRS. */
function refuseNames(state: LayoutState): void {
  for (const output of state.outputs) {
    const { segments } = output.plan
    if (!output.created || segments === undefined) continue
    for (const segment of segments)
      if (segment !== 'NONE' && state.firstTime(`segment ${segment} of ${output.placed.index}`))
        state.report.add(unknownSegment({ section: output.name, segment }), placeOf(output))
  }
}

function present(state: LayoutState): OutputState[] {
  return state.headerOrder.filter(output => !output.removed)
}

function loadedSection(state: LayoutState, name: string): OutputState | undefined {
  return present(state).find(output => output.name === name && (output.content & Content.Load) !== 0)
}

function make(type: number, sections: OutputState[], flags?: number, more: Partial<SegmentMap> = {}): SegmentMap {
  return { name: '', type, sections, flags, at: undefined, fileHeader: false, programHeaders: false, ...more }
}

/** p_flags of PT_GNU_STACK, or undefined for none. */
function stackFlags(state: LayoutState): number | undefined {
  state.stackFlags ??= findStackFlags(state) ?? 'none'
  return state.stackFlags === 'none' ? undefined : state.stackFlags
}

function findStackFlags(state: LayoutState): number | undefined {
  const { request, program } = state
  if (request.z.has('execstack')) return readable | writable | executable
  if (request.z.has('noexecstack')) return readable | writable
  const first = firstOfName(program, '.note.GNU-stack')
  let seen = false
  let exec = 0
  for (const file of program.files) {
    if (file.kind !== 'object' && file.kind !== 'binary') continue
    const own = first[file.id]!
    if (own > 0) {
      seen = true
      if ((program.sections.flags[own]! & 4) !== 0) exec = executable
    } else if (file.sectionCount > 0 && program.arch.plainStack !== true) exec = executable
  }
  return seen || request.stackSize !== undefined ? readable | writable | exec : undefined
}

/** By file id: its first section of that name, 0 for none. */
function firstOfName({ sections, sectionNames, files, compute }: Program, text: string): Int32Array {
  const found = compute.memory.int32(files.length)
  const wanted = sectionNames.findText(text)
  const named: NamedSections = { name: sections.name, file: sections.file, wanted, found }
  if (wanted >= 0)
    for (let id = 0; id < sections.count; id += layoutRows)
      compute.kernels.findNamed(named, id, Math.min(id + layoutRows, sections.count))
  return found
}

function derive(state: LayoutState): SegmentMap[] {
  const { request } = state
  const all = present(state)
  const maps: SegmentMap[] = []
  const table = functionTable(state)
  if (table !== undefined) maps.push(make(state.program.arch.functionTable!.segment, [table], readable))
  const interp = loadedSection(state, '.interp')
  if (interp !== undefined) {
    maps.push(make(SegmentType.ProgramHeaders, [], readable, { programHeaders: true }))
    maps.push(make(SegmentType.Interp, [interp]))
  }
  const attributes = attributeSection(state)
  if (attributes !== undefined) maps.push(make(state.program.arch.attributes!.segment!, [attributes], readable))
  maps.push(...deriveLoads(state, all, interp !== undefined))
  const dynamic = loadedSection(state, '.dynamic')
  if (dynamic !== undefined) maps.push(make(SegmentType.Dynamic, [dynamic]))
  maps.push(...noteGroups(all).map(group => make(SegmentType.Note, group)))
  const threads = all.filter(output => (output.content & Content.ThreadLocal) !== 0)
  // Sections of an object have no addresses yet, so they make no block.
  if (threads.length > 0 && request.kind !== 'relocatable') {
    const first = all.indexOf(threads[0]!)
    if (threads.some((output, i) => all[first + i] !== output) && state.firstTime('tls apart'))
      state.report.add(threadSectionsApart({}), placeOf(threads[0]!))
    maps.push(make(SegmentType.ThreadLocal, threads, readable))
  }
  const property = all.find(output => output.name === '.note.gnu.property' && output.size > 0)
  if (property !== undefined) maps.push(make(SegmentType.Property, [property], readable))
  const frames = loadedSection(state, '.eh_frame_hdr')
  if (request.ehFrameHdr && frames !== undefined && frames.size > 0) maps.push(make(SegmentType.EhFrame, [frames]))
  const stack = stackFlags(state)
  if (stack !== undefined)
    maps.push(make(SegmentType.Stack, [], stack, { align: 16, memorySize: request.stackSize ?? 0 }))
  if (usesRelro(state) && hasRelroContents(state, maps)) maps.push(make(SegmentType.Relro, [], readable, { align: 1 }))
  return maps
}

function hasRelroContents(state: LayoutState, maps: readonly SegmentMap[]): boolean {
  return maps.some(map => {
    const first = map.type === SegmentType.Load ? map.sections[0] : undefined
    if (first === undefined || first.vma < state.relroStart || first.vma >= state.relroEnd) return false
    const filled = Content.Load | Content.Contents
    return map.sections.some(section => section.size > 0 && (section.content & filled) === filled)
  })
}

/** Runs of loaded notes with one alignment and no gap. */
function noteGroups(all: readonly OutputState[]): OutputState[][] {
  const isNote = (output: OutputState): boolean =>
    (output.content & Content.Load) !== 0 && output.type === SectionType.Note
  const groups: OutputState[][] = []
  for (let i = 0; i < all.length; i++) {
    if (!isNote(all[i]!)) continue
    const group = [all[i]!]
    for (let next = all[i + 1]; next !== undefined; next = all[i + 1]) {
      const last = group.at(-1)!
      const end = alignUp(u64(last.lma + BigInt(last.size)), BigInt(last.align))
      if (!isNote(next) || next.align !== group[0]!.align || end !== next.lma) break
      group.push(next)
      i++
    }
    groups.push(group)
  }
  return groups
}

/** Thread-local zeros take no room in PT_LOAD, and may have no address of their own: there they stay behind what is in front. */
function sortByAddress({ type, sections }: SegmentMap): void {
  if (type !== SegmentType.Load) {
    sections.sort(byLoadAddress)
    return
  }
  const standsFor = new Map<OutputState, OutputState>()
  let before: OutputState | undefined
  for (const section of sections)
    if ((section.content & (Content.Load | Content.ThreadLocal)) !== Content.ThreadLocal) before = section
    else if (before !== undefined) standsFor.set(section, before)
  sections.sort((a, b) => byLoadAddress(standsFor.get(a) ?? a, standsFor.get(b) ?? b))
}

function byLoadAddress(a: OutputState, b: OutputState): number {
  if (a.lma !== b.lma) return a.lma < b.lma ? -1 : 1
  if (a.vma !== b.vma) return a.vma < b.vma ? -1 : 1
  const loads = Content.Load | Content.ThreadLocal
  const lastA = (a.content & loads) === 0
  const lastB = (b.content & loads) === 0
  if (lastA !== lastB) return lastA ? 1 : -1
  const sizeA = (a.content & Content.Load) !== 0 ? a.size : 0
  const sizeB = (b.content & Content.Load) !== 0 ? b.size : 0
  return sizeA - sizeB
}

function deriveLoads(state: LayoutState, all: readonly OutputState[], hasProgramHeaderSegment: boolean): SegmentMap[] {
  const sections = all.filter(output => (output.content & Content.Alloc) !== 0)
  let wrapTo = 0n
  for (const output of sections) {
    const end = u64(output.lma + BigInt(output.size))
    if (end < output.lma) wrapTo = end
  }
  sections.sort(byLoadAddress)
  const paged = state.request.magic === 'normal'
  const page = BigInt(state.maxPageSize)
  const maps: SegmentMap[] = []
  const wanted = hasProgramHeaderSegment || state.loadsHeaders
  const place = paged ? placeHeaders(state, sections[0], page, wrapTo, wanted) : 'nowhere'
  if (typeof place !== 'string') maps.push(place)
  let headers = place === 'first segment'
  let from = 0
  let writes = false
  let runs = false
  const close = (to: number): void => {
    maps.push(
      make(SegmentType.Load, sections.slice(from, to), undefined, { fileHeader: headers, programHeaders: headers }),
    )
    headers = false
  }
  for (let i = 0; i < sections.length; i++) {
    const section = sections[i]!
    const isWritable = (section.content & Content.ReadOnly) === 0
    const isCode = (section.content & Content.Code) !== 0
    const last = sections[i - 1]
    if (
      last !== undefined &&
      (startsSegment(state, last, section, paged, page, writes, runs) || inOtherRegion(state, last, section))
    ) {
      close(i)
      from = i
      writes = isWritable
      runs = isCode
      continue
    }
    writes ||= isWritable
    runs ||= isCode
  }
  const last = sections.at(-1)
  if (last !== undefined && (sections.length - from !== 1 || !isThreadBss(last.content))) close(sections.length)
  return maps
}

/**
 * Where the headers go: in front of the first section where its page has room or a script or loader wants them, and in a
 * segment of their own, on a page of their own if there is one, where code must share none.
 */
function placeHeaders(
  state: LayoutState,
  first: OutputState | undefined,
  page: bigint,
  wrapTo: bigint,
  wanted: boolean,
): SegmentMap | 'first segment' | 'nowhere' {
  if (first === undefined) return 'first segment'
  const size = BigInt(headerSize(state))
  const { lma, vma } = first
  if (!wanted && lma % page < size % page) return 'nowhere'
  const below = u64(lma - size)
  let at = below - (below % page)
  let apart = separatesCode(state) && (first.content & Content.Code) !== 0
  if (apart && pageOf(u64(at + size - 1n), page) === pageOf(lma, page)) {
    if (at >= page) at -= page
    else apart = false
  }
  if (lma < at || lma < size || at < wrapTo) return 'nowhere'
  const start = u64(vma - size)
  return apart ? headerSegment(at, start - (start % page)) : 'first segment'
}

/** A PT_LOAD of the headers alone. */
function headerSegment(at: bigint, address: bigint): SegmentMap {
  return make(SegmentType.Load, [], undefined, {
    fileHeader: true,
    programHeaders: true,
    at: u64(at),
    address: u64(address),
  })
}

function startsSegment(
  state: LayoutState,
  last: OutputState,
  section: OutputState,
  paged: boolean,
  page: bigint,
  writes: boolean,
  runs: boolean,
): boolean {
  const lastSize = isThreadBss(last.content) ? 0n : BigInt(last.size)
  const lastEnd = u64(last.lma + lastSize)
  if (u64(last.lma - last.vma) !== u64(section.lma - section.vma)) return true
  if (section.lma < lastEnd || lastEnd < last.lma) return true
  if (paged && pageOf(u64(lastEnd - 1n), page) === pageOf(section.lma, page)) return false
  const skipped = u64(alignUp(lastEnd, page) + page)
  if (skipped > last.lma && skipped <= section.lma) return true
  const loads = Content.Load | Content.ThreadLocal
  if ((last.content & loads) === 0 && (section.content & loads) !== 0) return true
  if (!paged) return false
  const isCode = (section.content & Content.Code) !== 0
  if (separatesCode(state) && runs !== isCode) return true
  return !writes && (section.content & Content.ReadOnly) === 0
}

/** Memory regions share no segment. Of sections of one name GNU ld asks the first statement, be it empty. */
function inOtherRegion(state: LayoutState, last: OutputState, section: OutputState): boolean {
  if (state.regions.length === 0) return false
  return state.findOutput(last.name)?.region !== state.findOutput(section.name)?.region
}

function pageOf(address: bigint, page: bigint): bigint {
  return address / page
}

export function separatesCode(state: LayoutState): boolean {
  return state.request.z.has('separate-code') && !state.request.z.has('noseparate-code')
}

function fromPlan(state: LayoutState, evaluator: Evaluator, plans: readonly SegmentPlan[]): SegmentMap[] {
  const types = plans.map(plan => Number(evaluator.evaluateAbsolute(plan.type, 0n) ?? 0n))
  const outputs = state.inOrder()
  const lists = sectionsByPlan(state, plans, types, outputs)
  if (lists === undefined) return []
  reportUnknownSegments(state, plans, outputs)
  return plans.map((plan, index) => {
    const { extra } = plan
    const number = (e: SegmentPlan['at']): bigint | undefined =>
      e === undefined ? undefined : evaluator.evaluateAbsolute(e, 0n)
    const flags = number(plan.flags)
    const align = number(extra?.align)
    const size = number(extra?.size)
    const endAlign = number(extra?.endAlign)
    const covered = extra?.covers
    const sections = lists[index]!
    return {
      name: plan.name,
      type: types[index]!,
      sections:
        covered === undefined ? sections : outputs.filter(output => output.created && covered.includes(output.name)),
      flags: flags === undefined ? undefined : Number(flags & 0xffff_ffffn),
      at: number(plan.at),
      fileHeader: plan.fileHeader,
      programHeaders: plan.programHeaders,
      align: align === undefined ? undefined : Number(align),
      memorySize: size === undefined ? undefined : Number(size),
      endAlign: endAlign === undefined ? undefined : Number(endAlign),
      plan,
    }
  })
}

/**
 * A section that names no segment goes where the one in front of it goes, and the first ones where the next goes that names
 * some. GNU ld looks for each program header in turn and does not forget the last section's when it begins anew: for all
 * headers but the first, the first sections go where the last one goes. Undefined after an error.
 */
function sectionsByPlan(
  state: LayoutState,
  plans: readonly SegmentPlan[],
  types: readonly number[],
  outputs: readonly OutputState[],
): readonly OutputState[][] | undefined {
  const lists: OutputState[][] = plans.map(() => [])
  let last: readonly string[] | undefined
  for (let index = 0; index < plans.length; index++) {
    for (let i = 0; i < outputs.length; i++) {
      const output = outputs[i]!
      if (output.placed.dropped) continue
      if (output.plan.segments !== undefined) last = output.plan.segments
      else {
        if (output.plan.type?.kind === 'noload' || !output.created || (output.content & Content.Alloc) === 0) continue
        if (types[index] === SegmentType.Interp) continue
        last ??= outputs.slice(i).find(later => later.plan.segments !== undefined)?.plan.segments
        if (last === undefined) {
          if (state.firstTime('no segment used')) state.report.add(noSegmentUsed({}), placeOf(output))
          return undefined
        }
      }
      if (!output.created) continue
      for (const name of last) if (name === plans[index]!.name) lists[index]!.push(output)
    }
  }
  return lists
}

function reportUnknownSegments(
  state: LayoutState,
  plans: readonly SegmentPlan[],
  outputs: readonly OutputState[],
): void {
  for (const output of outputs) {
    if (!output.created || output.placed.dropped) continue
    for (const name of output.plan.segments ?? []) {
      if (name === 'NONE' || plans.some(plan => plan.name === name)) continue
      if (state.firstTime(`segment ${name} of ${output.placed.index}`))
        state.report.add(unknownSegment({ section: output.name, segment: name }), placeOf(output))
    }
  }
}

/**
 * Bytes of the ELF header and the program headers. Before segments are known this is GNU ld's estimate: two PT_LOAD, and
 * one of everything else there is a reason for. Once asked for by SIZEOF_HEADERS it stays, so that the layout settles.
 */
export function headerSize(state: LayoutState): number {
  const wide = state.program.arch.bits === 64
  if (state.programHeaderBytes < 0) state.programHeaderBytes = estimateSegments(state) * (wide ? 56 : 32)
  return (wide ? 64 : 52) + state.programHeaderBytes
}

/** What unwinders search, if the output has it. */
function functionTable(state: LayoutState): OutputState | undefined {
  const shape = state.program.arch.functionTable
  return shape === undefined ? undefined : loadedSection(state, shape.section)
}

/** What the objects were compiled for, where a program header shows it. */
function attributeSection(state: LayoutState): OutputState | undefined {
  const rules = state.program.arch.attributes
  return rules?.segment === undefined ? undefined : present(state).find(output => output.name === rules.section)
}

function estimateSegments(state: LayoutState): number {
  const { segments } = state.program.plan
  if (segments !== undefined) return segments.length
  const all = present(state)
  let count = 2
  if (all.some(output => output.name === '.interp' && (output.content & Content.Load) !== 0 && output.size > 0))
    count += 2
  if (all.some(output => output.name === '.dynamic')) count++
  if (functionTable(state) !== undefined) count++
  if (attributeSection(state) !== undefined) count++
  if (usesRelro(state)) count++
  if (state.request.ehFrameHdr && all.some(output => output.name === '.eh_frame_hdr')) count++
  if (stackFlags(state) !== undefined) count++
  if (all.some(output => output.name === '.note.gnu.property' && output.size > 0)) count++
  const isNote = (output: OutputState | undefined): boolean =>
    output !== undefined && (output.content & Content.Load) !== 0 && output.type === SectionType.Note
  for (let i = 0; i < all.length; i++) {
    if (!isNote(all[i])) continue
    count++
    while (isNote(all[i + 1]) && all[i + 1]!.align === all[i]!.align) i++
  }
  if (all.some(output => (output.content & Content.ThreadLocal) !== 0)) count++
  return count
}
