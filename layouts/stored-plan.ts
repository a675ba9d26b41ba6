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
  restore(plan as unknown as Tree, plan.sources)
  return plan
}

type Tree = { [key: string]: Tree } & { span?: unknown; op?: unknown; value?: unknown }

function restore(node: Tree, sources: readonly string[]): void {
  for (const key in node) {
    const child: unknown = node[key]
    if (typeof child === 'object' && child !== null) restore(child as Tree, sources)
  }
  if (typeof node.span === 'number') node.span = spanOf(node.span, sources)
  if (node.op === 'number') node.value = BigInt(node.value as string) as unknown as Tree
}

function spanOf(number: number, sources: readonly string[]): Span {
  const line = number % linesPerFile
  return { file: sources[(number - line) / linesPerFile] ?? '', start: 0, end: 0, line, column: 1 }
}
