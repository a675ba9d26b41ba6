/**
 * The map file in GNU ld's format (GNU ld manual, -Map): which archive members came in and why, what was dropped,
 * the memory regions, then every output section with its rules, input sections, symbols and assignments.
 *
 * It only reads the records of a finished link.
 */

import type { LinkResult } from '../engine/link.ts'
import { Claim, type Layout, type Part, type PlacedSection } from '../engine/records/placement.ts'
import { fileLabel, type Program } from '../engine/records/program.ts'
import { SectionState, SymbolState } from '../engine/records/tables.ts'
import { printExpression } from '../plan/expression.ts'
import type { AssertStatement, AssignStatement, InputMatch, LayoutPlan, MemoryRegion } from '../plan/plan.ts'

/** Text of the map, one string per line without line ends. Undefined parts of `result` (with -r) are left out. */
export function mapFile(result: LinkResult, output: string, format: string): string[] {
  const lines: string[] = []
  archiveMembers(lines, result.program)
  commonSymbols(lines, result.program)
  discardedSections(lines, result)
  const { layout, program } = result
  if (layout !== undefined) {
    memoryConfiguration(lines, layout, program.plan)
    lines.push('', 'Linker script and memory map', '')
    for (const file of program.files)
      if (file.kind !== 'linker' && file.archive === undefined) lines.push(`LOAD ${file.name}`)
    const symbols = symbolsBySection(program, layout)
    const rules = rulesById(program.plan)
    let next = 0
    const assignmentsAfter = (index: number): void => {
      while (next < layout.assignments.length && layout.assignments[next]!.after <= index) {
        const each = layout.assignments[next++]!
        lines.push(assignmentLine(each.statement, each.value, program))
      }
    }
    assignmentsAfter(-1)
    for (const section of layout.outputs) {
      outputSection(lines, section, result, layout, symbols, rules)
      assignmentsAfter(section.index)
    }
    assignmentsAfter(Number.POSITIVE_INFINITY)
  }
  lines.push(`OUTPUT(${output} ${format})`)
  return lines
}

const hex16 = (value: bigint): string => `0x${BigInt.asUintN(64, value).toString(16).padStart(16, '0')}`
const hex = (value: number): string => `0x${value.toString(16)}`

function archiveMembers(lines: string[], program: Program): void {
  if (program.pulls.length === 0) return
  lines.push('Archive member included to satisfy reference by file (symbol)', '')
  for (const pull of program.pulls) {
    const member = fileLabel(program.files[pull.file]!)
    const because = pull.because >= 0 ? `${fileLabel(program.files[pull.because]!)} ` : ''
    const reason = `${because}(${pull.symbol >= 0 ? program.symbols.name(pull.symbol) : ''})`
    if (member.length >= 29) lines.push(member, `${''.padEnd(30)}${reason}`)
    else lines.push(`${member.padEnd(30)}${reason}`)
  }
  lines.push('')
}

function commonSymbols(lines: string[], program: Program): void {
  const { symbols, sections } = program
  const rows: string[] = []
  for (let id = 0; id < symbols.names.count; id++) {
    const section = symbols.section[id]!
    if (symbols.state[id] !== SymbolState.Defined || section < 0) continue
    if ((sections.state[section]! & SectionState.Common) === 0) continue
    const name = symbols.name(id)
    const size = hex(symbols.size[id]!).padEnd(18)
    const file = fileLabel(program.files[sections.file[section]!]!)
    if (name.length >= 19) rows.push(name, `${''.padEnd(20)}${size}${file}`)
    else rows.push(`${name.padEnd(20)}${size}${file}`)
  }
  if (rows.length > 0)
    lines.push('Allocating common symbols', 'Common symbol       size              file', '', ...rows, '')
}

