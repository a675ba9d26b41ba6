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

/** Runs once a link, before anything is compiled: `for in` makes no arrays, and asks of each value what it is just once. */
function restore(node: Tree | readonly unknown[], spans: Spans): void {
  if (Array.isArray(node)) {
    for (let i = 0; i < node.length; i++) {
      const child: unknown = node[i]
      if (typeof child === 'object' && child !== null) restore(child as Tree, spans)
    }
    return
  }
  const tree = node as Tree
  for (const key in tree) {
    const child = tree[key]
    if (typeof child === 'object') {
      if (child !== null) restore(child as Tree, spans)
    } else if (key === 'span') tree.span = spanOf(child as number, spans)
    else if (key === 'value' && tree.op === 'number') tree.value = BigInt(child as string)
  }
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
