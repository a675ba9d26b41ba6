/**
 * The plan as JSON text and back, exactly.
 *
 * 64-bit values are hexadecimal strings, spans are `[file, start, end, line, column]` with the file as a number into
 * `files`, byte strings are hexadecimal. A text that was edited by hand or cut off is answered with diagnostics.
 */
import type { Span } from '../../grammar/span.ts'
import { planDamaged, planNotJson, planVersionUnknown } from '../diag/catalogue/plan.ts'
import { inFile } from '../diag/diagnostic.ts'
import type { Report } from '../diag/report.ts'
import {
  byte,
  bytes,
  type Codec,
  count,
  flag,
  lazy,
  list,
  maybe,
  oneOf,
  type ReadContext,
  record,
  text,
  union,
  word,
} from './codec.ts'
import type {
  AssertStatement,
  AssignStatement,
  BinaryOperator,
  BoundarySymbol,
  DataItem,
  DynamicPlan,
  Expression,
  FilePattern,
  FilePlan,
  FillItem,
  FillPlan,
  HeaderReference,
  InputMatch,
  InputRequest,
  Insertion,
  LayoutPlan,
  MemoryRegion,
  NoCrossReference,
  OutputSectionExtra,
  OutputSectionPlan,
  PlanFeatures,
  SectionItem,
  SectionNameGroup,
  SectionPattern,
  SectionTypeRequest,
  SegmentExtra,
  SegmentPlan,
  Statement,
  StringItem,
  SymbolRequests,
  SymbolTablePlan,
  TargetPlan,
  VersionNode,
  VersionPattern,
} from './plan.ts'

const span: Codec<Span> = {
  write: (value, context) => [context.intern(value.file), value.start, value.end, value.line, value.column],
  read: (json, path, context) => {
    const numbers = Array.isArray(json) && json.length === 5 ? (json as unknown[]) : []
    const fits = numbers.length === 5 && numbers.every(n => typeof n === 'number' && Number.isSafeInteger(n) && n >= 0)
    const file = fits ? context.texts[numbers[0] as number] : undefined
    if (file === undefined) return context.fail(path, 'a span: [file, start, end, line, column]', json)
    const [, start, end, line, column] = numbers as number[]
    return { file, start, end, line, column }
  },
}

const expression: Codec<Expression> = lazy(() => expressions)
const e = expression

function unary(op: string): Codec<object> {
  return record<{ op: string; operand: Expression; span: Span }>({ op: oneOf(op), operand: e, span })
}

function binary(op: string): Codec<object> {
  return record<{ op: string; left: Expression; right: Expression; span: Span }>({
    op: oneOf(op),
    left: e,
    right: e,
    span,
  })
}

function ofSection(op: string): Codec<object> {
  return record<{ op: string; section: string; span: Span }>({ op: oneOf(op), section: text, span })
}

function ofRegion(op: string): Codec<object> {
  return record<{ op: string; region: string; span: Span }>({ op: oneOf(op), region: text, span })
}

function bare(op: string): Codec<object> {
  return record<{ op: string; span: Span }>({ op: oneOf(op), span })
}

type Node<Op extends Expression['op']> = Extract<Expression, { op: Op }>

const binaryOperators: readonly BinaryOperator[] = [
  ...(['+', '-', '*', '/', '%', '<<', '>>', '&', '|', '^'] as const),
  ...(['==', '!=', '<', '<=', '>', '>=', '&&', '||'] as const),
]

const expressions: Codec<Expression> = union('op', {
  number: record<Node<'number'>>({ op: oneOf('number'), value: word, span }),
  dot: bare('dot'),
  symbol: record<Node<'symbol'>>({ op: oneOf('symbol'), name: text, span }),
  unary: record<Node<'unary'>>({ op: oneOf('unary'), operator: oneOf('-', '+', '~', '!'), operand: e, span }),
  binary: record<Node<'binary'>>({ op: oneOf('binary'), operator: oneOf(...binaryOperators), left: e, right: e, span }),
  conditional: record<Node<'conditional'>>({ op: oneOf('conditional'), test: e, yes: e, no: e, span }),
  absolute: unary('absolute'),
  log2ceil: unary('log2ceil'),
  next: unary('next'),
  'data-segment-end': unary('data-segment-end'),
  'align-dot': unary('align-dot'),
  align: binary('align'),
  max: binary('max'),
  min: binary('min'),
  'data-segment-align': binary('data-segment-align'),
  'data-segment-relro-end': binary('data-segment-relro-end'),
  addr: ofSection('addr'),
  loadaddr: ofSection('loadaddr'),
  sizeof: ofSection('sizeof'),
  alignof: ofSection('alignof'),
  'sizeof-headers': bare('sizeof-headers'),
  defined: record<Node<'defined'>>({ op: oneOf('defined'), name: text, span }),
  origin: ofRegion('origin'),
  length: ofRegion('length'),
  constant: record<Node<'constant'>>({ op: oneOf('constant'), name: oneOf('MAXPAGESIZE', 'COMMONPAGESIZE'), span }),
  'segment-start': record<Node<'segment-start'>>({ op: oneOf('segment-start'), segment: text, fallback: e, span }),
  'section-start': record<Node<'section-start'>>({ op: oneOf('section-start'), section: text, fallback: e, span }),
  assert: record<Node<'assert'>>({ op: oneOf('assert'), value: e, message: text, span }),
})

