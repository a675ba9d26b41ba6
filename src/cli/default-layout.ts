/** Plans of the layouts that come with tsld: stored ones as they are, others compiled from the texts in the program. */
import { type LayoutFacts, type LayoutRow, layoutNamed, storedKey } from '../../layouts/catalog.ts'
import { readStoredPlan } from '../../layouts/stored-plan.ts'
import type { Report } from '../diag/report.ts'
import { compileScripts } from '../language.ts'
import { type LayoutPlan, MemoryHost } from '../tsld.ts'
import { targetFacts } from './target-facts.ts'

/** Stored plans by `storedKey`, and the scripts by name. */
export interface LayoutStore {
  readonly plans: Readonly<Record<string, string>>
  readonly texts: Readonly<Record<string, string>>
}

/** The row whose script serves: -r has one script for all layouts. */
export function servingRow(row: LayoutRow, facts: LayoutFacts): LayoutRow | undefined {
  if (row.script(facts) !== undefined) return row
  return facts.output === 'relocatable' ? layoutNamed('gnu') : undefined
}

/** The plan of a layout; undefined after an error in its script. */
export function layoutPlan(
  row: LayoutRow,
  facts: LayoutFacts,
  store: LayoutStore,
  defines: ReadonlyMap<string, string>,
  report: Report,
): LayoutPlan | undefined {
  const stored = defines.size === 0 ? store.plans[storedKey(row, facts)] : undefined
  return stored === undefined ? compileLayout(row, facts, store.texts, defines, report) : readStoredPlan(stored)
}

/** Compiles a layout's script. `defines` (-D) come on top of the values that the catalogue gives the parameters. */
export function compileLayout(
  row: LayoutRow,
  facts: LayoutFacts,
  texts: Readonly<Record<string, string>>,
  defines: ReadonlyMap<string, string>,
  report: Report,
): LayoutPlan | undefined {
  const name = row.script(facts)!
  const options = {
    searchPaths: [],
    defines: new Map([...Object.entries(row.parameters(facts)), ...defines]),
    facts: targetFacts(facts, 'none'),
  }
  return compileScripts([{ kind: 'script', name, text: texts[name]! }], options, new MemoryHost(texts), report)
}
