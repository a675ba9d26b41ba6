/**
 * What can be reached from the roots through relocations. Kernels follow them (src/kernels/garbage.ts); what only the plan
 * knows, tables of other forms and what depends on names is looked at here.
 */
import { damagedRelocation } from '../../diag/catalogue/input.ts'
import { inFile } from '../../diag/diagnostic.ts'
import type { Report } from '../../diag/report.ts'
import { SHF_ALLOC, SHN_LORESERVE, SHN_XINDEX } from '../../elf/constants.ts'
import { held, type Memory } from '../../kernels/compute.ts'
import type { FileColumns } from '../../kernels/file-columns.ts'
import { Count, type GarbageRecord, garbageBatch } from '../../kernels/garbage.ts'
import { fileColumns } from '../records/file-columns.ts'
import type { Live, Matches } from '../records/placement.ts'
import type { InputFile, Program } from '../records/program.ts'
import { SymbolFlag, SymbolState } from '../records/tables.ts'
import { frameEdges } from './frame-edges.ts'

export class Reachable {
  /** 1 by section id: it was reached */
  readonly marked: Live
  private readonly program: Program
  private readonly report: Report
  private readonly record: GarbageRecord
  /** by symbol id: sections that a symbol of the plan keeps besides its own */
  private readonly symbolKeeps: ReadonlyMap<number, readonly number[]>
  /** by id of a section's name: does it belong to debug information? */
  private readonly debugNames = new Map<number, boolean>()

  /**
   * @param content 1 by section id: it may live
   * @param symbolKeeps by id of a symbol that the plan assigns: sections that live with it besides its own
   */
  constructor(
    program: Program,
    matches: Matches,
    content: Live,
    symbolKeeps: ReadonlyMap<number, readonly number[]>,
    report: Report,
  ) {
    this.program = program
    this.report = report
    this.symbolKeeps = symbolKeeps
    const files = fileColumns(program)
    const plain = plainRecord(program, matches, content, files)
    this.marked = plain.marked
    this.each(program.sections.count, (first, end) => program.compute.kernels.linkSections(plain, first, end))
    const { count, from, to } = frameEdges(program, files, plain.left.slice(0, plain.counts[Count.Left]))
    plain.counts[Count.Left] = 0
    this.record = { ...plain, from, to, nextEdge: program.compute.memory.int32(count) }
    this.each(count, (first, end) => program.compute.kernels.linkEdges(this.record, first, end))
  }

  private each(count: number, run: (first: number, end: number) => void): void {
    for (let first = 0; first < count; first += garbageBatch) run(first, Math.min(count, first + garbageBatch))
  }

  /** Marks what lives whatever refers to it. */
  markRoots(): void {
    const { kernels } = this.program.compute
    this.each(this.program.sections.count, (first, end) => kernels.markRoots(this.record, first, end))
  }

  /** Marks what a symbol stands for. */
  markSymbol(id: number): void {
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

  private mark(id: number): void {
    const { marked, content, stack, counts } = this.record
    if (marked[id] === 1 || content[id] !== 1) return
    marked[id] = 1
    stack[counts[Count.Stack]!++] = id
  }

  /** Marks everything that can be reached from what is marked. */
  drain(): void {
    const { record, program } = this
    const { counts, reached, left } = record
    const { kernels } = program.compute
    const { sections, files } = program
    let looked = 0
    while (counts[Count.Stack]! > 0) {
      while (kernels.markReached(record, garbageBatch)) {}
      for (; looked < counts[Count.Reached]!; looked++) this.markSymbol(reached[looked]!)
      for (let i = 0; i < counts[Count.Left]!; i++) {
        const id = left[i]!
        this.follow(files[sections.file[id]!]!, id, sections.relocations[id]!)
      }
      counts[Count.Left] = 0
    }
  }

  /** Marks what the relocations of a section refer to. */
  private follow(file: InputFile, section: number, relocations: number): void {
    const { sections } = this.program
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
        this.markSymbol(globals[symbol - firstGlobal]!)
        continue
      }
      let index = view.getUint16(indexAt + symbol * symbolStep, little)
      if (index === SHN_XINDEX) index = view.getUint32(extendedIndex + symbol * 4, little)
      else if (index >= SHN_LORESERVE) continue
      if (index !== 0) this.mark(firstSection + index)
    }
  }

  /** Marks debug information and other sections outside memory of files that have something live. */
  keepSpecials(): void {
    const { record, program } = this
    const { counts, left, group, relocations, marked } = record
    const { kernels } = program.compute
    this.each(program.files.length, (first, end) => kernels.keepBeside(record, first, end))
    for (let i = 0; i < counts[Count.Left]!; i++) {
      const id = left[i]!
      const isSpecial = relocations[id]! < 0 || this.isDebug(record.sectionName[id]!)
      if (isSpecial && (group[id]! < 0 || this.isSpecialGroup(id))) marked[id] = 1
    }
    counts[Count.Left] = 0
  }

  /** A group that holds nothing but sections outside memory (type units, macro information). */
  private isSpecialGroup(member: number): boolean {
    const { nextInGroup, sectionFlags } = this.record
    let id = member
    do {
      if ((sectionFlags[id]! & SHF_ALLOC) !== 0) return false
      id = nextInGroup[id]!
    } while (id !== member)
    return true
  }

  private isDebug(name: number): boolean {
    let known = this.debugNames.get(name)
    if (known === undefined) {
      const pattern = /^\.(debug|zdebug|line|stab|gdb_index$|gnu\.debuglto_\.debug_|gnu\.linkonce\.wi\.)/
      known = pattern.test(this.program.sectionNames.text(name))
      this.debugNames.set(name, known)
    }
    return known
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

/** All but the edges. */
function plainRecord(program: Program, matches: Matches, content: Live, files: FileColumns): GarbageRecord {
  const { compute, symbols, groups, sectionNames } = program
  const { memory } = compute
  const none = memory.int32(1)
  return {
    ...files,
    ...sectionColumns(program, memory),
    ruleMarks: held(memory, matches.marks),
    content: held(memory, content),
    from: none,
    to: none,
    nextEdge: none,
    someMember: memory.int32(groups.count),
    symbolState: symbols.state,
    symbolSection: symbols.section,
    isReached: memory.uint8(symbols.names.count),
    reached: memory.int32(symbols.names.count),
    counts: memory.int32(3),
    frameName: sectionNames.findText('.eh_frame'),
  }
}

type SectionColumns = Pick<
  GarbageRecord,
  | 'sectionFile'
  | 'sectionName'
  | 'sectionType'
  | 'sectionFlags'
  | 'sectionState'
  | 'link'
  | 'group'
  | 'relocations'
  | 'offset'
  | 'size'
  | 'isFrame'
  | 'marked'
  | 'stack'
  | 'nextInGroup'
  | 'firstOrdered'
  | 'nextOrdered'
  | 'firstEdge'
  | 'left'
>

function sectionColumns({ sections }: Program, memory: Memory): SectionColumns {
  const { count } = sections
  return {
    sectionFile: sections.file,
    sectionName: sections.name,
    sectionType: sections.type,
    sectionFlags: sections.flags,
    sectionState: sections.state,
    link: sections.link,
    group: sections.group,
    relocations: sections.relocations,
    offset: sections.offset,
    size: sections.size,
    isFrame: memory.uint8(count),
    marked: memory.uint8(count),
    stack: memory.int32(count),
    nextInGroup: memory.int32(count),
    firstOrdered: memory.int32(count),
    nextOrdered: memory.int32(count),
    firstEdge: memory.int32(count),
    left: memory.int32(count),
  }
}
