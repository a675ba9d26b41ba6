/** The plan in words, for `tsld plan layout.ld`: a tree to read, each line with the place in the script it comes from. */
import type { Span } from '../../grammar/span.ts'
import { printExpression } from './expression.ts'
import type {
  DynamicPlan,
  Expression,
  FilePattern,
  FilePlan,
  FillPlan,
  InputMatch,
  InputRequest,
  LayoutPlan,
  MemoryRegion,
  OutputSectionPlan,
  SectionItem,
  SectionPattern,
  SegmentPlan,
  Statement,
  TargetPlan,
  VersionNode,
} from './plan.ts'

interface Line {
  readonly depth: number
  readonly text: string
  readonly span?: Span
}

/** column the places begin at; longer lines push theirs out */
const placeColumn = 78

/**
 * The plan as text, ending with a line feed. Names are written as they are in the plan (Latin-1 decoded).
 *
 * @param places `layout.ld:12` behind each line
 */
export function describePlan(plan: LayoutPlan, places = true): string {
  const lines: Line[] = [
    ...describeTarget(plan.target),
    ...block('inputs', plan.inputs.flatMap(describeInput)),
    ...block('memory', plan.regions.map(describeRegion)),
    ...block('segments', plan.segments?.map(describeSegment) ?? []),
    ...block('statements', plan.statements.flatMap(describeStatement)),
    ...block(
      'required symbols',
      plan.symbols.required.map(({ name, span }) => ({ depth: 0, text: name, span })),
    ),
    ...block('versions', plan.symbols.versions.flatMap(describeVersion)),
    ...block('forbidden references', plan.noCrossReferences.map(describeForbidden)),
    ...block('features', describeFeatures(plan)),
    ...block('file', plan.file === undefined ? [] : describeFile(plan.file)),
    ...block('dynamic tables', plan.dynamic === undefined ? [] : describeDynamic(plan.dynamic)),
    ...block('insertions', (plan.insertions ?? []).map(describeInsertion)),
  ]
  return lines.map(line => renderLine(line, places) + '\n').join('')
}

function renderLine(line: Line, places: boolean): string {
  const text = '  '.repeat(line.depth) + line.text
  if (!places || line.span === undefined || line.span.file === '') return text
  return `${text.padEnd(placeColumn)} ${line.span.file}:${line.span.line}`
}

/** A heading with lines below; nothing when there are none. */
function block(heading: string, lines: readonly Line[]): Line[] {
  if (lines.length === 0) return []
  return [{ depth: 0, text: heading }, ...indent(lines)]
}

function indent(lines: readonly Line[]): Line[] {
  return lines.map(line => ({ ...line, depth: line.depth + 1 }))
}

const line = (text: string, span?: Span): Line => ({ depth: 0, text, span })
const hex = (value: number): string => '0x' + value.toString(16)

function describeTarget(target: TargetPlan): Line[] {
  const lines: Line[] = []
  const { entry, format } = target
  if (entry !== undefined)
    lines.push(line(['entry', entry.symbol, ...orElse(target.entryAlternatives)].join(' '), entry.span))
  if (format !== undefined) {
    const variants = format.big === undefined ? '' : ` (big endian ${format.big}, little endian ${format.little})`
    lines.push(line(`output format ${format.name}${variants}`, format.span))
  }
  if (target.arch !== undefined) lines.push(line(`architecture ${target.arch.name}`, target.arch.span))
  if (target.inputFormat !== undefined)
    lines.push(line(`input format ${target.inputFormat.name}`, target.inputFormat.span))
  if (target.output !== undefined) lines.push(line(`output file ${target.output.name}`, target.output.span))
  if (target.map !== undefined) lines.push(line(`map file ${target.map.name}`, target.map.span))
  if (target.interpreter !== undefined) lines.push(line(`interpreter ${target.interpreter}`))
  if (target.pageSize !== undefined) lines.push(line(`page size ${hex(target.pageSize)}`))
  if (target.osabi !== undefined) lines.push(line(`OSABI ${target.osabi}`))
  if (target.buildId) lines.push(line('a build id unless an option says otherwise'))
  if (target.machineFlags !== undefined) lines.push(line(`machine flags ${hex(target.machineFlags)}`))
  return lines
}