const fill: Codec<FillPlan> = union('kind', {
  bytes: record<Extract<FillPlan, { kind: 'bytes' }>>({ kind: oneOf('bytes'), bytes, span }),
  word: record<Extract<FillPlan, { kind: 'word' }>>({ kind: oneOf('word'), value: e, span }),
})

const assign = record<AssignStatement>({
  kind: oneOf('assign'),
  id: count,
  span,
  symbol: text,
  operator: oneOf('=', '+=', '-=', '*=', '/=', '<<=', '>>=', '&=', '|=', '^='),
  value: e,
  provide: flag,
  hidden: flag,
  option: maybe(flag),
  boundary: maybe(record<BoundarySymbol>({ type: count, whole: maybe(flag), unlisted: maybe(flag) })),
})

const assertion = record<AssertStatement>({ kind: oneOf('assert'), id: count, span, value: e, message: text })

const filePattern = record<FilePattern>({
  pattern: text,
  archive: maybe(text),
  wholeArchive: maybe(flag),
  literal: flag,
  exclude: list(text),
  sort: maybe(oneOf('name', 'none')),
  reverse: maybe(flag),
  span,
})

const sectionPattern = record<SectionPattern>({
  pattern: text,
  exclude: list(text),
  sort: list(oneOf('name', 'alignment', 'init-priority', 'none')),
  reverse: maybe(flag),
  span,
  order: maybe(list(oneOf('size', 'name'))),
})

const inputMatch = record<InputMatch>({
  kind: oneOf('input'),
  id: count,
  span,
  keep: flag,
  file: filePattern,
  sections: list(sectionPattern),
  flags: maybe(record({ with: count, without: count })),
})

function lone(kind: string): Codec<object> {
  return record<{ kind: string; id: number; span: Span }>({ kind: oneOf(kind), id: count, span })
}

const item: Codec<SectionItem> = union('kind', {
  input: inputMatch,
  assign,
  assert: assertion,
  data: record<DataItem>({ kind: oneOf('data'), id: count, span, size: oneOf(1, 2, 4, 8), signed: flag, value: e }),
  string: record<StringItem>({ kind: oneOf('string'), id: count, span, bytes: list(byte) }),
  fill: record<FillItem>({ kind: oneOf('fill'), id: count, span, fill }),
  constructors: lone('constructors'),
  'object-symbols': lone('object-symbols'),
  'linker-version': lone('linker-version'),
})

const headerReference = record<HeaderReference>({ section: maybe(text), number: maybe(count) })

const sectionExtra = record<OutputSectionExtra>({
  keepEmpty: maybe(flag),
  keepEmptyWith: maybe(text),
  headerAlign: maybe(e),
  endAlign: maybe(e),
  endPad: maybe(e),
  type: maybe(count),
  flags: maybe(count),
  unallocated: maybe(flag),
  offsetByAddress: maybe(flag),
  contentAlign: maybe(flag),
  entsize: maybe(count),
  link: maybe(headerReference),
  info: maybe(headerReference),
  sorted: maybe(
    record<NonNullable<OutputSectionExtra['sorted']>>({
      group: count,
      keys: list(oneOf('size', 'name')),
      unit: maybe(count),
    }),
  ),
})

const sectionType = record<SectionTypeRequest>({
  kind: oneOf('none', 'noload', 'dsect', 'copy', 'info', 'overlay', 'readonly'),
  value: maybe(e),
  span,
})