function discardedSections(lines: string[], result: LinkResult): void {
  const { program, matches, live } = result
  const { sections } = program
  lines.push('Discarded input sections', '')
  for (const file of program.files) {
    if (file.kind !== 'object' && file.kind !== 'binary') continue
    for (let i = 0; i < file.sectionCount; i++) {
      const id = file.firstSection + i
      const rule = matches.rule[id]!
      if (rule === Claim.NotContent || (live[id] === 1 && rule !== Claim.Discarded)) continue
      if ((sections.state[id]! & SectionState.Table) !== 0) continue
      lines.push(...sectionLine(sectionName(program, id), 0n, sections.size[id]!, fileLabel(file)))
    }
  }
  lines.push('')
}

function memoryConfiguration(lines: string[], layout: Layout, plan: LayoutPlan): void {
  lines.push('Memory Configuration', '', 'Name             Origin             Length             Attributes')
  for (const region of layout.regions) {
    const declared = plan.regions.find(each => each.name === region.name)
    const attributes = declared === undefined ? '' : attributeText(declared)
    const columns = `${region.name.padEnd(16)} ${hex16(region.origin)} ${hex16(region.length)}`
    lines.push(attributes === '' ? columns : `${columns} ${attributes}`)
  }
  lines.push('*default*        0x0000000000000000 0xffffffffffffffff')
}

function attributeText(region: MemoryRegion): string {
  const any = region.attributes?.any ?? ''
  const none = region.attributes?.none ?? ''
  return none === '' ? any : `${any}!${none}`
}

/** ` name            0xaddress       0xsize file`, on two lines when the name is long. */
function sectionLine(name: string, address: bigint, size: number, file: string): string[] {
  const rest = `${hex16(address)} ${hex(size).padStart(10)} ${file}`
  return name.length >= 15 ? [` ${name}`, `${''.padEnd(16)}${rest}`] : [` ${name.padEnd(15)}${rest}`]
}

function outputSection(
  lines: string[],
  section: PlacedSection,
  result: LinkResult,
  layout: Layout,
  symbols: SymbolsBySection,
  rules: ReadonlyMap<number, InputMatch>,
): void {
  const { program } = result
  lines.push('')
  const load = section.loadAddress === section.address ? '' : ` load address ${hex16(section.loadAddress)}`
  const rest = `${hex16(section.address)} ${hex(section.size).padStart(10)}${load}`
  if (section.name.length >= 16) lines.push(section.name, `${''.padEnd(16)}${rest}`)
  else lines.push(`${section.name.padEnd(16)}${rest}`)
  let end = 0
  for (const part of section.parts) {
    switch (part.kind) {
      case 'assign':
        lines.push(assignmentLine(part.statement, part.value, program))
        break
      case 'gap':
        fillLine(lines, section, part.offset, part.size, part.fill)
        end = part.offset + part.size
        break
      case 'bytes':
        if (part.offset > end) fillLine(lines, section, end, part.offset - end, part.fill)
        lines.push(
          `${''.padEnd(16)}${hex16(section.address + BigInt(part.offset))} ${hex(part.bytes.length).padStart(10)} ${dataText(part.bytes)}`,
        )
        end = part.offset + part.bytes.length
        break
      case 'sections':
        end = inputSections(lines, section, part, end, result, layout, symbols, rules)
        break
    }
  }
}

function inputSections(
  lines: string[],
  section: PlacedSection,
  part: Part & { kind: 'sections' },
  start: number,
  result: LinkResult,
  layout: Layout,
  symbols: SymbolsBySection,
  rules: ReadonlyMap<number, InputMatch>,
): number {
  const { program } = result
  const rule = rules.get(part.rule)
  if (rule !== undefined) lines.push(` ${matchText(rule)}`)
  let end = start
  for (const id of part.ids) {
    const offset = layout.offsetOf[id]!
    const size = result.contents?.size[id] ?? program.sections.size[id]!
    if (offset > end) fillLine(lines, section, end, offset - end, part.fill)
    const address = section.address + BigInt(offset)
    lines.push(
      ...sectionLine(sectionName(program, id), address, size, fileLabel(program.files[program.sections.file[id]!]!)),
    )
    for (let at = symbols.first[id]!; at < symbols.first[id + 1]!; at++) {
      const symbol = symbols.ids[at]!
      lines.push(
        `${''.padEnd(16)}${hex16(BigInt(layout.symbolValue[symbol]!))}${''.padEnd(16)}${program.symbols.name(symbol)}`,
      )
    }
    end = Math.max(end, offset + size)
  }
  return end
}

