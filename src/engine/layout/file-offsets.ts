/**
 * File offsets, and the numbers of the program headers.
 *
 * The problem: the loader maps file pages, so offset and address of every loaded byte must agree modulo the page size,
 * and the file should be no longer than that needs. GNU ld's rule: segments in order of load address; each starts at the
 * next offset that agrees with its address; sections keep the distances they have in memory; zeros take no room unless
 * contents follow them in the same segment. The headers stand at offset 0 and are part of the first segment if they fit
 * in front of its first section. What is not loaded follows behind.
 */
import { distance, hex, u64 } from '../../base/words.ts'
import {
  allocatedNotLoaded,
  headersInOtherSegment,
  headersNotLoaded,
  loadAddressAdjusted,
  noRoomForHeaders,
  notInSegment,
} from '../../diag/catalogue/layout.ts'
import { inScript, nowhere } from '../../diag/diagnostic.ts'
import { Content, isThreadBss, SectionFlag, SectionType } from './content-flags.ts'
import { headerFlags } from './headers.ts'
import { placeOf } from './regions.ts'
import { headerSize, type SegmentMap, SegmentType } from './segments.ts'
import type { LayoutState, OutputState } from './state.ts'

/** A program header with its numbers. */
export interface SegmentNumbers {
  readonly map: SegmentMap
  fileOffset: number
  address: bigint
  loadAddress: bigint
  fileSize: number
  memorySize: number
  align: number
  flags: number
}

export interface FileOffsets {
  /** in program header order */
  readonly segments: readonly SegmentNumbers[]
  /** offset behind the last section that was placed */
  readonly end: number
}

export function assignFileOffsets(state: LayoutState, maps: readonly SegmentMap[]): FileOffsets {
  return new OffsetAssigner(state, maps).run()
}

class OffsetAssigner {
  private readonly state: LayoutState
  private readonly numbers: SegmentNumbers[]
  private readonly ehdr: number
  private readonly phdrs: number
  private readonly paged: boolean
  private page: number
  private offset: number
  private readonly placed = new Set<OutputState>()

  constructor(state: LayoutState, maps: readonly SegmentMap[]) {
    this.state = state
    this.numbers = maps.map(map => ({
      map,
      fileOffset: 0,
      address: 0n,
      loadAddress: 0n,
      fileSize: 0,
      memorySize: 0,
      align: 0,
      flags: map.flags ?? 0,
    }))
    const wide = state.program.arch.bits === 64
    this.ehdr = wide ? 64 : 52
    this.phdrs = maps.length === 0 ? 0 : Math.max(headerSize(state) - this.ehdr, maps.length * (wide ? 56 : 32))
    this.paged = state.request.magic === 'normal'
    this.page = this.paged ? state.maxPageSize : 1
    this.offset = this.ehdr
  }

  run(): FileOffsets {
    const order = this.numbers.map((segment, i) => ({ segment, i })).sort(bySegment)
    const sorted = order.map(({ segment }) => segment)
    const headerLoad = sorted.find(s => s.map.type === SegmentType.Load && s.map.programHeaders)
    if (headerLoad === undefined) this.offset += this.phdrs
    for (const segment of sorted) this.load(segment, sorted[0]!, headerLoad)
    this.placeUnloaded()
    for (const segment of this.numbers) this.finishOther(segment)
    return { segments: this.numbers, end: this.offset }
  }

