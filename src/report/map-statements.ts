/**
 * The part of the map behind "Linker script and memory map": every statement in order, with what it made.
 *
 * The order is that of the script with orphans put in (Placement.sequence); /DISCARD/ and statements that were not carried
 * out stand where the script has them, without an address.
 */
import type { LinkRecords } from '../engine/link.ts'
import type { Layout, Part, PlacedOutput, PlacedSection } from '../engine/records/placement.ts'
import { fileLabel, type InputFile, type Load, type Program } from '../engine/records/program.ts'
import { SectionState, SymbolFlag, SymbolState } from '../engine/records/tables.ts'
import type {
  AssertStatement,
  AssignStatement,
  DataItem,
  Expression,
  FillPlan,
  OutputSectionPlan,
  SectionItem,
} from '../plan/plan.ts'
import { localSymbols } from './local-symbols.ts'
import { expressionText, matchText, statementText } from './map-text.ts'

/** Lines of the memory map: loads, assignments, output sections. */
export function memoryMap(records: LinkRecords, layout: Layout, locals: boolean): string[] {
  return new MemoryMap(records, layout, locals).all()
}

/** `0x` and 16 digits. */
export const longHex = (value: bigint): string => `0x${BigInt.asUintN(64, value).toString(16).padStart(16, '0')}`
const sizeText = (size: number): string => `0x${size.toString(16)}`.padStart(10)
const blank = ''.padEnd(16)

/** ` name            0xaddress       0xsize file`, on two lines when the name is long. */
export function sectionLine(name: string, address: bigint, size: number, file: string): string[] {
  const rest = `${longHex(address)} ${sizeText(size)} ${file}`
  return name.length >= 14 ? [` ${name}`, blank + rest] : [` ${name.padEnd(15)}${rest}`]
}

class MemoryMap {
  private readonly lines: string[] = []
  private readonly records: LinkRecords
  private readonly program: Program
  private readonly layout: Layout
  private readonly showsLocals: boolean
  private readonly symbols: SymbolsBySection
  private readonly byName = new Map<string, PlacedSection>()
  /** first PROVIDE of each name: the one that took effect, if any did */
  private readonly provides = new Map<string, AssignStatement>()

  constructor(records: LinkRecords, layout: Layout, locals: boolean) {
    this.records = records
    this.showsLocals = locals
    this.program = records.program
    this.layout = layout
    this.symbols = symbolsBySection(this.program, layout)
    for (const section of [...layout.outputs, ...(layout.vanished ?? [])])
      if (!this.byName.has(section.name)) this.byName.set(section.name, section)
    const note = (item: SectionItem | AssertStatement | AssignStatement): void => {
      if (item.kind === 'assign' && item.provide && !this.provides.has(item.symbol))
        this.provides.set(item.symbol, item)
    }
    for (const statement of this.program.plan.statements)
      if (statement.kind === 'output-section') statement.items.forEach(note)
      else note(statement)
  }

  all(): string[] {
    const { loads, plan } = this.program
    const script = loads.findIndex(load => load.kind === 'plan')
    const first = script < 0 ? loads : loads.slice(0, script)
    this.loads(first)
    this.statements(plan.statements.filter(each => each.kind === 'output-section'))
    if (script >= 0) this.loads(loads.slice(script + 1))
    return this.lines
  }

  private loads(loads: readonly Load[]): void {
    for (const load of loads)
      if (load.kind === 'file') this.lines.push(`LOAD ${load.path}`)
      else if (load.kind !== 'plan') this.lines.push(load.kind === 'group-start' ? 'START GROUP' : 'END GROUP')
  }

  private statements(written: readonly OutputSectionPlan[]): void {
    const { placement } = this.records
    const { assignments, outputs } = this.layout
    if (placement === undefined) {
      for (const section of outputs) this.section(section)
      return
    }
    // Statements that have no place among the outputs are shown in front of the one that follows them.
    const unplaced = new Map<number, OutputSectionPlan[]>()
    const placed = new Set(placement.outputs.map(output => output.because?.id))
    let waiting: OutputSectionPlan[] = []
    const { dropped } = this.records.matches
    const names = new Set(placement.outputs.map(output => output.name))
    for (const statement of this.program.plan.statements) {
      if (statement.kind !== 'output-section') {
        if (waiting.length > 0) unplaced.set(statement.id, waiting)
        waiting = []
      } else if (placed.has(statement.id)) {
        if (waiting.length > 0) unplaced.set(statement.id, waiting)
        waiting = []
      } else if (statement.name === '/DISCARD/' || !names.has(statement.name) || dropped.has(statement.id))
        waiting.push(statement)
    }
    const before = (id: number | undefined): void => {
      for (const statement of (id !== undefined && unplaced.get(id)) || []) this.absent(statement.name, statement.items)
    }
    let next = 0
    for (const item of placement.sequence) {
      if (item.kind === 'output') {
        const output = placement.outputs[item.index]!
        before(output.because?.id)
        this.output(output, written)
      } else {
        before(item.id)
        this.lines.push(this.assignment(item, assignments[next++]?.value ?? 0n))
      }
    }
    for (const statement of waiting) this.absent(statement.name, statement.items)
  }