function orElse(names: readonly string[] | undefined): string[] {
  return (names ?? []).map(name => `or else ${name}`)
}

function describeInput(input: InputRequest): Line[] {
  const needed = (asNeeded: boolean): string => (asNeeded ? ', as needed' : '')
  switch (input.kind) {
    case 'file':
      return [line(`file ${input.name}${needed(input.asNeeded)}`, input.span)]
    case 'library':
      return [line(`library ${input.name}${needed(input.asNeeded)}`, input.span)]
    case 'group':
      return [
        line('group, searched until nothing new is found', input.span),
        ...indent(input.members.flatMap(describeInput)),
      ]
    case 'search-dir':
      return [line(`search in ${input.path}`, input.span)]
    case 'startup':
      return [line(`first of all ${input.name}`, input.span)]
  }
}

function describeRegion(region: MemoryRegion): Line {
  const { attributes, aliases } = region
  const names = [region.name, ...aliases.map(alias => `alias ${alias}`)].join(', ')
  const any = attributes?.any ? `, takes any of ${attributes.any}` : ''
  const none = attributes?.none ? `, none of ${attributes.none}` : ''
  return line(
    `${names}: from ${printExpression(region.origin)}, ${printExpression(region.length)} bytes${any}${none}`,
    region.span,
  )
}

const segmentTypeNames: Readonly<Record<string, string>> = {
  '0': 'null',
  '1': 'load',
  '2': 'dynamic',
  '3': 'interp',
  '4': 'note',
  '5': 'shlib',
  '6': 'phdr',
  '7': 'tls',
  '1685382480': 'gnu_eh_frame',
  '1685382481': 'gnu_stack',
  '1685382482': 'gnu_relro',
  '1685382483': 'gnu_property',
}

function describeSegment(segment: SegmentPlan): Line {
  const { type, extra } = segment
  const known = type.op === 'number' ? segmentTypeNames[String(type.value)] : undefined
  const words = [`${segment.name}: ${known ?? 'type ' + printExpression(type)}`]
  if (segment.flags !== undefined) words.push(`flags ${printFlags(segment.flags)}`)
  if (segment.fileHeader) words.push('with the ELF header')
  if (segment.programHeaders) words.push('with the program headers')
  if (segment.at !== undefined) words.push(`physical address ${printExpression(segment.at)}`)
  if (extra?.align !== undefined) words.push(`align ${printExpression(extra.align)}`)
  if (extra?.size !== undefined) words.push(`size ${printExpression(extra.size)}`)
  if (extra?.endAlign !== undefined) words.push(`end rounded up to ${printExpression(extra.endAlign)}`)
  if (extra?.fileEndsAt !== undefined) words.push(`bytes in the file up to ${extra.fileEndsAt}`)
  if (extra?.roundDown) words.push('rounded down to its alignment')
  if (extra?.covers !== undefined) words.push(`covers ${extra.covers.join(' ')}`)
  if (extra?.firstOnly) words.push('the first section only')
  if (extra?.optional) words.push('left out when empty')
  if (extra?.when !== undefined) words.push(`only with ${extra.when.join(' ')}`)
  if (extra?.unless !== undefined) words.push(`not with ${extra.unless.join(' ')}`)
  return line(words.join(', '), segment.span)
}

function printFlags(flags: Expression): string {
  if (flags.op !== 'number' || flags.value > 7n) return printExpression(flags)
  const bits = Number(flags.value)
  return `${bits & 4 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${bits & 1 ? 'x' : '-'}`
}

function describeStatement(statement: Statement): Line[] {
  if (statement.kind === 'output-section') return describeOutputSection(statement)
  return [line(simpleStatement(statement), statement.span)]
}

function simpleStatement(statement: Exclude<Statement, OutputSectionPlan>): string {
  if (statement.kind === 'assert') return `assert ${printExpression(statement.value)}: "${statement.message}"`
  const { symbol, operator, value, provide, hidden, option, boundary } = statement
  const words = [`${symbol} ${operator} ${printExpression(value)}`]
  if (provide) words.push('if needed and not defined')
  if (hidden) words.push('hidden')
  if (option) words.push('from --defsym')
  if (boundary !== undefined)
    words.push(
      `${boundary.unlisted ? 'never' : 'always'} listed, symbol type ${boundary.type}${boundary.whole ? ', size of the section' : ''}`,
    )
  return words.join(', ')
}

