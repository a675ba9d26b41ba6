/**
 * Veneers: pieces of code that a branch goes through because it does not reach its target, or cannot enter code of the
 * target's kind (ARM and Thumb). Whether one is needed depends on addresses, and veneers move what stands behind them, so
 * this is repeated until none is added; none is taken away again.
 *
 * They stand behind the code that uses them: the sections of code of an output section form groups so small that every
 * branch reaches the end of its group.
 */
import { stubOutOfReach } from '../../diag/catalogue/relocation.ts'
import type { Report } from '../../diag/report.ts'
import { SHF_ALLOC, SHF_EXECINSTR, SHT_NOBITS, SHT_PROGBITS, STT_FUNC, STT_NOTYPE } from '../../elf/constants.ts'
import type { VeneerShape } from '../../target/code-changes.ts'
import type { EditedContents } from '../contents/contents.ts'
import type { Needs } from '../records/needs.ts'
import {
  ContentKind,
  type Layout,
  type Live,
  type PlacedItem,
  type Placement,
  SymbolHome,
} from '../records/placement.ts'
import type { InputFile, Program } from '../records/program.ts'
import { SectionState } from '../records/tables.ts'
import { addSynthetic } from '../synthetic/add-synthetic.ts'
import type { MadeSymbol } from '../write/made-symbols.ts'
import { Errata } from './errata.ts'
import { LoaderWords, type LoaderWork } from './loader-words.ts'
import { RelocationTable } from './relocation-table.ts'
import { symbolName } from './symbol-reader.ts'
import { TargetAddresses, TargetKind } from './target-addresses.ts'
import { targetFacts } from './target-facts.ts'

const mostRounds = 30
const sectionName = '.stub'
/** state of a section that is kept for veneers: it takes part in nothing until it holds some */
const reserved = SectionState.Synthetic | SectionState.Table

/**
 * Declares sections for veneers, empty and outside of matching, as many as there may be groups. Called with the other
 * sections of the linker.
 */
export function declareVeneers(program: Program): void {
  const shape = program.arch.veneers
  if (shape === undefined) return
  const { sections, plan } = program
  const code = SHF_ALLOC | SHF_EXECINSTR
  const names = new Set<number>()
  let count = 0
  let bytes = 0
  for (let id = 0; id < sections.count; id++) {
    if ((sections.flags[id]! & code) !== code || sections.size[id] === 0) continue
    names.add(sections.name[id]!)
    count++
    bytes += sections.size[id]!
  }
  // An output section is in the plan, or has the name of its inputs; two groups together are larger than one may be.
  const outputs = plan.statements.filter(each => each.kind === 'output-section').length + names.size
  const groups = Math.min(count, outputs + 2 * Math.ceil(bytes / shape.groupBytes))
  for (let i = 0; i < groups; i++) {
    const id = addSynthetic(program, sectionName, SHT_PROGBITS, code, shape.align, 0)
    sections.state[id]! |= reserved
  }
}

interface Veneer {
  readonly kind: number
  /** where it leads: symbol of a file, and what is added to it */
  readonly file: InputFile
  readonly symbol: number
  readonly addend: number
  /** bytes from the start of its section */
  readonly offset: number
}

/** Sections of code that share the veneers behind the last of them. */
interface Group {
  readonly last: number
  /** section id of the veneers */
  readonly section: number
  readonly veneers: Veneer[]
  size: number
  /** veneers by kind, symbol and addend */
  readonly known: Map<string, Veneer>
}

/**
 * Adds veneers until every branch arrives.
 * @param solve addresses for the placement
 * @returns the veneers and the placement with their sections, or undefined when the architecture has none
 */
export function addVeneers(
  program: Program,
  live: Live,
  contents: EditedContents,
  needs: Needs,
  work: LoaderWork | undefined,
  placement: Placement,
  fixes: readonly string[],
  solve: (placement: Placement) => Layout | undefined,
): { readonly veneers: Veneers; readonly placement: Placement } | undefined {
  const shape = program.arch.veneers
  const { firstSection, sectionCount } = program.files[0]!
  const free: number[] = []
  for (let id = firstSection; id < firstSection + sectionCount; id++)
    if ((program.sections.state[id]! & reserved) === reserved) free.push(id)
  if (shape === undefined || free.length === 0) return undefined
  const asked = (program.arch.errata ?? []).filter(each => fixes.includes(each.name))
  const errata = new Errata(program, contents, asked)
  const veneers = new Veneers(program, shape, live, contents, needs, work, placement, free, errata)
  let placed = placement
  for (let round = 0; round < mostRounds; round++) {
    const layout = solve(placed)
    if (layout === undefined) break
    if (round === 0 && !shape.changesMode && asked.length === 0 && codeSpan(layout) < shape.groupBytes) return undefined
    if (!veneers.round(layout)) break
    placed = veneers.placed()
  }
  return { veneers, placement: placed }
}

