/** What assignments mean by their form: operators, what leaves a section empty, and the section of a symbol that is `.`. */
import { foldConstant } from '../../plan/expression.ts'
import type { AssignStatement, Expression } from '../../plan/plan.ts'
import { Content } from './content-flags.ts'
import type { LayoutState, OutputState } from './state.ts'

/** `x += e` as `x + e`. */
export function withOperator(statement: AssignStatement): Expression {
  if (statement.operator === '=') return statement.value
  const { span, symbol, value } = statement
  const left: Expression = symbol === '.' ? { op: 'dot', span } : { op: 'symbol', name: symbol, span }
  const operator = statement.operator.slice(0, -1) as '+' | '-' | '*' | '/' | '<<' | '>>' | '&' | '|' | '^'
  return { op: 'binary', operator, left, right: value, span }
}

/**
 * Assignments that may leave a section empty: `. = 0`, `. = zero`, `. = . + 0`, `. = . + zero`, `. = ALIGN(. != 0 ? e : 1)`.
 * @param isZeroName is a name an absolute 0 that the script has assigned in this pass
 */
export function keepsNothing(statement: AssignStatement, isZeroName: (name: string) => boolean): boolean {
  const e = withOperator(statement)
  const isZero = (x: Expression): boolean => foldConstant(x) === 0n || (x.op === 'symbol' && isZeroName(x.name))
  if (isZero(e)) return true
  if (e.op === 'binary' && e.operator === '+' && e.left.op === 'dot' && isZero(e.right)) return true
  if (e.op !== 'align-dot' || e.operand.op !== 'conditional') return false
  const { test, no } = e.operand
  const asksDot =
    test.op === 'binary' && test.operator === '!=' && test.left.op === 'dot' && foldConstant(test.right) === 0n
  return asksDot && foldConstant(no) === 1n
}

/**
 * The section a symbol belongs to that was assigned from the location counter between sections.
 * @param current last allocated output section in front of the assignment
 * @param prefersNext `.` was assigned since
 * @param position of the assignment in Placement.sequence
 */
export function homeOfDot(
  state: LayoutState,
  current: OutputState | undefined,
  prefersNext: boolean,
  position: number,
): OutputState | undefined {
  const kept = state.headerOrder.filter(output => !output.removed)
  const fits = (output: OutputState): boolean =>
    (output.content & Content.Alloc) !== 0 && (output.content & Content.ThreadLocal) === 0
  if (current === undefined || prefersNext) {
    let next: OutputState | undefined
    const { sequence } = state.placement
    for (let i = position; i < sequence.length && next === undefined; i++) {
      const item = sequence[i]!
      if (item.kind !== 'output') continue
      const output = state.outputs[item.index]!
      if (output.afterEnd || (output.created && !output.removed)) next = output
    }
    if (current === undefined || next === undefined || !next.afterEnd) {
      let at = next === undefined ? kept.length - 1 : kept.indexOf(next)
      while (at >= 0 && !fits(kept[at]!)) at--
      return at >= 0 ? kept[at] : undefined
    }
  }
  for (let at = state.headerOrder.indexOf(current); at >= 0; at--) {
    const output = state.headerOrder[at]!
    if (!output.removed && fits(output)) return output
  }
  return kept.find(fits)
}
