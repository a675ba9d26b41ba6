/** --version-script and --dynamic-list: put into the plan, or into the list of exported symbols. */
import type { Report } from '../diag/report.ts'
import type { Host } from '../host.ts'
import { type CompileOptions, compileDynamicLists, compileVersions } from '../language.ts'
import type { LayoutPlan } from '../tsld.ts'
import type { PieceText } from './read-pieces.ts'

export function addLists(
  plan: LayoutPlan,
  pieces: readonly PieceText[],
  options: CompileOptions,
  host: Host,
  report: Report,
): { plan: LayoutPlan; exportSymbols: string[] } {
  const exportSymbols: string[] = []
  const versions = [...plan.symbols.versions]
  for (const piece of pieces) {
    if (piece.kind === 'version-script')
      versions.push(...compileVersions(piece.text, piece.name, options, host, report))
    if (piece.kind === 'dynamic-list')
      for (const node of compileDynamicLists(piece.text, piece.name, options, host, report))
        exportSymbols.push(...node.global.map(each => each.pattern))
  }
  if (versions.length === plan.symbols.versions.length) return { plan, exportSymbols }
  return { plan: { ...plan, symbols: { ...plan.symbols, versions } }, exportSymbols }
}
