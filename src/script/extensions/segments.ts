/**
 * @segment and what stands in it about headers: one program header each, in the order of the statements.
 *
 * A block with statements places sections: each gets the segments of all blocks around it. A block of names only adds
 * the segment to sections placed elsewhere (a PT_TLS over .tdata and .tbss of a PT_LOAD).
 */
import type { ExtensionStatement } from '../../../grammar/ast.ts'
import { argumentExpected, segmentRepeated, segmentTypeUnknown } from '../../diag/catalogue/script-compile.ts'
import { inScript } from '../../diag/diagnostic.ts'
import type { AssignStatement, Expression, SegmentExtra, SegmentPlan } from '../../plan/plan.ts'
import { type Compilation, numberExpression, present } from '../compilation.ts'
import { segmentTypes } from '../elf-names.ts'
import { nearestName } from '../nearest.ts'
import type { Draft } from '../places.ts'
import { addSegment, checkHeaders } from '../program-headers.ts'
import { Arguments } from './arguments.ts'
import { type ExtensionRows, type Site, sectionsOf } from './site.ts'

export const segmentRows: ExtensionRows = {
  segment: { places: ['top', 'sections'], lower: lowerSegment },
  headers: { places: ['sections'], lower: placeHeaders },
  elf_header: { places: ['sections'], lower: placeHeaders },
  program_headers: { places: ['sections'], lower: placeHeaders },
}

const flagBits: Readonly<Record<string, bigint>> = { r: 4n, w: 2n, x: 1n }

interface SegmentWords {
  readonly type: bigint
  readonly flags?: Expression
  readonly at?: Expression
  readonly loadAt?: Expression
  readonly align?: Expression
  readonly size?: Expression
  readonly endAlign?: Expression
  readonly roundDown: boolean
  readonly firstOnly: boolean
  readonly optional: boolean
  readonly always: boolean
  /** sections without which the segment is not there, and with which it is not */
  readonly when?: readonly string[]
  readonly unless?: readonly string[]
}

/** `name type (rwx) at address align size load_at address flags bits size bytes round_down optional when section unless section` */
function lowerSegment(statement: ExtensionStatement, site: Site): void {
  const c = site.compilation
  const place = sectionsOf(site)
  const list = new Arguments(statement, site)
  const name = list.name('the name of the segment')
  if (name === undefined) return
  const same = c.draft.segments?.find(segment => segment.name === name)
  if (same !== undefined)
    c.add(segmentRepeated({ name }), statement.span, [{ text: 'it stands here', at: inScript(same.span) }])
  const words = readWords(list)
  if (words === undefined) return
  const { block } = statement
  const hasMembers =
    block?.kind === 'names' ? block.names.length > 0 : block?.kind === 'block' && block.statements.length > 0
  const extra: SegmentExtra = present({
    align: words.align,
    size: words.size,
    roundDown: words.roundDown ? true : undefined,
    firstOnly: words.firstOnly ? true : undefined,
    endAlign: words.endAlign,
    when: words.when,
    unless: words.unless,
    optional: words.optional || (block?.kind === 'names' && hasMembers && !words.always) ? true : undefined,
  } satisfies SegmentExtra)
  const segment: Draft<SegmentPlan> = present({
    name,
    type: numberExpression(words.type, statement.span),
    fileHeader: false,
    programHeaders: false,
    at: words.loadAt,
    flags: words.flags,
    span: statement.span,
    extra: Object.keys(extra).length === 0 ? undefined : extra,
  } satisfies SegmentPlan)
  addSegment(segment, c)
  if (block?.kind === 'names') {
    if (hasMembers) c.draft.segmentMembers.push({ segment: name, patterns: block.names })
    return
  }
  if (block?.kind === 'entries' || block === undefined) {
    if (block !== undefined) list.fail('a block of sections')
    return
  }
  const start = startAddress(words, statement)
  if (start !== undefined) place.sink.push(setDot(start, statement, c))
  const segments = [...(place.segments ?? []), name]
  c.levels.sections(block.statements, { sink: place.sink, segments, segment }, site.scope)
}

/** A loaded segment begins at `at`, or at the next multiple of its alignment. */
function startAddress(words: SegmentWords, statement: ExtensionStatement): Expression | undefined {
  if (words.at !== undefined) return words.at
  const isLoad = words.type === segmentTypes['PT_LOAD']
  return isLoad && words.align !== undefined
    ? { op: 'align-dot', operand: words.align, span: statement.span }
    : undefined
}