  private load(segment: SegmentNumbers, firstSegment: SegmentNumbers, headerLoad: SegmentNumbers | undefined): void {
    const { map } = segment
    const first = map.sections[0]
    segment.address = first?.vma ?? map.address ?? 0n
    segment.loadAddress = map.at ?? first?.lma ?? 0n
    const isLoad = map.type === SegmentType.Load
    if (isLoad && this.paged) {
      if (map.align !== undefined) this.page = map.align
      segment.align = this.page
    } else if (map.align !== undefined) segment.align = map.align
    else if (first === undefined) segment.align = this.state.program.arch.bits === 64 ? 8 : 4
    if (segment === headerLoad) {
      if (!map.fileHeader) segment.fileOffset = this.offset
      this.offset += this.phdrs
    }
    const noContents = isLoad && first !== undefined && this.congruent(segment)
    let slack = 0
    if (noContents) slack = this.lastAdjust
    if (map.fileHeader) this.includeFileHeader(segment, firstSegment)
    if (map.programHeaders) this.includeProgramHeaders(segment, headerLoad)
    if (isLoad) {
      if (!map.fileHeader && !map.programHeaders) {
        segment.fileOffset = this.offset
        if (noContents) segment.fileOffset = this.offset % Math.max(this.page, segment.align, 1)
      } else {
        const adjust = this.offset - (segment.fileOffset + segment.fileSize)
        if (!noContents) segment.fileSize += adjust
        segment.memorySize += adjust
      }
    }
    slack = this.sections(segment, slack)
    this.offset -= slack
    if (map.type === SegmentType.ProgramHeaders && headerLoad === undefined && this.state.firstTime('phdr not loaded'))
      this.state.report.add(headersNotLoaded({}), map.plan === undefined ? nowhere : inScript(map.plan.span))
    if (isLoad) this.checkMembers(segment)
    if (map.endAlign !== undefined) roundEnd(segment, map.endAlign)
    if (map.plan?.extra?.fileEndsAt !== undefined) reachTo(segment, map.plan.extra.fileEndsAt)
    if (map.plan?.extra?.roundDown) roundDown(segment)
    if (map.memorySize !== undefined && isLoad) segment.memorySize = Math.max(segment.memorySize, map.memorySize)
  }

  private lastAdjust = 0

  /** Moves the offset to agree with the segment's address. True when the segment has no file contents at all. */
  private congruent(segment: SegmentNumbers): boolean {
    let align = this.page
    if (segment.map.align !== undefined) align = segment.align
    else for (const section of segment.map.sections) if (section.align > align) align = section.align
    for (const section of segment.map.sections)
      if ((section.content & (Content.Load | Content.Contents)) === 0) section.type = SectionType.NoBits
    const noContents = segment.map.sections.every(section => section.type === SectionType.NoBits)
    const adjust = modulo(segment.address - BigInt(this.offset), align)
    this.offset += adjust
    this.lastAdjust = noContents ? adjust : 0
    return noContents
  }

  private includeFileHeader(segment: SegmentNumbers, firstSegment: SegmentNumbers): void {
    const { map } = segment
    if (map.flags === undefined) segment.flags |= 4
    segment.fileSize = this.ehdr
    segment.memorySize = this.ehdr
    segment.fileOffset = 0
    if (map.type === SegmentType.Load) {
      if (map.sections.length === 0) return
      const needed = BigInt(this.offset)
      if (segment.address < needed || (map.at === undefined && segment.loadAddress < needed)) {
        if (this.state.firstTime('no room for headers'))
          this.state.report.add(
            noRoomForHeaders({ needed: this.ehdr + this.phdrs, address: hex(segment.address) }),
            placeOf(map.sections[0]!),
          )
        return
      }
      segment.address -= needed
      if (map.at === undefined) segment.loadAddress -= needed
    } else if (firstSegment.map.fileHeader) {
      segment.address = firstSegment.address
      if (map.at === undefined) segment.loadAddress = firstSegment.loadAddress
    }
  }

  private includeProgramHeaders(segment: SegmentNumbers, headerLoad: SegmentNumbers | undefined): void {
    const { map } = segment
    if (map.flags === undefined) segment.flags |= 4
    segment.fileSize += this.phdrs
    segment.memorySize += this.phdrs
    if (map.fileHeader) return
    if (map.type === SegmentType.Load) {
      if (map.sections.length === 0) return
      const gap = BigInt(this.offset - segment.fileOffset)
      segment.address = u64(segment.address - gap)
      if (map.at === undefined) segment.loadAddress = u64(segment.loadAddress - gap)
    } else if (headerLoad !== undefined) {
      // The headers stand behind the ELF header, wherever the segment that has them was made to start.
      const behind = this.ehdr - headerLoad.fileOffset
      segment.address = u64(headerLoad.address + BigInt(behind))
      if (map.at === undefined) segment.loadAddress = u64(headerLoad.loadAddress + BigInt(behind))
      segment.fileOffset = headerLoad.fileOffset + behind
    } else segment.fileOffset = this.ehdr
  }