function describeOutputSection(section: OutputSectionPlan): Line[] {
  const heading = section.name === '/DISCARD/' ? 'discard' : `section ${section.name}`
  const words = [heading, ...placementWords(section), ...extraWords(section)]
  return [line(words.join(', '), section.span), ...indent(section.items.map(describeItem))]
}

function placementWords(section: OutputSectionPlan): string[] {
  const words: string[] = []
  const say = (text: string, value: Expression | undefined): void => {
    if (value !== undefined) words.push(`${text} ${printExpression(value)}`)
  }
  say('at', section.address)
  if (section.type !== undefined) {
    if (section.type.kind !== 'none') words.push(section.type.kind)
    say('type', section.type.value)
  }
  say('loaded at', section.loadAddress)
  say('aligned to', section.align)
  if (section.alignWithInput) words.push('load address aligned as the contents')
  say('contents aligned to', section.subalign)
  if (section.constraint === 'only-if-ro') words.push('only if all contents are read-only')
  if (section.constraint === 'only-if-rw') words.push('only if some contents are writable')
  if (section.constraint === 'special') words.push('special')
  if (section.region !== undefined) words.push(`in ${section.region}`)
  if (section.loadRegion !== undefined) words.push(`loaded from ${section.loadRegion}`)
  if (section.segments !== undefined) words.push(`segments ${section.segments.join(' ')}`)
  if (section.fill !== undefined) words.push(`gaps filled with ${describeFill(section.fill)}`)
  if (section.overlay !== undefined) words.push(`overlay ${section.overlay}`)
  say('location counter then', section.endAddress)
  return words
}

function extraWords({ extra }: OutputSectionPlan): string[] {
  if (extra === undefined) return []
  const words: string[] = []
  if (extra.keepEmpty) words.push('even when empty')
  if (extra.type !== undefined) words.push(`then of type ${extra.type}`)
  if (extra.flags !== undefined) words.push(`then with flags ${hex(extra.flags)}`)
  if (extra.headerAlign !== undefined) words.push(`shows alignment ${printExpression(extra.headerAlign)}`)
  if (extra.endAlign !== undefined) words.push(`end rounded up to ${printExpression(extra.endAlign)}`)
  if (extra.endPad !== undefined) words.push(`${printExpression(extra.endPad)} bytes more at the end`)
  if (extra.unallocated) words.push('not allocated')
  if (extra.offsetByAddress) words.push('shows a file offset that grows with its address')
  if (extra.entsize !== undefined) words.push(`entries of ${extra.entsize} bytes`)
  if (extra.keepEmptyWith !== undefined) words.push(`even when empty if there is ${extra.keepEmptyWith}`)
  if (extra.contentAlign) words.push('shows the alignment of its contents')
  if (extra.link !== undefined) words.push(`sh_link ${extra.link.section ?? extra.link.number}`)
  if (extra.info !== undefined) words.push(`sh_info ${extra.info.section ?? extra.info.number}`)
  if (extra.sorted !== undefined) words.push(`sorted by ${extra.sorted.keys.join(', ')} in group ${extra.sorted.group}`)
  return words
}

function describeItem(item: SectionItem): Line {
  switch (item.kind) {
    case 'input':
      return line(describeMatch(item), item.span)
    case 'assign':
    case 'assert':
      return line(simpleStatement(item), item.span)
    case 'data':
      return line(`${item.size} bytes${item.signed ? ', signed' : ''}: ${printExpression(item.value)}`, item.span)
    case 'string':
      return line(`bytes ${printBytes(item.bytes)}`, item.span)
    case 'fill':
      return line(`from here gaps filled with ${describeFill(item.fill)}`, item.span)
    case 'constructors':
      return line('constructors (nothing in ELF)', item.span)
    case 'object-symbols':
      return line('a symbol for each input file', item.span)
    case 'linker-version':
      return line("the linker's version, when asked for", item.span)
  }
}

