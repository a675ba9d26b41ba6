/**
 * Which input sections are in the output.
 *
 * Without --gc-sections: all content that did not lose its group and is not discarded. With it: what can be reached from
 * the roots through relocations, as GNU ld marks it. Three kinds of section are no ordinary nodes of that graph:
 *
 * - .eh_frame refers to every function. Its entries hang on their functions instead: a live function keeps the personality
 *   routine and exception table that its entry names; .eh_frame itself is always there and loses dead entries later.
 * - Debug information refers to everything and is referred to by nothing: it stays when its file has something live.
 * - Groups and SHF_LINK_ORDER: a live member keeps its group, a live section keeps those that describe it.
 */
import { sectionRemoved } from '../../diag/catalogue/garbage.ts'
import { damagedRelocation } from '../../diag/catalogue/input.ts'
import { inFile } from '../../diag/diagnostic.ts'
import type { Report } from '../../diag/report.ts'
import { SHF_ALLOC, SHF_GNU_RETAIN, SHF_LINK_ORDER, SHN_LORESERVE, SHN_XINDEX, SHT_NOTE } from '../../elf/constants.ts'
import { claimRows } from '../../kernels/match.ts'
import { exportedByName } from '../dynamic/bind.ts'
import { isDynamic } from '../dynamic/declare.ts'
import { type Live, Mark, type Matches } from '../records/placement.ts'
import { fileLabel, type InputFile, type Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import { SectionState, SymbolFlag, SymbolState } from '../records/tables.ts'
import { type FrameEdges, frameEdges } from './frame-edges.ts'

/** 1 for each section that is in the output. */
export function collectGarbage(program: Program, matches: Matches, request: LinkRequest, report: Report): Live {
  const { memory, kernels } = program.compute
  const { state, count } = program.sections
  const live = memory.uint8(count)
  for (let id = 0; id < count; id += claimRows)
    kernels.markContent(state, matches.rule, live, id, Math.min(id + claimRows, count))
  if (!request.gcSections) return live
  return new Marking(program, matches, request, report, live).run()
}

class Marking {
  private readonly program: Program
  private readonly matches: Matches
  private readonly request: LinkRequest
  private readonly report: Report
  /** sections that may live */
  private readonly content: Live
  private readonly marked: Uint8Array
  private readonly stack: Int32Array
  private depth = 0
  /** list of sections that go with a section: heads by section id, then links */
  private readonly firstAlong: Int32Array
  private alongTarget: number[] = []
  private alongNext: number[] = []
  private readonly frames: FrameEdges
  private readonly groupMembers: readonly number[][]
  /** symbol id -> sections that keep it meaningful: __start_NAME, assignments of the plan */
  private readonly symbolKeeps = new Map<number, readonly number[]>()

  constructor(program: Program, matches: Matches, request: LinkRequest, report: Report, content: Live) {
    this.program = program
    this.matches = matches
    this.request = request
    this.report = report
    this.content = content
    this.marked = program.compute.memory.uint8(content.length)
    this.stack = new Int32Array(content.length)
    this.firstAlong = new Int32Array(content.length).fill(-1)
    this.frames = frameEdges(program, content, (from, to) => this.goAlong(from, to))
    this.groupMembers = this.linkGroupsAndOrder()
    this.enterSymbolKeeps()
  }

  run(): Live {
    this.markRoots()
    this.drain()
    this.keepSpecials()
    if (this.request.printGcSections) this.print()
    return this.marked
  }

  private goAlong(from: number, to: number): void {
    this.alongTarget.push(to)
    this.alongNext.push(this.firstAlong[from]!)
    this.firstAlong[from] = this.alongTarget.length - 1
  }

  /** Members of each group; SHF_LINK_ORDER sections go along with the section they describe. */
  private linkGroupsAndOrder(): number[][] {
    const { sections, groups, files } = this.program
    const members: number[][] = Array.from({ length: groups.count }, () => [])
    for (let id = 0; id < sections.count; id++) {
      if (this.content[id] !== 1) continue
      const group = sections.group[id]!
      if (group >= 0) members[group]!.push(id)
      if ((sections.flags[id]! & SHF_LINK_ORDER) !== 0 && sections.link[id] !== 0) {
        const file = files[sections.file[id]!]!
        if (sections.link[id]! < file.sectionCount) this.goAlong(file.firstSection + sections.link[id]!, id)
      }
    }
    return members
  }

  private enterSymbolKeeps(): void {
    const { linkerSymbols } = this.program
    for (const { symbol, kind, section } of linkerSymbols) {
      if (section === undefined || this.request.startStopGc) continue
      if (kind === 'start' || kind === 'stop') this.symbolKeeps.set(symbol, this.sectionsNamed(section))
    }
  }

  private sectionsNamed(name: string): number[] {
    const { sections, sectionNames } = this.program
    const found: number[] = []
    const id = sectionNames.findText(name)
    if (id < 0) return found
    for (let section = 0; section < sections.count; section++)
      if (sections.name[section] === id && this.content[section] === 1) found.push(section)
    return found
  }

  private markRoots(): void {
    const { sections, symbols } = this.program
    for (let id = 0; id < sections.count; id++) if (this.content[id] === 1 && this.isRoot(id)) this.mark(id)
    const exported = this.request.kind === 'shared' || this.request.exportDynamic || this.request.gcKeepExported ? 1 : 0
    const isListed = isDynamic(this.program, this.request) ? exportedByName(this.request) : undefined
    for (let id = 0; id < symbols.names.count; id++) {
      const flags = symbols.flags[id]!
      const state = symbols.state[id]!
      if (state !== SymbolState.Defined && state !== SymbolState.Script) continue
      const visible = (symbols.other[id]! & 3) === 0 || (symbols.other[id]! & 3) === 3
      if ((flags & SymbolFlag.Required) !== 0) this.markSymbol(id)
      else if ((flags & (SymbolFlag.Exported | SymbolFlag.SharedReference)) !== 0 && visible) this.markSymbol(id)
      else if (exported === 1 && visible && (flags & SymbolFlag.ForcedLocal) === 0) this.markSymbol(id)
      else if (isListed?.(symbols.name(id)) === true && visible && (flags & SymbolFlag.ForcedLocal) === 0)
        this.markSymbol(id)
    }
    if (this.program.entrySymbol >= 0) this.markSymbol(this.program.entrySymbol)
  }

  private isRoot(id: number): boolean {
    const { sections } = this.program
    if ((this.matches.marks[id]! & Mark.Keep) !== 0) return true
    const state = sections.state[id]!
    if ((state & SectionState.Synthetic) !== 0) return true
    if ((sections.flags[id]! & SHF_GNU_RETAIN) !== 0) return true
    // Arrays of constructors are no roots: that is what KEEP is for.
    if (sections.type[id] !== SHT_NOTE) return false
    return sections.group[id]! < 0 && (sections.flags[id]! & SHF_LINK_ORDER) === 0
  }

  private mark(id: number): void {
    if (this.marked[id] === 1 || this.content[id] !== 1) return
    this.marked[id] = 1
    this.stack[this.depth++] = id
  }

  private markSymbol(id: number): void {
    const { symbols } = this.program
    const state = symbols.state[id]
    if (state === SymbolState.Defined) {
      if (symbols.section[id]! >= 0) this.mark(symbols.section[id]!)
    } else if (state === SymbolState.Script) {
      for (const section of this.symbolKeeps.get(id) ?? []) this.mark(section)
      // `alias = function;` keeps the function, `size = end - start;` nothing; without a value the name is still the object's.
      const value = this.program.early?.get(id)
      const home = value?.section ?? (symbols.flags[id]! & SymbolFlag.ObjectDefinition ? symbols.section[id]! : -1)
      if (home >= 0) this.mark(home)
    }
  }

  private drain(): void {
    const { sections, files } = this.program
    while (this.depth > 0) {
      const id = this.stack[--this.depth]!
      for (let edge = this.firstAlong[id]!; edge >= 0; edge = this.alongNext[edge]!) this.mark(this.alongTarget[edge]!)
      const group = sections.group[id]!
      if (group >= 0) for (const member of this.groupMembers[group]!) this.mark(member)
      const relocations = sections.relocations[id]!
      if (relocations < 0 || this.frames.isFrame[id] === 1) continue
      this.follow(files[sections.file[id]!]!, id, relocations)
    }
  }

  /** Marks what the relocations of a section refer to. */
  private follow(file: InputFile, section: number, relocations: number): void {
    const { sections, symbols } = this.program
    const { view, littleEndian: little, globals, firstSection, extendedIndex } = file
    const { offset: table, firstGlobal, count } = file.symbolTable
    const wide = file.bits === 64
    const step = sections.entsize[relocations]!
    const start = sections.offset[relocations]!
    const end = start + sections.size[relocations]!
    const symbolAt = wide ? (little ? 12 : 8) : 4
    const shift = wide ? 0 : 8
    const symbolStep = wide ? 24 : 16
    const indexAt = table + (wide ? 6 : 14)
    for (let at = start; at < end; at += step) {
      const symbol = view.getUint32(at + symbolAt, little) >>> shift
      if (symbol >= count) {
        this.damaged(file, section, (at - start) / step, symbol)
        return
      }
      if (symbol >= firstGlobal) {
        const id = globals[symbol - firstGlobal]!
        if (symbols.state[id] === SymbolState.Defined) {
          const home = symbols.section[id]!
          if (home >= 0 && this.marked[home] === 0) this.mark(home)
        } else this.markSymbol(id)
        continue
      }
      let index = view.getUint16(indexAt + symbol * symbolStep, little)
      if (index === SHN_XINDEX) index = view.getUint32(extendedIndex + symbol * 4, little)
      else if (index >= SHN_LORESERVE) continue
      if (index !== 0 && this.marked[firstSection + index] === 0) this.mark(firstSection + index)
    }
  }

  /** Debug information and other sections outside memory stay with a file that has something live. */
  private keepSpecials(): void {
    const { sections, files } = this.program
    for (const file of files) {
      const end = file.firstSection + file.sectionCount
      let someKept = false
      for (let id = file.firstSection; id < end && !someKept; id++)
        someKept = this.marked[id] === 1 && (sections.flags[id]! & SHF_ALLOC) !== 0 && sections.type[id] !== SHT_NOTE
      for (let id = file.firstSection; id < end; id++) {
        if (this.marked[id] === 1 || this.content[id] !== 1) continue
        if (this.frames.isFrame[id] === 1) {
          if (someKept) this.marked[id] = 1
          continue
        }
        if (!someKept || (sections.flags[id]! & (SHF_ALLOC | SHF_LINK_ORDER)) !== 0) continue
        const isSpecial = sections.relocations[id]! < 0 || this.isDebug(id)
        if (!isSpecial) continue
        const group = sections.group[id]!
        if (group < 0 || this.isSpecialGroup(group)) this.marked[id] = 1
      }
    }
  }

  /** A group that holds nothing but sections outside memory (type units, macro information). */
  private isSpecialGroup(group: number): boolean {
    const { flags } = this.program.sections
    return this.groupMembers[group]!.every(id => (flags[id]! & SHF_ALLOC) === 0)
  }

  private isDebug(id: number): boolean {
    const name = this.program.sectionNames.text(this.program.sections.name[id]!)
    return /^\.(debug|zdebug|line|stab|gdb_index$|gnu\.debuglto_\.debug_|gnu\.linkonce\.wi\.)/.test(name)
  }

  private print(): void {
    const { sections, sectionNames, files } = this.program
    for (let id = 0; id < this.marked.length; id++) {
      if (this.marked[id] === 1 || this.content[id] !== 1 || sections.size[id] === 0) continue
      const section = sectionNames.text(sections.name[id]!)
      this.report.add(sectionRemoved({ section, file: fileLabel(files[sections.file[id]!]!) }))
    }
  }

  private damaged(file: InputFile, section: number, row: number, symbol: number): void {
    const place = file.archive === undefined ? inFile(file.name) : inFile(file.archive, file.name)
    const name = this.program.sectionNames.text(this.program.sections.name[section]!)
    this.report.add(
      damagedRelocation({
        index: row,
        field: 'the symbol index',
        found: String(symbol),
        expected: `below ${file.symbolTable.count}`,
      }),
      place.kind === 'object' ? { ...place, section: name } : place,
    )
  }
}