/** Bytes from the first to the last byte of code: where every branch reaches all of it, there is nothing to look for. */
function codeSpan(layout: Layout): number {
  let start = Number.POSITIVE_INFINITY
  let end = Number.NEGATIVE_INFINITY
  for (const output of layout.outputs) {
    if ((output.flags & SHF_EXECINSTR) === 0) continue
    const address = Number(BigInt.asIntN(64, output.address))
    start = Math.min(start, address)
    end = Math.max(end, address + output.size)
  }
  return end - start
}

export class Veneers {
  private readonly program: Program
  private readonly shape: VeneerShape
  private readonly live: Live
  private readonly contents: EditedContents
  private readonly needs: Needs
  private readonly work: LoaderWork | undefined
  private readonly placement: Placement
  private readonly free: number[]
  private readonly errata: Errata
  /** by section id of code */
  private readonly groupOf = new Map<number, Group>()
  private readonly groups: Group[] = []
  /** by section id of code: veneer by row of its relocation table */
  private readonly routes = new Map<number, Map<number, Veneer>>()

  constructor(
    program: Program,
    shape: VeneerShape,
    live: Live,
    contents: EditedContents,
    needs: Needs,
    work: LoaderWork | undefined,
    placement: Placement,
    free: number[],
    errata: Errata,
  ) {
    this.errata = errata
    this.program = program
    this.shape = shape
    this.live = live
    this.contents = contents
    this.needs = needs
    this.work = work
    this.placement = placement
    this.free = free
  }

  /** Veneer by row of the relocation table of a section; undefined: every branch in it goes straight to its target. */
  routesOf(section: number): ReadonlyMap<number, Veneer> | undefined {
    return this.routes.get(section)
  }

  /** Address by which a branch enters its veneer. */
  entry(section: number, veneer: Veneer, layout: Layout): number {
    return layout.addressOf[this.groupOf.get(section)!.section]! + veneer.offset + this.shape.entryBits[veneer.kind]!
  }

  /** One look at every branch with the addresses of `layout`; true when a veneer was added. */
  round(layout: Layout): boolean {
    if (this.groups.length === 0) this.makeGroups(layout)
    const { program, shape } = this
    const { sections, files } = program
    const targets = this.targets(layout)
    let isAdded = false
    for (const [id, group] of this.groupOf) {
      if (this.errata.scan(id, layout, bytes => ({ home: group.section, offset: this.reserve(group, bytes) })))
        isAdded = true
      const relocations = sections.relocations[id]!
      if (relocations < 0 || this.contents.kind[id] !== ContentKind.Copy) continue
      const file = files[sections.file[id]!]!
      const table = new RelocationTable(program, relocations)
      for (let row = 0; row < table.count; row++) {
        const type = table.type(row)
        const bias = type < shape.bias.length ? shape.bias[type]! : 0
        const isBranch = bias !== 0 || shape.straight?.[type] === 1
        if (!isBranch || this.routes.get(id)?.has(row) === true) continue
        const symbol = table.symbol(row)
        const offset = table.offset(row)
        if (symbol >= file.symbolTable.count || offset + 4 > sections.size[id]!) continue
        const target = this.target(targets, layout, file, symbol, type)
        if (Number.isNaN(target)) continue
        const addend = this.addend(table, row, type, sections.offset[id]! + offset) + bias
        const facts = targetFacts(program, file, symbol)
        const kind = shape.choose(type, layout.addressOf[id]! + offset, target + addend, facts, this.needs.traits)
        if (kind === 0) continue
        this.route(id, row, group, kind, file, symbol, addend, targets.keyOf(file, symbol))
        isAdded = true
      }
    }
    return isAdded
  }

  private targets(layout: Layout): TargetAddresses {
    const targets = new TargetAddresses(this.program, this.live, this.contents, this.needs, layout)
    if (this.work !== undefined) targets.loader = new LoaderWords(this.program, layout, this.work)
    return targets
  }

  private addend(table: RelocationTable, row: number, type: number, at: number): number {
    if (table.hasAddends) return table.addend(row)
    const { arch } = this.program
    return arch.fields!.read(arch.relocationColumns.codec[type]!, table.file.view, at)
  }

  /** Address that a branch to the symbol leads to; NaN: none, or it is not known. */
  private target(targets: TargetAddresses, layout: Layout, file: InputFile, symbol: number, type: number): number {
    const key = targets.keyOf(file, symbol)
    if (this.needs.stubOf.has(key)) return targets.stubAddress(key)
    if (key >= 0) {
      const address = layout.symbolHome[key] === SymbolHome.Undefined ? NaN : layout.symbolValue[key]!
      return targets.loader === undefined ? address : targets.loader.branchTarget(key, address, type)
    }
    const address = targets.keyAddress(key)
    return targets.kind[symbol] === TargetKind.Plain ? address : NaN
  }

