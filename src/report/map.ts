/**
 * The map file in GNU ld's format (GNU ld manual, -Map): which archive members came in and why, what was dropped,
 * the memory regions, then every output section with its rules, input sections, symbols and assignments.
 *
 * It only reads the records of a finished link.
 */

import type { LinkRecords } from '../engine/link.ts'
import { Claim, type Layout } from '../engine/records/placement.ts'
import { fileLabel, type Program } from '../engine/records/program.ts'
import { SectionState, SymbolState } from '../engine/records/tables.ts'
import type { LayoutPlan, MemoryRegion } from '../plan/plan.ts'
import { longHex, memoryMap, sectionLine, sectionName } from './map-statements.ts'

/** Text of the map, one string per line without line ends. What a link did not come to (layout with -r) is left out. */
export function mapFile(records: LinkRecords, output: string, format: string, options: MapOptions = {}): string[] {
  const lines: string[] = []
  archiveMembers(lines, records.program)
  commonSymbols(lines, records.program)
  if (options.discarded !== false) discardedSections(lines, records)
  const { layout, program } = records
  if (layout !== undefined) {
    memoryConfiguration(lines, layout, program.plan)
    lines.push('', 'Linker script and memory map', '')
    append(lines, memoryMap(records, layout, options.locals === true))
  }
  lines.push(`OUTPUT(${output} ${format})`)
  return lines
}

export interface MapOptions {
  /** --no-print-map-discarded: false */
  readonly discarded?: boolean
  /** --print-map-locals: true */
  readonly locals?: boolean
}

/** Lists of a large link are too long to be arguments. */
function append(lines: string[], more: Iterable<string>): void {
  for (const line of more) lines.push(line)
}

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
  if (rows.length === 0) return
  lines.push('', 'Allocating common symbols', 'Common symbol       size              file', '')
  append(lines, rows)
}

function discardedSections(lines: string[], records: LinkRecords): void {
  const { program, matches, live } = records
  const { sections } = program
  const found: string[] = []
  for (const file of program.files) {
    if (file.kind !== 'object' && file.kind !== 'binary') continue
    for (let i = 0; i < file.sectionCount; i++) {
      const id = file.firstSection + i
      const rule = matches.rule[id]!
      if (rule === Claim.NotContent || (live[id] === 1 && rule !== Claim.Discarded)) continue
      if ((sections.state[id]! & SectionState.Table) !== 0) continue
      found.push(...sectionLine(sectionName(program, id), 0n, sections.size[id]!, fileLabel(file)))
    }
  }
  if (found.length > 0) {
    lines.push('', 'Discarded input sections', '')
    append(lines, found)
  } else lines.push('', 'There are no discarded input sections')
}

function memoryConfiguration(lines: string[], layout: Layout, plan: LayoutPlan): void {
  lines.push('', 'Memory Configuration', '', 'Name             Origin             Length             Attributes')
  for (const region of layout.regions) {
    const declared = plan.regions.find(each => each.name === region.name)
    const attributes = declared === undefined ? '' : attributeText(declared)
    const columns = `${region.name.padEnd(16)} ${longHex(region.origin)} ${longHex(region.length)}`
    lines.push(attributes === '' ? columns : `${columns} ${attributes}`)
  }
  lines.push('*default*        0x0000000000000000 0xffffffffffffffff')
}

/** Attributes in one order, each letter once; I is another name of L. */
function attributeText(region: MemoryRegion): string {
  const order = (letters: string): string => {
    const given = letters.toLowerCase().replaceAll('i', 'l')
    return [...'axrwl'].filter(letter => given.includes(letter)).join('')
  }
  const any = order(region.attributes?.any ?? '')
  const none = order(region.attributes?.none ?? '')
  return none === '' ? any : `${any}!${none}`
}
