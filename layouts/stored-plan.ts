/**
 * Plans of the default layouts as text in the bundle, small enough to be read in a millisecond: a span is kept as one
 * number (file and line), a 64-bit value as a hexadecimal string.
 */
import type { Span } from '../grammar/span.ts'
import type { LayoutPlan } from '../src/plan/plan.ts'

/** more lines than a script of ours has */
const linesPerFile = 100_000

/** Plan to text. The same plan always gives the same text. */
export function storePlan(plan: LayoutPlan): string {
  return JSON.stringify(plan, (key, value) => {
    if (key === 'span') return spanNumber(value as Span, plan.sources)
    return typeof value === 'bigint' ? `0x${value.toString(16)}` : value
  })
}

function spanNumber(span: Span, sources: readonly string[]): number {
  return Math.max(0, sources.indexOf(span.file)) * linesPerFile + span.line
}

/** Text to plan. Spans have their line; column and offsets are lost. */
export function readStoredPlan(text: string): LayoutPlan {
  const plan = JSON.parse(text) as LayoutPlan
  restore(plan as unknown as Tree, { sources: plan.sources, known: new Map() })
  return plan
}

type Tree = { [key: string]: unknown; span?: unknown; op?: unknown; value?: unknown }

interface Spans {
  readonly sources: readonly string[]
  /** one object a line, shared by all nodes that stand on it */
  readonly known: Map<number, Span>
}

function restore(node: Tree | readonly unknown[], spans: Spans): void {
  if (Array.isArray(node)) {
    for (const child of node) if (typeof child === 'object' && child !== null) restore(child as Tree, spans)
    return
  }
  const tree = node as Tree
  for (const child of Object.values(tree))
    if (typeof child === 'object' && child !== null) restore(child as Tree, spans)
  if (typeof tree.span === 'number') tree.span = spanOf(tree.span, spans)
  if (tree.op === 'number') tree.value = BigInt(tree.value as string)
}

function spanOf(number: number, { sources, known }: Spans): Span {
  let span = known.get(number)
  if (span === undefined) {
    const line = number % linesPerFile
    span = { file: sources[(number - line) / linesPerFile] ?? '', start: 0, end: 0, line, column: 1 }
    known.set(number, span)
  }
  return span
}