  /** An output section: with its contents, or by name only when nothing of it is in the output. */
  private output(output: PlacedOutput, written: readonly OutputSectionPlan[]): void {
    const own = written.filter(each => each.name === output.name && !this.records.matches.dropped.has(each.id))
    const section = this.byName.get(output.name)
    const items = own.flatMap(each => each.items)
    if (section !== undefined) this.section(section, items)
    else this.absent(output.name, items)
  }

  private absent(name: string, items: readonly SectionItem[]): void {
    this.lines.push('', name)
    for (const item of items)
      if (item.kind === 'input') this.lines.push(` ${matchText(item)}`)
      else if (item.kind === 'assign' || item.kind === 'assert') this.lines.push(this.assignment(item, 0n))
  }

  private section(section: PlacedSection, items: readonly SectionItem[] = []): void {
    const { lines } = this
    lines.push('')
    const load = section.loadAddress === section.address ? '' : ` load address ${longHex(section.loadAddress)}`
    const rest = `${longHex(section.address)} ${sizeText(section.size)}${load}`
    if (section.name.length >= 15) lines.push(section.name, blank + rest)
    else lines.push(`${section.name.padEnd(16)}${rest}`)
    // Parts are made from the items in order; rules without sections have no part, FILL and the like none either.
    const shown = new Walk(items)
    let end = 0
    for (const part of section.parts) {
      switch (part.kind) {
        case 'assign':
          this.skipped(shown.upTo(part.statement.id))
          lines.push(this.assignment(part.statement, part.value))
          break
        case 'gap':
          this.gap(section, part.offset, part.size, part.fill)
          end = part.offset + part.size
          break
        case 'bytes':
          this.skipped(shown.upTo(part.statement))
          if (part.offset > end) this.gap(section, end, part.offset - end, part.fill)
          this.data(section, part, shown.last)
          end = part.offset + part.bytes.length
          break
        case 'sections':
          if (part.rule >= 0) this.skipped(shown.through(part.rule))
          end = this.inputs(section, part, end)
          break
      }
    }
    this.skipped(shown.rest())
    if (section.size > end) this.gap(section, end, section.size - end, section.fill)
  }

  /** Items without a part of their own. */
  private skipped(items: readonly SectionItem[]): void {
    for (const item of items)
      if (item.kind === 'input') this.lines.push(` ${matchText(item)}`)
      else if (item.kind === 'fill') this.lines.push(` FILL mask 0x${fillDigits(item.fill)}`)
  }

  private inputs(section: PlacedSection, part: Part & { kind: 'sections' }, start: number): number {
    const { program, layout, symbols, lines } = this
    const { contents } = this.records
    let end = start
    for (const id of part.ids) {
      const offset = layout.offsetOf[id]!
      const original = program.sections.size[id]!
      const size = contents?.size[id] ?? original
      if (offset > end) this.gap(section, end, offset - end, part.fill)
      const file = program.files[program.sections.file[id]!]!
      lines.push(...sectionLine(sectionName(program, id), section.address + BigInt(offset), size, this.label(file)))
      if (size !== original && (program.sections.state[id]! & SectionState.Synthetic) === 0)
        lines.push(`${blank}${''.padEnd(18)} ${sizeText(original)} (size before relaxing)`)
      for (let at = symbols.first[id]!; at < symbols.first[id + 1]!; at++) {
        const symbol = symbols.ids[at]!
        lines.push(`${blank}${longHex(addressOf(layout, symbol))}${blank}${program.symbols.name(symbol)}`)
      }
      if (this.showsLocals) this.locals(file, id, section.address + BigInt(offset))
      end = Math.max(end, offset + size)
    }
    return end
  }

  private locals(file: InputFile, id: number, address: bigint): void {
    for (const { name, offset } of localSymbols(file, id - file.firstSection))
      this.lines.push(`${blank}${longHex(address + offset)}${''.padEnd(8)}(local) ${name}`)
  }

  /** What the linker makes is shown under the first object, to which GNU ld attaches it. */
  private label(file: InputFile): string {
    return fileLabel(file.kind === 'linker' ? (this.program.files.find(each => each.kind === 'object') ?? file) : file)
  }

