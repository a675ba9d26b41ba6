/** The entry symbol: -e, ENTRY, or the first of a layout's names that is defined. */
import type { LayoutPlan } from '../../plan/plan.ts'
import type { LinkRequest } from '../records/request.ts'
import { SymbolFlag, SymbolState } from '../records/tables.ts'
import type { Loading } from './loading.ts'

/** Names of the entry symbol, best first; none when -e gives a number. */
export function entryNames(request: LinkRequest, plan: LayoutPlan): readonly string[] {
  if (request.entry !== undefined) return /^[0-9]/.test(request.entry) ? [] : [request.entry]
  const name = plan.target.entry?.symbol
  return name === undefined ? [] : [name, ...(plan.target.entryAlternatives ?? [])]
}

/** Id of the first entry symbol that is defined, else of the first; -1: none is asked for. */
export function entrySymbol(loading: Loading): number {
  const { symbols } = loading
  const ids = entryNames(loading.request, loading.plan).map(name => symbols.names.findText(name))
  const chosen = ids.find(id => id >= 0 && symbols.state[id]! >= SymbolState.Defined) ?? ids[0] ?? -1
  // The other ones are wanted no longer: what no object speaks of is not there.
  for (const id of ids) {
    if (id < 0 || id === chosen || (symbols.flags[id]! & SymbolFlag.Regular) !== 0) continue
    if (symbols.state[id] === SymbolState.Undefined) symbols.state[id] = SymbolState.Unknown
  }
  return chosen
}