function printBytes(bytes: readonly number[]): string {
  return bytes.map(byte => byte.toString(16).padStart(2, '0')).join(' ')
}

function describeFill(fill: FillPlan): string {
  return fill.kind === 'bytes' ? printBytes(fill.bytes) : `the word ${printExpression(fill.value)}`
}

/** An input section description in the words of the script. */
export function describeMatch(match: InputMatch): string {
  const sections = match.sections.map(describeSectionPattern).join(' ')
  const file = describeFilePattern(match.file)
  const whole = match.sections.length === 0 ? file : `${file}(${sections})`
  const flags =
    match.flags === undefined ? '' : `, flags with ${hex(match.flags.with)} without ${hex(match.flags.without)}`
  return (match.keep ? `KEEP(${whole})` : whole) + flags
}

function describeFilePattern(file: FilePattern): string {
  const name = file.archive === undefined ? file.pattern : `${file.archive}:${file.wholeArchive ? '' : file.pattern}`
  const sorted = file.sort === undefined ? name : `${file.sort === 'name' ? 'SORT_BY_NAME' : 'SORT_NONE'}(${name})`
  const reversed = file.reverse ? `REVERSE(${sorted})` : sorted
  return file.exclude.length === 0 ? reversed : `EXCLUDE_FILE(${file.exclude.join(' ')}) ${reversed}`
}

const sortWords = {
  name: 'SORT_BY_NAME',
  alignment: 'SORT_BY_ALIGNMENT',
  'init-priority': 'SORT_BY_INIT_PRIORITY',
  none: 'SORT_NONE',
} as const

function describeSectionPattern(section: SectionPattern): string {
  let text = section.pattern
  for (const sort of section.sort.toReversed()) text = `${sortWords[sort]}(${text})`
  if (section.reverse) text = `REVERSE(${text})`
  if (section.exclude.length > 0) text = `EXCLUDE_FILE(${section.exclude.join(' ')}) ${text}`
  return section.order === undefined ? text : `${text} by ${section.order.join(', ')}`
}

function describeVersion(node: VersionNode): Line[] {
  const parents = node.parents.length === 0 ? '' : `, after ${node.parents.join(' ')}`
  const list = (word: string, patterns: VersionNode['global']): Line[] =>
    patterns.map(({ pattern, literal, language, span }) => {
      const how = `${literal ? ', exactly' : ''}${language === 'C' ? '' : `, as ${language}`}`
      return { depth: 1, text: `${word} ${pattern}${how}`, span }
    })
  return [
    line(`${node.name === '' ? 'without a name' : node.name}${parents}`, node.span),
    ...list('global', node.global),
    ...list('local', node.local),
  ]
}

function describeForbidden(rule: LayoutPlan['noCrossReferences'][number]): Line {
  const [first, ...others] = rule.sections
  const text = rule.toFirst ? `to ${first} from ${others.join(' ')}` : `among ${rule.sections.join(' ')}`
  return line(text, rule.span)
}

function describeFeatures({ features }: LayoutPlan): Line[] {
  const lines: Line[] = []
  if (features.saneExpressions) lines.push(line('SANE_EXPR'))
  if (features.forceCommonAllocation) lines.push(line('common symbols are allocated with -r too'))
  if (features.inhibitCommonAllocation) lines.push(line('common symbols are not allocated'))
  if (features.forceGroupAllocation) lines.push(line('section groups are resolved with -r too'))
  return lines
}