  private gap(section: PlacedSection, offset: number, size: number, fill: Uint8Array | undefined): void {
    if (size <= 0) return
    const pattern = fill === undefined || fill.every(byte => byte === 0) ? '' : hexBytes([...fill])
    this.lines.push(` *fill*         ${longHex(section.address + BigInt(offset))} ${sizeText(size)} ${pattern}`)
  }

  private data(section: PlacedSection, part: Part & { kind: 'bytes' }, item: SectionItem | undefined): void {
    const line = (offset: number, size: number, text: string): void => {
      this.lines.push(`${blank}${longHex(section.address + BigInt(offset))} ${sizeText(size)} ${text}`)
    }
    if (item?.kind !== 'data') {
      // Strings are shown byte by byte.
      part.bytes.forEach((byte, i) => {
        line(part.offset + i, 1, `BYTE 0x${byte.toString(16)}`)
      })
      return
    }
    const number = this.program.arch.littleEndian ? [...part.bytes].reverse() : [...part.bytes]
    const value = BigInt(`0x${hexBytes(number)}`).toString(16)
    line(part.offset, item.size, `${dataName(item)} 0x${value}${operandText(item.value)}`)
  }

  private assignment(statement: AssignStatement | AssertStatement, value: bigint): string {
    const text = statementText(statement)
    if (statement.kind === 'assign' && statement.provide && !this.provided(statement))
      return `${blank}[!provide]${''.padEnd(8)}${blank}${text}`
    return `${blank}${longHex(value)}${blank}${text}`
  }

  private provided(statement: AssignStatement): boolean {
    const { symbols } = this.program
    const id = symbols.names.findText(statement.symbol)
    if (id < 0 || symbols.state[id] !== SymbolState.Script) return false
    return (symbols.flags[id]! & SymbolFlag.Provided) !== 0 && this.provides.get(statement.symbol) === statement
  }
}

/** Goes along the items of a section's statements while its parts are shown. */
class Walk {
  private readonly items: readonly SectionItem[]
  private at = 0
  last: SectionItem | undefined

  constructor(items: readonly SectionItem[]) {
    this.items = items
  }

  /** Items in front of the one with the id, which is passed too. */
  upTo(id: number): readonly SectionItem[] {
    const found = this.take(id)
    return found.slice(0, -1)
  }

  through(id: number): readonly SectionItem[] {
    return this.take(id)
  }

  rest(): readonly SectionItem[] {
    return this.items.slice(this.at)
  }

  private take(id: number): readonly SectionItem[] {
    const index = this.items.findIndex((item, i) => i >= this.at && item.id === id)
    if (index < 0) return []
    const found = this.items.slice(this.at, index + 1)
    this.at = index + 1
    this.last = this.items[index]
    return found
  }
}

function fillDigits(fill: FillPlan): string {
  if (fill.kind === 'bytes') return hexBytes(fill.bytes)
  return fill.value.op === 'number' ? fill.value.value.toString(16).padStart(8, '0') : expressionText(fill.value)
}

function hexBytes(bytes: readonly number[]): string {
  return bytes.map(byte => byte.toString(16).padStart(2, '0')).join('')
}

function dataName(item: DataItem): string {
  if (item.size === 8) return item.signed ? 'SQUAD' : 'QUAD'
  return { 1: 'BYTE', 2: 'SHORT', 4: 'LONG' }[item.size]
}

/** The expression behind a value, unless it is only the value. */
function operandText(e: Expression): string {
  return e.op === 'number' ? '' : ` ${expressionText(e)}`
}

interface SymbolsBySection {
  /** symbols of section `id`: ids[first[id]] .. ids[first[id + 1] - 1] */
  readonly first: Int32Array
  readonly ids: Int32Array
}

function symbolsBySection(program: Program, layout: Layout): SymbolsBySection {
  const { symbols, sections } = program
  const chosen: number[] = []
  for (let id = 0; id < symbols.names.count; id++)
    if (symbols.state[id] === SymbolState.Defined && symbols.section[id]! >= 0 && layout.symbolHome[id]! >= 0)
      chosen.push(id)
  chosen.sort(
    (a, b) => symbols.section[a]! - symbols.section[b]! || layout.symbolValue[a]! - layout.symbolValue[b]! || a - b,
  )
  const first = new Int32Array(sections.count + 1)
  for (const id of chosen) first[symbols.section[id]! + 1]!++
  for (let id = 0; id < sections.count; id++) first[id + 1]! += first[id]!
  return { first, ids: Int32Array.from(chosen) }
}

function addressOf(layout: Layout, symbol: number): bigint {
  return layout.wideSymbols.get(symbol) ?? BigInt(layout.symbolValue[symbol]!)
}

export function sectionName(program: Program, id: number): string {
  return program.sectionNames.text(program.sections.name[id]!)
}
