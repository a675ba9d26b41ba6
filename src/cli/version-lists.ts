/** --version-script and --dynamic-list: put into the plan, or into the list of exported symbols. */
import { isWildcard } from '../base/glob.ts'
import type { Report } from '../diag/report.ts'
import type { Host } from '../host.ts'
import { type CompileOptions, compileDynamicLists, compileVersions } from '../language.ts'
import type { LayoutPlan, VersionPattern } from '../tsld.ts'
import type { PieceText } from './read-pieces.ts'

/** What the lists add to a plan and a request. */
export interface AddedLists {
  readonly plan: LayoutPlan
  readonly exportSymbols: readonly string[]
  readonly exportPatterns: readonly VersionPattern[]
}

export function addLists(
  plan: LayoutPlan,
  pieces: readonly PieceText[],
  options: CompileOptions,
  host: Host,
  report: Report,
): AddedLists {
  const exportSymbols: string[] = []
  const exportPatterns: VersionPattern[] = []
  const versions = [...plan.symbols.versions]
  for (const piece of pieces) {
    if (piece.kind === 'version-script')
      versions.push(...compileVersions(piece.text, piece.name, options, host, report))
    if (piece.kind === 'dynamic-list')
      for (const node of compileDynamicLists(piece.text, piece.name, options, host, report))
        for (const each of node.global) {
          const isPlain = each.language === 'C' && !(each.literal && isWildcard(each.pattern))
          if (isPlain) exportSymbols.push(each.pattern)
          else exportPatterns.push(each)
        }
  }
  const lists = { exportSymbols, exportPatterns }
  if (versions.length === plan.symbols.versions.length) return { plan, ...lists }
  return { plan: { ...plan, symbols: { ...plan.symbols, versions } }, ...lists }
}