function describeFile(file: FilePlan): Line[] {
  const lines: Line[] = []
  if (file.sectionHeaders === 'end') lines.push(line('section headers at the end'))
  if (file.sectionHeaders === 'after-program-headers') {
    const otherwise = file.sectionHeadersOverflow === 'end' ? ', at the end when they do not fit' : ''
    lines.push(line(`section headers behind the program headers${otherwise}`))
  }
  if (file.headersLast !== undefined) lines.push(line(`last headers: ${file.headersLast.join(' ')}`))
  if (file.headerOrder !== undefined) lines.push(line(`order of the headers: ${file.headerOrder.join(' ')}`))
  if (file.unloadedAlign !== undefined)
    lines.push(line(`what is not loaded starts at a multiple of ${printExpression(file.unloadedAlign)}`))
  if (file.unloaded !== undefined) lines.push(line(`not loaded, in this order: ${file.unloaded.join(' ')}`))
  if (file.unloadedPacked) lines.push(line('not loaded: without gaps'))
  if (file.unloadedPadded) lines.push(line('not loaded: room up to where it would start, although there is nothing'))
  for (const group of file.sectionNames ?? [])
    lines.push(
      line(`section names${group.when === undefined ? '' : ` when there is ${group.when}`}: ${group.names.join(' ')}`),
    )
  if (file.namesAreSection) lines.push(line('section names are the contents of .shstrtab'))
  const table = file.symbolTable
  if (table === undefined) return lines
  if (table.first !== undefined) lines.push(line(`first symbols: ${table.first.join(' ')}`))
  if (table.data !== undefined) lines.push(line(`symbols of data: ${table.data} first`))
  if (table.oldest !== undefined) lines.push(line(`oldest symbols: ${table.oldest.join(' ')}`))
  if (table.codeByAddress) lines.push(line('symbols of code by address'))
  if (table.codeFirst) lines.push(line('symbols of code first, locals file by file'))
  if (table.plainTypes) lines.push(line('symbols are functions or objects only'))
  if (table.weakAsGlobal) lines.push(line('weak symbols are shown as global'))
  if (table.hiddenAsLocal) lines.push(line('hidden symbols are shown as local'))
  if (table.containersUnless !== undefined)
    lines.push(line(`a symbol for each data section of objects without ${table.containersUnless}`))
  if (table.withoutImports) lines.push(line('symbols that are defined elsewhere are left out'))
  return lines
}

const dynamicWords: Readonly<Partial<Record<keyof DynamicPlan, string>>> = {
  bucketsByBits: 'as many hash buckets as the number of symbols has bits, and one',
  chainsByAge: 'hash chains by age',
  importsByUse: 'imports in the order of their use',
  importsAsMentioned: 'each mention of an import is an import, in their order',
  weakImportsStay: 'weak imports stay weak',
  importsAsObjects: 'imports shown as objects',
  plainExports: 'exports shown as functions and objects without size',
  stringsApart: 'no string is shared',
  keepEmpty: 'empty tables stay',
  plainVersions: 'version tables stay when there is no version',
  versionsByAge: 'needed versions by age',
  stubTagsWhenUsed: 'tags of stubs only when there are stubs',
  alwaysFlags1: 'FLAGS_1 even without flags',
  uncountedRelative: 'no tag that counts relative relocations',
  bareGot: 'the GOT begins with its slots',
  relocationsAsMet: 'relocations in the order they were met',
  slotsForWords: 'words with the address of an import are relocated like those of the GOT',
  emptyFirstSlot: 'the first word of .got.plt is zero',
  noCopies: 'no copied variables',
  lazyStubsOnly: 'every stub has a slot in .got.plt',
}

function describeDynamic(dynamic: DynamicPlan): Line[] {
  const lines: Line[] = []
  if (dynamic.hashStyle !== undefined) lines.push(line(`hash tables: ${dynamic.hashStyle}`))
  if (dynamic.tags !== undefined) lines.push(line(`tags: ${dynamic.tags.join(' ')}`))
  if (dynamic.spareTags !== undefined) lines.push(line(`empty tags at the end: ${dynamic.spareTags}`))
  if (dynamic.gotBase !== undefined) lines.push(line(`the GOT starts at ${dynamic.gotBase}`))
  for (const { section, index } of dynamic.exportIndices ?? [])
    lines.push(line(`exports of ${section} show section ${index}`))
  for (const [key, words] of Object.entries(dynamicWords))
    if (dynamic[key as keyof DynamicPlan] === true) lines.push(line(words))
  return lines
}

function describeInsertion(insertion: NonNullable<LayoutPlan['insertions']>[number]): Line {
  return line(`first ${insertion.count} statements ${insertion.position} ${insertion.section}`, insertion.span)
}
