/**
 * `alias = function;` makes the alias a function too: GNU ld copies st_type from the symbol that an assignment names,
 * alone or plus or minus a number.
 */
import type { AssignStatement, Expression } from '../../plan/plan.ts'
import { SymbolFlag } from '../records/tables.ts'
import type { Evaluator } from './evaluate.ts'
import type { LayoutState } from './state.ts'

/** st_type that the assigned symbol takes over, 0 for none. */
export function symbolTypeOf(state: LayoutState, evaluator: Evaluator, statement: AssignStatement): number {
  if (statement.operator !== '=') return 0
  const name = sourceOf(statement.value)
  const id = evaluator.symbolId(name ?? statement.symbol)
  if (id < 0) return 0
  if (name === undefined) return isObjects(state, id) ? state.program.symbols.type[id]! : 0
  return state.symbols.get(id)?.type || state.program.symbols.type[id]!
}

/** What the script gives a new value keeps the type the object gave it. */
function isObjects(state: LayoutState, id: number): boolean {
  return (state.program.symbols.flags[id]! & SymbolFlag.ObjectDefinition) !== 0
}

function sourceOf(e: Expression): string | undefined {
  if (e.op === 'symbol') return e.name
  if (e.op === 'binary' && (e.operator === '+' || e.operator === '-')) {
    if (e.right.op === 'number') return sourceOf(e.left)
    if (e.left.op === 'number') return sourceOf(e.right)
  }
  return undefined
}