export function setDot(
  value: Expression,
  statement: Pick<ExtensionStatement, 'span'>,
  c: Compilation,
): AssignStatement {
  return {
    kind: 'assign',
    id: c.nextId(),
    span: statement.span,
    symbol: '.',
    operator: '=',
    value,
    provide: false,
    hidden: false,
  }
}

function readWords(list: Arguments): SegmentWords | undefined {
  const type = readType(list)
  if (type === undefined) return undefined
  const words: Draft<SegmentWords> = { type, roundDown: false, firstOnly: false, optional: false, always: false }
  const letters = list.list()
  if (letters !== undefined) {
    const text = letters.items.map(item => (item.kind === 'symbol' ? item.name.text : '?')).join('')
    if (/^[rwx]*$/.test(text)) {
      const bits = [...text].reduce((sum, letter) => sum | flagBits[letter], 0n)
      words.flags = numberExpression(bits, letters.span)
    } else list.fail('flags of r, w and x in parentheses', letters)
  }
  while (list.next !== undefined) {
    if (list.keyword('at')) words.at = list.expression('an address behind at')
    else if (list.keyword('align')) words.align = list.expression('an alignment behind align')
    else if (list.keyword('flags')) words.flags = list.expression('a number behind flags')
    else if (list.keyword('size')) words.size = list.expression('a size behind size')
    else if (list.keyword('load_at')) words.loadAt = list.expression('an address behind load_at')
    else if (list.keyword('end_align')) words.endAlign = list.expression('an alignment behind end_align')
    else if (list.keyword('round_down')) words.roundDown = true
    else if (list.keyword('first_only')) words.firstOnly = true
    else if (list.keyword('optional')) words.optional = true
    else if (list.keyword('always')) words.always = true
    else if (list.keyword('when')) words.when = [...(words.when ?? []), ...sectionNames(list)]
    else if (list.keyword('unless')) words.unless = [...(words.unless ?? []), ...sectionNames(list)]
    else {
      list.fail('at, align, flags, size, load_at, end_align, round_down, first_only, when, unless, optional or always')
      return undefined
    }
  }
  return words
}

/** One name of a section behind `when` or `unless`. */
function sectionNames(list: Arguments): string[] {
  const name = list.name('the name of a section')
  return name === undefined ? [] : [name]
}

/** `load`, `gnu_stack`, … are the PT_ names in lower case; any number will do. */
function readType(list: Arguments): bigint | undefined {
  const argument = list.next
  if (argument?.kind === 'symbol') {
    const name = 'PT_' + argument.name.text.replace(/^PT_/, '').toUpperCase()
    if (Object.hasOwn(segmentTypes, name)) {
      list.word()
      return segmentTypes[name]
    }
    if (list.site.scope.value(argument.name.text) === undefined && argument.name.parts === undefined) {
      const names = Object.keys(segmentTypes).map(each => each.slice(3).toLowerCase())
      const type = argument.name.text
      list.site.compilation.add(segmentTypeUnknown({ type, nearest: nearestName(type, names) }), argument.span)
      return undefined
    }
  }
  return list.constant('a segment type: load, note, tls, gnu_stack, … or a number')
}

/** @headers, @elf_header, @program_headers: the segment starts with them. @headers also leaves room for them. */
function placeHeaders(statement: ExtensionStatement, site: Site): void {
  const c = site.compilation
  const place = sectionsOf(site)
  new Arguments(statement, site).finish()
  const { segment } = place
  if (segment === undefined) {
    c.add(
      argumentExpected({ statement: statement.name, expected: 'an @segment around it', found: 'none' }),
      statement.span,
    )
    return
  }
  if (statement.name !== 'program_headers') segment.fileHeader = true
  if (statement.name !== 'elf_header') segment.programHeaders = true
  checkHeaders(segment, c)
  if (statement.name !== 'headers') return
  const { span } = statement
  const value: Expression = {
    op: 'binary',
    operator: '+',
    left: { op: 'dot', span },
    right: { op: 'sizeof-headers', span },
    span,
  }
  place.sink.push(setDot(value, statement, c))
}
