/**
 * `alias = function;` makes the alias a function too: GNU ld copies st_type from the one symbol that an expression reads,
 * whatever is done with it (`f + 4`, `MIN(f, 16)`); the condition of `?:` does not count, and two symbols are none.
 */
import { SymbolFlag, SymbolState } from '../records/tables.ts'
import type { Evaluator } from './evaluate.ts'
import type { LayoutState } from './state.ts'

/** st_type of a symbol assigned from the expression evaluated last; `before`: the one it had. */
export function symbolTypeOf(state: LayoutState, evaluator: Evaluator, before: number): number {
  const { source } = evaluator
  // A new value that says nothing of a type leaves the one that the name has.
  if (source < 0) return before
  // A name that the script defines has the type that it was given there, whatever objects say of it.
  const { symbols } = state.program
  if (symbols.state[source] !== SymbolState.Script) return symbols.type[source]!
  return state.symbols.get(source)?.type ?? typeInObject(state, source)
}

/** st_type before the first assignment: that of the object's own definition. */
export function typeInObject(state: LayoutState, symbol: number): number {
  const { flags, type } = state.program.symbols
  return (flags[symbol]! & SymbolFlag.ObjectDefinition) !== 0 ? type[symbol]! : 0
}