function fillLine(
  lines: string[],
  section: PlacedSection,
  offset: number,
  size: number,
  fill: Uint8Array | undefined,
): void {
  if (size <= 0) return
  const pattern =
    fill === undefined || fill.length === 0
      ? ''
      : ` ${[...fill].map(byte => byte.toString(16).padStart(2, '0')).join('')}`
  lines.push(` *fill*         ${hex16(section.address + BigInt(offset))} ${hex(size).padStart(10)}${pattern}`)
}

function dataText(bytes: Uint8Array): string {
  const names: Record<number, string> = { 1: 'BYTE', 2: 'SHORT', 4: 'LONG', 8: 'QUAD' }
  const name = names[bytes.length]
  if (name === undefined) return `ASCIZ ${bytes.length} bytes`
  let value = 0n
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!)
  return `${name} 0x${value.toString(16)}`
}

function assignmentLine(statement: AssignStatement | AssertStatement, value: bigint, program: Program): string {
  if (statement.kind === 'assert')
    return `${''.padEnd(16)}${hex16(value)}${''.padEnd(16)}ASSERT (${printExpression(statement.value)}, ${statement.message})`
  let text = `${statement.symbol} ${statement.operator} ${printExpression(statement.value)}`
  if (statement.provide || statement.hidden) {
    const word = statement.provide ? (statement.hidden ? 'PROVIDE_HIDDEN' : 'PROVIDE') : 'HIDDEN'
    text = `${word} (${text})`
    const id = program.symbols.names.findText(statement.symbol)
    if (statement.provide && (id < 0 || program.symbols.state[id] !== SymbolState.Script))
      return `${''.padEnd(16)}[!provide]${''.padEnd(24)}${text}`
  }
  return `${''.padEnd(16)}${hex16(value)}${''.padEnd(16)}${text}`
}

/** An input section description as GNU ld prints it. */
export function matchText(rule: InputMatch): string {
  const { file } = rule
  const archive = file.archive === undefined ? '' : `${file.archive}:`
  let name = file.wholeArchive === true ? archive : archive + file.pattern
  if (file.sort === 'name') name = `SORT_BY_NAME(${name})`
  const excludes = file.exclude.length > 0 ? `EXCLUDE_FILE(${file.exclude.join(' ')}) ` : ''
  const words: Record<string, string> = {
    name: 'SORT_BY_NAME',
    alignment: 'SORT_BY_ALIGNMENT',
    'init-priority': 'SORT_BY_INIT_PRIORITY',
    none: 'SORT_NONE',
  }
  const sections = rule.sections.map(each => {
    let text = each.pattern
    if (each.exclude.length > 0) text = `EXCLUDE_FILE(${each.exclude.join(' ')}) ${text}`
    if (each.reverse === true) text = `REVERSE(${text})`
    for (const key of [...each.sort].reverse()) text = `${words[key]}(${text})`
    return text
  })
  const body = sections.length === 0 ? `${excludes}${name}` : `${excludes}${name}(${sections.join(' ')})`
  return rule.keep ? `KEEP(${body})` : body
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

function rulesById(plan: LayoutPlan): ReadonlyMap<number, InputMatch> {
  const rules = new Map<number, InputMatch>()
  for (const statement of plan.statements)
    if (statement.kind === 'output-section')
      for (const item of statement.items) if (item.kind === 'input') rules.set(item.id, item)
  return rules
}

function sectionName(program: Program, id: number): string {
  return program.sectionNames.text(program.sections.name[id]!)
}
