/** Sections that the loader and the kernel look for: @interp, @note, @build_id. */
import type { ExtensionStatement, SectionBodyStatement } from '../../../grammar/ast.ts'
import { noteNotFixed } from '../../diag/catalogue/script-compile.ts'
import { foldConstant } from '../../plan/expression.ts'
import type { InputMatch, OutputSectionPlan, SectionItem } from '../../plan/plan.ts'
import { type Compilation, numberExpression, present } from '../compilation.ts'
import { sectionTypes, segmentTypes } from '../elf-names.ts'
import type { BodyDraft, SectionsPlace } from '../places.ts'
import { addSegment } from '../program-headers.ts'
import { Arguments } from './arguments.ts'
import { type ExtensionRows, type Site, sectionsOf } from './site.ts'

export const noteRows: ExtensionRows = {
  interp: { places: ['sections'], lower: lowerInterpreter },
  note: { places: ['sections'], lower: lowerNote },
  build_id: { places: ['sections'], lower: lowerBuildId },
}

function claim(section: string, statement: ExtensionStatement, c: Compilation): InputMatch {
  const { span } = statement
  return {
    kind: 'input',
    id: c.nextId(),
    span,
    keep: false,
    file: { pattern: '*', literal: false, exclude: [], span },
    sections: [{ pattern: section, exclude: [], sort: [], span }],
  }
}

function outputSection(
  name: string,
  items: readonly SectionItem[],
  segments: readonly string[] | undefined,
  statement: ExtensionStatement,
  c: Compilation,
): OutputSectionPlan {
  return present({
    kind: 'output-section',
    id: c.nextId(),
    span: statement.span,
    name,
    items,
    segments: segments === undefined || segments.length === 0 ? undefined : segments,
  } satisfies OutputSectionPlan)
}

/** Section .interp and its segment, which must precede every PT_LOAD (gABI). Both vanish when no loader is needed. */
function lowerInterpreter(statement: ExtensionStatement, site: Site): void {
  const c = site.compilation
  const place = sectionsOf(site)
  const list = new Arguments(statement, site)
  const path = list.name('the path of the interpreter in quotes')
  list.finish()
  if (path === undefined) return
  c.draft.target.interpreter = path
  const segments = [...(place.segments ?? []), ...interpreterSegment(place, statement, c)]
  place.sink.push(outputSection('.interp', [claim('.interp', statement, c)], segments, statement, c))
}

function interpreterSegment(place: SectionsPlace, statement: ExtensionStatement, c: Compilation): readonly string[] {
  // Without @segment or PHDRS the engine derives segments, PT_INTERP too.
  const all = c.draft.segments
  if (place.segments === undefined || all === undefined) return []
  const isType = (type: bigint) => (segment: (typeof all)[number]) => foldConstant(segment.type) === type
  const known = all.find(isType(segmentTypes['PT_INTERP']))
  if (known !== undefined) return place.segments.includes(known.name) ? [] : [known.name]
  const { span } = statement
  const type = numberExpression(segmentTypes['PT_INTERP'], span)
  const flags = numberExpression(4n, span)
  addSegment(
    { name: 'interp', type, flags, fileHeader: false, programHeaders: false, span, extra: { optional: true } },
    c,
  )
  const added = all.pop()
  const firstLoad = all.findIndex(isType(segmentTypes['PT_LOAD']))
  if (added !== undefined) all.splice(firstLoad < 0 ? all.length : firstLoad, 0, added)
  return ['interp']
}

/** The option --build-id says which kind; without it the section stays empty and is left out. */
function lowerBuildId(statement: ExtensionStatement, site: Site): void {
  const c = site.compilation
  const place = sectionsOf(site)
  new Arguments(statement, site).finish()
  const name = '.note.gnu.build-id'
  place.sink.push(outputSection(name, [claim(name, statement, c)], place.segments, statement, c))
}

/** `@note section "owner" type number { data }`: the head of the note is made here (gABI, Note Section). */
function lowerNote(statement: ExtensionStatement, site: Site): void {
  const c = site.compilation
  const place = sectionsOf(site)
  const { span } = statement
  const list = new Arguments(statement, site)
  const name = list.name('the name of a section')
  const owner = list.name('the owner of the note in quotes')
  const type = list.keyword('type') ? list.constant('the type of the note') : list.fail('type number')
  list.finish()
  if (name === undefined || owner === undefined || type === undefined) return
  const body: BodyDraft = { name, items: [], extra: {} }
  if (statement.block?.kind === 'block')
    c.levels.body(statement.block.statements as readonly SectionBodyStatement[], body, site.scope)
  const size = fixedSize(body.items)
  if (size === undefined) {
    c.add(noteNotFixed({}), span)
    return
  }
  const word = (value: number | bigint): SectionItem => ({
    kind: 'data',
    id: c.nextId(),
    span,
    size: 4,
    signed: false,
    value: numberExpression(BigInt(value), span),
  })
  const text = (bytes: readonly number[]): SectionItem => ({ kind: 'string', id: c.nextId(), span, bytes })
  const ownerBytes = [...[...owner].map(character => character.charCodeAt(0)), 0]
  const head = [word(ownerBytes.length), word(size), word(type), text(padded(ownerBytes))]
  const tail = size % 4 === 0 ? [] : [text(new Array<number>(4 - (size % 4)).fill(0))]
  const section = outputSection(name, [...head, ...body.items, ...tail], place.segments, statement, c)
  const request = { kind: 'none' as const, value: numberExpression(sectionTypes['SHT_NOTE'], span), span }
  const extra = { ...body.extra, flags: noteFlags }
  place.sink.push({ ...section, type: request, align: numberExpression(4n, span), extra })
}

/** SHF_ALLOC: a note is read only, whatever speaks of its size before it has contents. */
const noteFlags = 2

function padded(bytes: readonly number[]): readonly number[] {
  return [...bytes, ...new Array<number>((4 - (bytes.length % 4)) % 4).fill(0)]
}

/** Bytes of data items; undefined when something else is among them. */
function fixedSize(items: readonly SectionItem[]): number | undefined {
  let size = 0
  for (const item of items) {
    if (item.kind === 'data') size += item.size
    else if (item.kind === 'string') size += item.bytes.length
    else if (item.kind !== 'assign' || item.symbol === '.') return undefined
  }
  return size
}