const outputSection = record<OutputSectionPlan>({
  kind: oneOf('output-section'),
  id: count,
  span,
  name: text,
  address: maybe(e),
  type: maybe(sectionType),
  loadAddress: maybe(e),
  align: maybe(e),
  alignWithInput: maybe(flag),
  subalign: maybe(e),
  constraint: maybe(oneOf('only-if-ro', 'only-if-rw', 'special')),
  items: list(item),
  region: maybe(text),
  loadRegion: maybe(text),
  segments: maybe(list(text)),
  fill: maybe(fill),
  overlay: maybe(count),
  endAddress: maybe(e),
  extra: maybe(sectionExtra),
})

const statement: Codec<Statement> = union('kind', { assign, assert: assertion, 'output-section': outputSection })

type Request<K extends InputRequest['kind']> = Extract<InputRequest, { kind: K }>
const input: Codec<InputRequest> = lazy(() =>
  union('kind', {
    file: record<Request<'file'>>({ kind: oneOf('file'), name: text, asNeeded: flag, span }),
    library: record<Request<'library'>>({ kind: oneOf('library'), name: text, asNeeded: flag, span }),
    group: record<Request<'group'>>({ kind: oneOf('group'), members: list(input), span }),
    'search-dir': record<Request<'search-dir'>>({ kind: oneOf('search-dir'), path: text, span }),
    startup: record<Request<'startup'>>({ kind: oneOf('startup'), name: text, span }),
  }),
)

const region = record<MemoryRegion>({
  name: text,
  aliases: list(text),
  origin: e,
  length: e,
  attributes: maybe(record({ any: text, none: text })),
  span,
})

const segmentExtra = record<SegmentExtra>({
  align: maybe(e),
  size: maybe(e),
  roundDown: maybe(flag),
  covers: maybe(list(text)),
  optional: maybe(flag),
  firstOnly: maybe(flag),
  endAlign: maybe(e),
  fileEndsAt: maybe(text),
  when: maybe(list(text)),
  unless: maybe(list(text)),
})

const segment = record<SegmentPlan>({
  name: text,
  type: e,
  fileHeader: flag,
  programHeaders: flag,
  at: maybe(e),
  flags: maybe(e),
  span,
  extra: maybe(segmentExtra),
})

const file = record<FilePlan>({
  sectionHeaders: maybe(oneOf('end', 'after-program-headers')),
  sectionHeadersOverflow: maybe(oneOf('error', 'end')),
  headersLast: maybe(list(text)),
  headerOrder: maybe(list(text)),
  unloadedAlign: maybe(e),
  unloaded: maybe(list(text)),
  unloadedPacked: maybe(flag),
  unloadedPadded: maybe(flag),
  sectionNames: maybe(list(record<SectionNameGroup>({ names: list(text), when: maybe(text) }))),
  namesAreSection: maybe(flag),
  symbolTable: maybe(
    record<SymbolTablePlan>({
      first: maybe(list(text)),
      data: maybe(oneOf('oldest', 'newest')),
      oldest: maybe(list(text)),
      codeByAddress: maybe(flag),
      codeFirst: maybe(flag),
      plainTypes: maybe(flag),
      weakAsGlobal: maybe(flag),
      hiddenAsLocal: maybe(flag),
      withoutImports: maybe(flag),
      containersUnless: maybe(text),
    }),
  ),
})

const dynamic = record<DynamicPlan>({
  hashStyle: maybe(oneOf('sysv', 'gnu', 'both')),
  bucketsByBits: maybe(flag),
  chainsByAge: maybe(flag),
  importsByUse: maybe(flag),
  importsAsMentioned: maybe(flag),
  importsAsObjects: maybe(flag),
  weakImportsStay: maybe(flag),
  plainExports: maybe(flag),
  exportIndices: maybe(list(record({ section: text, index: count }))),
  stringsApart: maybe(flag),
  tags: maybe(list(text)),
  spareTags: maybe(count),
  keepEmpty: maybe(flag),
  plainVersions: maybe(flag),
  plainVersionsAlign: maybe(count),
  stubTagsWhenUsed: maybe(flag),
  alwaysFlags1: maybe(flag),
  uncountedRelative: maybe(flag),
  bareGot: maybe(flag),
  versionsByAge: maybe(flag),
  relocationsAsMet: maybe(flag),
  slotsForWords: maybe(flag),
  emptyFirstSlot: maybe(flag),
  gotBase: maybe(text),
  noCopies: maybe(flag),
  lazyStubsOnly: maybe(flag),
})

