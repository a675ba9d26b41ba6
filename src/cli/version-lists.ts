/** --version-script and --dynamic-list: put into the plan, or into the list of exported symbols. */
import type { Report } from '../diag/report.ts'
import { compileDynamicList, compileVersionScript } from '../language.ts'
import type { LayoutPlan } from '../tsld.ts'
import type { PieceText } from './read-pieces.ts'

export function addLists(
  plan: LayoutPlan,
  pieces: readonly PieceText[],
  report: Report,
): { plan: LayoutPlan; exportSymbols: string[] } {
  const exportSymbols: string[] = []
  let versions = plan.symbols.versions
  for (const piece of pieces) {
    if (piece.kind === 'version-script')
      versions = [...versions, ...compileVersionScript(piece.text, piece.name, report)]
    if (piece.kind === 'dynamic-list') exportSymbols.push(...compileDynamicList(piece.text, piece.name, report))
  }
  const symbols = versions === plan.symbols.versions ? plan.symbols : { ...plan.symbols, versions }
  return { plan: symbols === plan.symbols ? plan : { ...plan, symbols }, exportSymbols }
}
