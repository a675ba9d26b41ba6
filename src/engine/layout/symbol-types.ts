/**
 * `alias = function;` makes the alias a function too: GNU ld copies st_type from the one symbol that an expression reads,
 * whatever is done with it (`f + 4`, `MIN(f, 16)`); the condition of `?:` does not count, and two symbols are none.
 */
import { SymbolFlag } from '../records/tables.ts'
import type { Evaluator } from './evaluate.ts'
import type { LayoutState } from './state.ts'

/** st_type that the symbol takes over from the expression evaluated last, 0 for none. */
export function symbolTypeOf(state: LayoutState, evaluator: Evaluator, assigned: number): number {
  const { symbols } = state.program
  const source = evaluator.source
  if (source >= 0) return state.symbols.get(source)?.type || symbols.type[source]!
  // What the script gives a new value keeps the type the object gave it.
  return (symbols.flags[assigned]! & SymbolFlag.ObjectDefinition) !== 0 ? symbols.type[assigned]! : 0
}