const target = record<TargetPlan>({
  arch: maybe(record({ name: text, span })),
  format: maybe(record<NonNullable<TargetPlan['format']>>({ name: text, big: maybe(text), little: maybe(text), span })),
  inputFormat: maybe(record({ name: text, span })),
  entry: maybe(record({ symbol: text, span })),
  entryAlternatives: maybe(list(text)),
  pageSize: maybe(count),
  output: maybe(record({ name: text, span })),
  map: maybe(record({ name: text, span })),
  interpreter: maybe(text),
  osabi: maybe(count),
  buildId: maybe(flag),
  machineFlags: maybe(count),
})

const versionPattern = record<VersionPattern>({ pattern: text, literal: flag, language: text, span })
const version = record<VersionNode>({
  name: text,
  parents: list(text),
  global: list(versionPattern),
  local: list(versionPattern),
  span,
})

const plan = record<LayoutPlan>({
  version: oneOf(1),
  sources: list(text),
  target,
  inputs: list(input),
  regions: list(region),
  segments: maybe(list(segment)),
  statements: list(statement),
  symbols: record<SymbolRequests>({ required: list(record({ name: text, span })), versions: list(version) }),
  noCrossReferences: list(record<NoCrossReference>({ sections: list(text), toFirst: flag, span })),
  features: record<PlanFeatures>({
    saneExpressions: flag,
    forceCommonAllocation: flag,
    inhibitCommonAllocation: flag,
    forceGroupAllocation: flag,
  }),
  file: maybe(file),
  dynamic: maybe(dynamic),
  insertions: maybe(list(record<Insertion>({ position: oneOf('after', 'before'), section: text, count, span }))),
})

/** First member of the JSON text; tells a plan from any other JSON. */
export const planFormat = 'tsld-layout-plan'

/**
 * The plan as JSON text.
 *
 * @param indent spaces per level; 0 for one line, which is how plans are embedded
 */
export function planToJson(layout: LayoutPlan, indent = 0): string {
  const files = new Map<string, number>()
  const intern = (name: string): number => {
    const known = files.get(name)
    if (known !== undefined) return known
    files.set(name, files.size)
    return files.size - 1
  }
  const written = plan.write(layout, { intern })
  return JSON.stringify({ format: planFormat, files: [...files.keys()], plan: written }, null, indent)
}

/** True when a file begins as a plan in JSON does, so that `-T` can tell it from a script. */
export function looksLikePlan(text: string): boolean {
  return /^\s*\{\s*"format"\s*:\s*"tsld-layout-plan"/.test(text)
}

/** How many damaged places are reported; one broken list makes hundreds. */
const damageLimit = 10

/**
 * Reads what `planToJson` wrote. Undefined after diagnostics, when the text is no JSON, of another version, or damaged.
 *
 * @param name of the file, for diagnostics
 */
export function planFromJson(json: string, name: string, report: Report): LayoutPlan | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(json)
  } catch (error) {
    report.add(planNotJson({ detail: error instanceof Error ? error.message : String(error) }), inFile(name))
    return undefined
  }
  const outer = typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {}
  const inner = outer['plan'] as { version?: unknown } | null | undefined
  if (outer['format'] !== planFormat || typeof inner !== 'object' || inner === null) {
    report.add(planNotJson({ detail: `its "format" is not "${planFormat}"` }), inFile(name))
    return undefined
  }
  if (inner.version !== 1) {
    report.add(planVersionUnknown({ version: String(inner.version) }), inFile(name))
    return undefined
  }
  return readChecked(inner, outer['files'], name, report)
}

function readChecked(inner: unknown, files: unknown, name: string, report: Report): LayoutPlan | undefined {
  let failures = 0
  const fail = <T>(path: string, expected: string, found: unknown): T => {
    failures++
    if (failures <= damageLimit) report.add(planDamaged({ path, expected, found: describeJson(found) }), inFile(name))
    return undefined as T
  }
  const context: ReadContext = { texts: [], depth: 0, fail }
  const texts = list(text).read(files, 'files', context)
  if (failures > 0) return undefined
  const layout = plan.read(inner, 'plan', { ...context, texts })
  return failures > 0 ? undefined : layout
}

function describeJson(found: unknown): string {
  if (found === undefined) return 'nothing'
  if (Array.isArray(found)) return `a list of ${found.length}`
  if (typeof found === 'object' && found !== null) return 'an object'
  return JSON.stringify(found).slice(0, 60)
}