  /** Gives the segment's sections their offsets and adds up its sizes. Returns what the offset must give back. */
  private sections(segment: SegmentNumbers, slackBefore: number): number {
    const { map } = segment
    const isLoad = map.type === SegmentType.Load
    const isTls = map.type === SegmentType.ThreadLocal
    let slack = slackBefore
    // What PHDRS puts into a PT_NOTE is a note, whatever the inputs say. Zeros without bytes in the file stay what they are.
    if (map.type === SegmentType.Note)
      for (const section of map.sections) if (section.type !== SectionType.NoBits) section.type = SectionType.Note
    map.sections.forEach((section, i) => {
      const isNoBits = section.type === SectionType.NoBits
      const isAlloc = (section.content & Content.Alloc) !== 0
      const isThread = (section.content & Content.ThreadLocal) !== 0
      if ((isLoad || isTls) && (!isNoBits || (isAlloc && (!isThread || isTls)))) {
        const end = u64(segment.loadAddress + BigInt(segment.memorySize))
        let adjust = distance(section.lma, end)
        if (adjust !== 0 && (section.lma < end || end < segment.loadAddress)) {
          if (this.state.firstTime(section))
            this.state.report.add(
              loadAddressAdjusted({ section: section.name, from: hex(section.lma), to: hex(end) }),
              placeOf(section),
            )
          adjust = 0
          section.lma = end
        }
        segment.memorySize += adjust
        if (isLoad) {
          if (!isNoBits) {
            slack = 0
            if (segment.fileSize + adjust < segment.memorySize) adjust = segment.memorySize - segment.fileSize
          }
          if (!isNoBits || i === 0) {
            this.offset += adjust
            if (isNoBits) slack += adjust
          }
        }
        if (!isNoBits) segment.fileSize += adjust
      }
      if (isLoad) {
        section.fileOffset = this.offset
        this.placed.add(section)
        if (!isNoBits) this.offset += section.size
      } else if (isNoBits && isThread && !this.placed.has(section)) {
        section.fileOffset = this.offset + modulo(section.vma - BigInt(this.offset), section.align)
        this.placed.add(section)
      }
      if (!isNoBits) {
        segment.fileSize += section.size
        if (isAlloc) segment.memorySize += section.size
      } else if (isAlloc && (isTls || !isThread)) segment.memorySize += section.size
      if (section.align > segment.align && map.align === undefined && (!isLoad || !this.paged))
        segment.align = section.align
      if (map.flags === undefined) segment.flags |= flagsOf(section)
    })
    return slack
  }

  /** Each section must lie inside the segment it is a member of. */
  private checkMembers(segment: SegmentNumbers): void {
    const { sections } = segment.map
    const overlaid = sections.some((s, i) => i > 0 && s.vma === sections[i - 1]!.vma && s.size === 0)
    if (overlaid) return
    for (const section of sections) {
      if (isThreadBss(section.content)) continue
      const from = section.vma - segment.address
      if (from >= 0n && from + BigInt(section.size) <= BigInt(segment.memorySize)) continue
      if (this.state.firstTime(`member ${section.placed.index}`))
        this.state.report.add(
          notInSegment({ section: section.name, segment: segment.map.name || 'PT_LOAD' }),
          placeOf(section),
        )
    }
  }

  private placeUnloaded(): void {
    for (const section of this.state.headerOrder) {
      if (section.removed || this.placed.has(section)) continue
      if ((section.content & Content.Alloc) !== 0) {
        if (this.state.firstTime(`unloaded ${section.placed.index}`))
          this.state.report.add(allocatedNotLoaded({ section: section.name }), placeOf(section))
        const align = this.paged && section.size !== 0 ? this.page : section.align
        this.offset += modulo(section.vma - BigInt(this.offset), align)
      } else if (section.align > 1) this.offset = Math.ceil(this.offset / section.align) * section.align
      section.fileOffset = this.offset
      if (section.type !== SectionType.NoBits) this.offset += section.size
    }
  }

