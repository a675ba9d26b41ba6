/** A plan in words: what `tsld plan` prints. One line per decision, in the order the engine takes them. */
import { printExpression } from './expression.ts'
import type {
  AssignStatement,
  FillPlan,
  InputMatch,
  InputRequest,
  LayoutPlan,
  MemoryRegion,
  OutputSectionPlan,
  SectionItem,
  SegmentPlan,
  Statement,
} from './plan.ts'

/** Lines without line ends; names are Latin-1 as in the plan. */
export function describePlan(plan: LayoutPlan): string[] {
  const lines: string[] = []
  if (plan.sources.length > 0) lines.push(`made of ${plan.sources.join(', ')}`)
  const { target } = plan
  if (target.entry !== undefined)
    lines.push(`entry ${[target.entry.symbol, ...(target.entryAlternatives ?? [])].join(', or else ')}`)
  if (target.format !== undefined) lines.push(`format ${target.format.name}`)
  if (target.arch !== undefined) lines.push(`architecture ${target.arch.name}`)
  if (target.interpreter !== undefined) lines.push(`interpreter ${target.interpreter}`)
  if (target.output !== undefined) lines.push(`output file ${target.output.name}`)
  for (const input of plan.inputs) lines.push(inputLine(input))
  section(lines, 'memory', plan.regions.map(regionLine))
  section(lines, 'segments', plan.segments?.map(segmentLine) ?? [])
  section(
    lines,
    'layout',
    plan.statements.flatMap(statement => statementLines(statement)),
  )
  section(
    lines,
    'needed symbols',
    plan.symbols.required.map(each => each.name),
  )
  section(
    lines,
    'versions',
    plan.symbols.versions.map(
      node =>
        `${node.name || '(no name)'}: global ${node.global.map(p => p.pattern).join(' ') || '-'}; local ${node.local.map(p => p.pattern).join(' ') || '-'}`,
    ),
  )
  section(
    lines,
    'forbidden references',
    plan.noCrossReferences.map(each =>
      each.toFirst
        ? `to ${each.sections[0]} from ${each.sections.slice(1).join(', ')}`
        : `between ${each.sections.join(', ')}`,
    ),
  )
  return lines
}

function section(lines: string[], title: string, content: readonly string[]): void {
  if (content.length === 0) return
  if (lines.length > 0) lines.push('')
  lines.push(title, ...content.map(line => `  ${line}`))
}

function inputLine(input: InputRequest): string {
  switch (input.kind) {
    case 'file':
      return `input ${input.name}${input.asNeeded ? ' if needed' : ''}`
    case 'library':
      return `input -l${input.name}${input.asNeeded ? ' if needed' : ''}`
    case 'group':
      return `group of ${input.members.map(inputLine).join(', ')}`
    case 'search-dir':
      return `search in ${input.path}`
    case 'startup':
      return `first input ${input.name}`
  }
}

function regionLine(region: MemoryRegion): string {
  const letters =
    region.attributes === undefined
      ? ''
      : ` (${region.attributes.any}${region.attributes.none === '' ? '' : `!${region.attributes.none}`})`
  const names = [region.name, ...region.aliases].join(' = ')
  return `${names}${letters} from ${printExpression(region.origin)}, length ${printExpression(region.length)}`
}

function segmentLine(segment: SegmentPlan): string {
  const parts = [`${segment.name} of type ${printExpression(segment.type)}`]
  if (segment.fileHeader) parts.push('with the file header')
  if (segment.programHeaders) parts.push('with the program headers')
  if (segment.at !== undefined) parts.push(`loaded at ${printExpression(segment.at)}`)
  if (segment.flags !== undefined) parts.push(`flags ${printExpression(segment.flags)}`)
  return parts.join(', ')
}

function statementLines(statement: Statement): string[] {
  switch (statement.kind) {
    case 'assign':
      return [assignLine(statement)]
    case 'assert':
      return [`check ${printExpression(statement.value)}, else "${statement.message}"`]
    case 'output-section':
      return sectionLines(statement)
  }
}

function assignLine(statement: AssignStatement): string {
  const words = [statement.provide ? 'if asked for: ' : '', statement.hidden ? 'hidden: ' : '']
  return `${words.join('')}${statement.symbol} ${statement.operator} ${printExpression(statement.value)}`
}

function sectionLines(plan: OutputSectionPlan): string[] {
  const head = [plan.name === '/DISCARD/' ? 'dropped' : `section ${plan.name}`]
  if (plan.address !== undefined) head.push(`at ${printExpression(plan.address)}`)
  if (plan.align !== undefined) head.push(`aligned to ${printExpression(plan.align)}`)
  if (plan.subalign !== undefined) head.push(`parts aligned to ${printExpression(plan.subalign)}`)
  if (plan.type !== undefined && plan.type.kind !== 'none') head.push(`type ${plan.type.kind}`)
  if (plan.constraint !== undefined)
    head.push(
      plan.constraint === 'only-if-ro'
        ? 'if all is read-only'
        : plan.constraint === 'only-if-rw'
          ? 'if some is writable'
          : plan.constraint,
    )
  if (plan.region !== undefined) head.push(`in ${plan.region}`)
  if (plan.loadAddress !== undefined) head.push(`loaded at ${printExpression(plan.loadAddress)}`)
  if (plan.loadRegion !== undefined) head.push(`loaded in ${plan.loadRegion}`)
  if (plan.segments !== undefined) head.push(`segments ${plan.segments.join(' ')}`)
  if (plan.fill !== undefined) head.push(`gaps ${fillText(plan.fill)}`)
  if (plan.overlay !== undefined) head.push(`overlay ${plan.overlay}`)
  return [`${head.join(', ')}  (line ${plan.span.line})`, ...plan.items.map(item => `  ${itemLine(item)}`)]
}

function itemLine(item: SectionItem): string {
  switch (item.kind) {
    case 'input':
      return inputMatchText(item)
    case 'assign':
      return assignLine(item)
    case 'assert':
      return `check ${printExpression(item.value)}, else "${item.message}"`
    case 'data':
      return `${item.size} byte${item.size === 1 ? '' : 's'}: ${printExpression(item.value)}`
    case 'string':
      return `${item.bytes.length} bytes of text`
    case 'fill':
      return `gaps from here: ${fillText(item.fill)}`
    default:
      return item.kind.replaceAll('-', ' ')
  }
}

function fillText(fill: FillPlan): string {
  if (fill.kind === 'word') return printExpression(fill.value)
  return `0x${fill.bytes.map(byte => byte.toString(16).padStart(2, '0')).join('')}`
}

/** `keep *(.text .text.*)`, close to how a script says it. */
export function inputMatchText(item: InputMatch): string {
  const { file } = item
  const archive = file.archive === undefined ? '' : `${file.archive}:`
  const name = `${archive}${file.wholeArchive ? '' : file.pattern}`
  const sections = item.sections.map(section => {
    const except = section.exclude.length === 0 ? '' : `except in ${section.exclude.join(' ')}: `
    return `${except}${section.pattern}${section.sort.length === 0 ? '' : ` by ${section.sort.join(', then ')}`}`
  })
  return `${item.keep ? 'keep ' : ''}${name}(${sections.join(' ')})`
}