  private route(
    id: number,
    row: number,
    group: Group,
    kind: number,
    file: InputFile,
    symbol: number,
    addend: number,
    key: number,
  ): void {
    const name = `${kind} ${key} ${addend}`
    let veneer = group.known.get(name)
    if (veneer === undefined) {
      veneer = { kind, file, symbol, addend, offset: this.reserve(group, this.shape.size[kind]!) }
      group.known.set(name, veneer)
      group.veneers.push(veneer)
    }
    let routes = this.routes.get(id)
    if (routes === undefined) this.routes.set(id, (routes = new Map()))
    routes.set(row, veneer)
  }

  /** Room for a veneer at the end of a group's; its offset in their section. */
  private reserve(group: Group, bytes: number): number {
    const offset = group.size
    const unit = this.shape.entryAlign ?? this.shape.align
    group.size += Math.ceil(bytes / unit) * unit
    this.contents.size[group.section] = group.size
    this.contents.kind[group.section] = ContentKind.Synthetic
    this.live[group.section] = 1
    return offset
  }

  /** Groups of at most `groupBytes` in front of their veneers, and as many bytes behind them. */
  private makeGroups(layout: Layout): void {
    const { sections } = this.program
    const { groupBytes } = this.shape
    for (const output of layout.outputs) {
      if ((output.flags & SHF_EXECINSTR) === 0 || output.type === SHT_NOBITS) continue
      const code: number[] = []
      for (const part of output.parts)
        if (part.kind === 'sections')
          for (const id of part.ids)
            if ((sections.flags[id]! & SHF_EXECINSTR) !== 0 && this.contents.size[id]! > 0) code.push(id)
      const end = (at: number): number => layout.offsetOf[code[at]!]! + this.contents.size[code[at]!]!
      for (let first = 0; first < code.length; ) {
        let last = first
        const start = layout.offsetOf[code[first]!]!
        while (last + 1 < code.length && end(last + 1) - start < groupBytes) last++
        const behind = end(last)
        let next = last + 1
        while (next < code.length && end(next) - behind < groupBytes) next++
        const section = this.free.pop()
        if (section === undefined) return
        const group: Group = { last: code[last]!, section, veneers: [], size: 0, known: new Map() }
        this.groups.push(group)
        for (let i = first; i < next; i++) this.groupOf.set(code[i]!, group)
        first = next
      }
    }
  }

  /** The placement with the sections of veneers. */
  placed(): Placement {
    const { placement } = this
    const outputs = placement.outputs.slice()
    const outputOf = placement.outputOf.slice()
    for (const { last, section, size } of this.groups) {
      if (size === 0) continue
      const home = placement.outputOf[last]!
      const output = outputs[home]!
      const items: PlacedItem[] = []
      for (const item of output.items) {
        const at = item.kind === 'inputs' ? item.ids.indexOf(last) : -1
        if (item.kind !== 'inputs' || at < 0) {
          items.push(item)
          continue
        }
        const { rule, ids } = item
        items.push({ kind: 'inputs', rule, ids: ids.subarray(0, at + 1) })
        items.push({ kind: 'inputs', rule, ids: Int32Array.of(section) })
        if (at + 1 < ids.length) items.push({ kind: 'inputs', rule, ids: ids.subarray(at + 1) })
      }
      // The drafts of placing are objects with getters of their own: only their fields are taken over.
      outputs[home] = { ...output, items, align: Math.max(output.align, this.shape.align) }
      outputOf[section] = home
    }
    return { ...placement, outputs, outputOf }
  }

  /** Symbols of the veneers: their names, and marks of code and data. */
  symbols(): MadeSymbol[] {
    const { marks, entryBits, size } = this.shape
    const made: MadeSymbol[] = []
    if (this.shape.name === undefined) return made
    for (const { section, veneers } of this.groups)
      for (const { kind, file, symbol, offset } of veneers) {
        const name = this.shape.name(kind, symbolName(file, symbol))
        made.push({ name, type: STT_FUNC, section, value: offset + entryBits[kind]!, size: size[kind]! })
        for (const [at, mark] of marks?.[kind] ?? [])
          made.push({ name: mark, type: STT_NOTYPE, section, value: offset + at, size: 0 })
      }
    return made
  }

  /** Writes the veneers into the image; addresses must be final. */
  write(image: Uint8Array, layout: Layout, report: Report): void {
    this.errata.write(image, layout, report)
    const targets = this.targets(layout)
    for (const { section, veneers } of this.groups) {
      const home = layout.outputOf[section]!
      if (veneers.length === 0 || home < 0) continue
      const at = layout.outputs[home]!.fileOffset + layout.offsetOf[section]!
      for (const { kind, file, symbol, addend, offset } of veneers) {
        const destination = this.target(targets, layout, file, symbol, 0) + addend
        const facts = targetFacts(this.program, file, symbol)
        const place = layout.addressOf[section]! + offset
        if (!this.shape.write(kind, image, at + offset, place, destination, facts))
          report.add(stubOutOfReach({ stub: 'a veneer' }))
      }
    }
  }
}