  private finishOther(segment: SegmentNumbers): void {
    const { map } = segment
    if (map.type === SegmentType.Load || map.type === SegmentType.ProgramHeaders) return
    // A range that the plan lists (@segment) is as any other's; otherwise DATA_SEGMENT_RELRO_END says where it ends.
    const isListed = map.plan?.extra !== undefined && map.sections.length > 0
    if (map.type === SegmentType.Relro && !isListed) this.relro(segment)
    else if (map.type === SegmentType.Stack || map.sections.length === 0) {
      if (map.memorySize !== undefined) segment.memorySize = map.memorySize
    } else {
      if ((map.fileHeader || map.programHeaders) && this.state.firstTime(map))
        this.state.report.add(
          headersInOtherSegment({ segment: map.name }),
          map.plan === undefined ? nowhere : inScript(map.plan.span),
        )
      const first = map.sections[0]!
      segment.fileOffset = first.fileOffset
      segment.fileSize = 0
      const last = map.sections.findLast(section => section.type !== SectionType.NoBits)
      if (last !== undefined) segment.fileSize = last.fileOffset - first.fileOffset + last.size
      // Gaps count: the loader protects whole pages.
      if (isListed && map.type === SegmentType.Relro)
        segment.memorySize = Math.max(segment.memorySize, segment.fileSize)
    }
    if (map.plan?.extra?.roundDown) roundDown(segment)
  }

  private relro(segment: SegmentNumbers): void {
    const { relroStart: start, relroEnd: end } = this.state
    const endOf = (s: OutputState): bigint => s.vma + (isThreadBss(s.content) ? 0n : BigInt(s.size))
    const load = this.numbers.find(other => {
      const { type, sections } = other.map
      return (
        type === SegmentType.Load && sections.length > 0 && endOf(sections.at(-1)!) > start && sections[0]!.vma < end
      )
    })
    const first = load?.map.sections.find(s => s.vma >= start && s.vma < end && s.size !== 0)
    if (load === undefined || first === undefined || start >= end) return
    segment.address = first.vma
    segment.loadAddress = first.lma
    segment.fileOffset = first.fileOffset
    segment.memorySize = distance(end, first.vma)
    const inFile = distance(u64(load.address + BigInt(load.fileSize)), first.vma)
    segment.fileSize = Math.min(segment.memorySize, inFile)
    segment.align = 1
  }
}

function flagsOf(section: OutputState): number {
  const shown = headerFlags(section)
  let flags = 4
  if ((shown & SectionFlag.Execute) !== 0) flags |= 1
  if ((shown & SectionFlag.Write) !== 0) flags |= 2
  return flags
}

/** @segment ... end_align: the segment ends at a multiple of `align`. */
function roundEnd(segment: SegmentNumbers, align: number): void {
  if (align <= 1) return
  segment.fileSize += modulo(-(segment.address + BigInt(segment.fileSize)), align)
  segment.memorySize += modulo(-(segment.address + BigInt(segment.memorySize)), align)
}

/** @file_ends_at: the bytes in the file reach to the start of a section of the segment. */
function reachTo(segment: SegmentNumbers, name: string): void {
  const section = segment.map.sections.find(each => each.name === name)
  if (section === undefined) return
  const reach = distance(section.vma, segment.address)
  if (reach > segment.fileSize && reach <= segment.memorySize) segment.fileSize = reach
}

/** @segment ... round_down: offset and addresses start at a multiple of the alignment. */
function roundDown(segment: SegmentNumbers): void {
  if (segment.align <= 1) return
  const excess = segment.fileOffset % segment.align
  segment.fileOffset -= excess
  segment.address = u64(segment.address - BigInt(excess))
  segment.loadAddress = u64(segment.loadAddress - BigInt(excess))
  segment.fileSize += excess
  segment.memorySize += excess
}

function modulo(value: bigint, by: number): number {
  if (by <= 1) return 0
  const divisor = BigInt(by)
  return Number(((BigInt.asIntN(64, value) % divisor) + divisor) % divisor)
}

type Ordered = { readonly segment: SegmentNumbers; readonly i: number }

/** PT_LOADs first, by load address (a script's keep their order when one holds the headers), then the others. */
function bySegment(a: Ordered, b: Ordered): number {
  const left = a.segment.map
  const right = b.segment.map
  if (left.type !== right.type) {
    if (left.type === SegmentType.Null) return 1
    if (right.type === SegmentType.Null) return -1
    return left.type < right.type ? -1 : 1
  }
  if (left.fileHeader !== right.fileHeader) return left.fileHeader ? -1 : 1
  if (left.type === SegmentType.Load) {
    const at = left.at ?? left.sections[0]?.lma ?? 0n
    const bt = right.at ?? right.sections[0]?.lma ?? 0n
    if (at !== bt) return at < bt ? -1 : 1
  }
  return a.i - b.i
}
