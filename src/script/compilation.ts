/** What one run of the compile step knows and collects. It is the only mutable state of this room. */

import type { Name, Expression as SyntaxExpression } from '../../grammar/ast.ts'
import type { Span, TextEdit } from '../../grammar/span.ts'
import type { Wording } from '../diag/catalogue/entry.ts'
import { inScript, type Note } from '../diag/diagnostic.ts'
import type { Report } from '../diag/report.ts'
import type { Host } from '../host.ts'
import type {
  DynamicPlan,
  Expression,
  FilePlan,
  InputRequest,
  Insertion,
  MemoryRegion,
  NoCrossReference,
  PlanFeatures,
  SegmentPlan,
  Statement,
  TargetPlan,
  VersionNode,
} from '../plan/plan.ts'
import type { CompileOptions } from './options.ts'
import type { Draft, Levels } from './places.ts'
import { factValues, type PlanValue } from './scope.ts'

/** A region on the way: declared false while it is only used. */
export interface RegionDraft extends Draft<MemoryRegion> {
  declared: boolean
}

/** `@segment name type { .a .b }`: sections that are placed elsewhere and belong to this segment too. */
export interface SegmentMembers {
  readonly segment: string
  readonly patterns: readonly Name[]
}

/** The plan on the way. */
export interface PlanDraft {
  readonly sources: string[]
  readonly target: Draft<TargetPlan>
  readonly inputs: InputRequest[]
  readonly regions: RegionDraft[]
  /** undefined until PHDRS or @segment says what there is */
  segments: Draft<SegmentPlan>[] | undefined
  readonly segmentMembers: SegmentMembers[]
  readonly statements: Statement[]
  readonly insertions: Insertion[]
  readonly required: { readonly name: string; readonly span: Span }[]
  readonly versions: VersionNode[]
  readonly noCrossReferences: NoCrossReference[]
  readonly features: Draft<PlanFeatures>
  readonly file: Draft<FilePlan>
  readonly dynamic: Draft<DynamicPlan>
  /** number of the last @sort group of output sections */
  sortGroups: number
}

/** An open script: its name as shown and how it was found. */
export interface OpenScript {
  readonly name: string
  /** for comparing: absolute with links resolved where the host can */
  readonly canonical: string
}

export class Compilation {
  readonly options: CompileOptions
  readonly host: Host
  readonly report: Report
  readonly facts: ReadonlyMap<string, PlanValue>
  readonly draft: PlanDraft = {
    sources: [],
    target: {},
    inputs: [],
    regions: [],
    segments: undefined,
    segmentMembers: [],
    statements: [],
    insertions: [],
    required: [],
    versions: [],
    noCrossReferences: [],
    features: {
      saneExpressions: false,
      forceCommonAllocation: false,
      inhibitCommonAllocation: false,
      forceGroupAllocation: false,
    },
    file: {},
    dynamic: {},
    sortGroups: 0,
  }
  /** scripts being read, outermost first */
  readonly open: OpenScript[] = []
  /** names of all @param seen, to find -D names that none has */
  readonly parameters = new Set<string>()
  readonly levels: Levels
  private lastId: number

  constructor(options: CompileOptions, host: Host, report: Report, lastId: number, levels: (c: Compilation) => Levels) {
    this.options = options
    this.host = host
    this.report = report
    this.facts = factValues(options.facts)
    this.lastId = lastId
    this.levels = levels(this)
  }

  /** An id no statement of the plan has. */
  nextId(): number {
    return ++this.lastId
  }

  add(wording: Wording, span: Span, notes: readonly Note[] = [], fix?: readonly TextEdit[]): void {
    this.report.add(wording, inScript(span), notes, fix)
  }
}

/** The same record without members that are undefined: a plan has no such members, so that plans compare and print alike. */
export function present<T extends object>(record: T): T {
  const result: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(record)) if (value !== undefined) result[key] = value
  return result as T
}

export function numberExpression(value: bigint, span: Span): Expression {
  return { op: 'number', value: BigInt.asUintN(64, value), span }
}

/** What stands in the script for people to read; a missing expression is empty. */
export function describeSyntax(e: SyntaxExpression): string {
  switch (e.kind) {
    case 'number':
      return e.text
    case 'symbol':
      return e.name.text
    case 'string':
      return `"${e.value}"`
    case 'boolean':
      return String(e.value)
    case 'dot':
      return 'the location counter'
    case 'name-function':
      return `${e.function}(${e.name.text})`
    case 'value-function':
      return `${e.function}(…)`
    case 'sizeof-headers':
      return 'SIZEOF_HEADERS'
    case 'segment-start':
      return 'SEGMENT_START(…)'
    case 'extension-call':
      return `${e.name.text}(…)`
    default:
      return 'this expression'
  }
}
