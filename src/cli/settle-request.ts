/** The last step from words to a LinkRequest: what the options together mean, once the layout is known. */
import { contradiction, unknownEmulation } from '../diag/catalogue/usage.ts'
import type { Report } from '../diag/report.ts'
import { emulations, type LayoutPlan, type LinkRequest, supportedEmulations } from '../tsld.ts'
import type { ChosenPlan } from './choose-plan.ts'
import type { CommandLine } from './command-line.ts'
import { architectureEmulation } from './link-architecture.ts'
import { settleKeywords } from './options/keywords.ts'

/** Complains about options that exclude each other or name an unsupported target. */
export function checkCommandLine(line: CommandLine, report: Report): void {
  const relocatable = line.kind === 'relocatable'
  if (relocatable && line.gcSections && line.entry === undefined && line.undefinedSymbols.length === 0) {
    const notes = [{ text: 'name what must stay with -e or -u, as GNU ld asks too' }]
    report.add(
      contradiction({ first: '-r', second: '--gc-sections without -e or -u' }),
      { kind: 'option', text: '--gc-sections' },
      notes,
    )
  }
  if (relocatable && line.strip === 'all')
    report.add(contradiction({ first: '-r', second: '-s' }), { kind: 'option', text: '-s' })
  if (line.emulation !== undefined && !supportedEmulations().includes(line.emulation)) {
    const known = emulations.some(row => row.emulation === line.emulation)
    const notes = known ? [{ text: 'GNU ld has this emulation; tsld does not link for it yet' }] : []
    const wording = unknownEmulation({ name: line.emulation, known: supportedEmulations() })
    report.add(wording, { kind: 'option', text: `-m ${line.emulation}` }, notes)
  }
}

/** Where '=' and $SYSROOT in front of a search path lead. */
function withSysroot(path: string, sysroot: string): string {
  const rest = path.startsWith('=') ? path.slice(1) : path.startsWith('$SYSROOT') ? path.slice(8) : undefined
  return rest === undefined ? path : sysroot.replace(/\/$/, '') + rest
}

export function settleRequest(line: CommandLine, chosen: ChosenPlan): LinkRequest {
  return {
    ...line,
    emulation: architectureEmulation(line),
    searchPaths: line.searchPaths.map(path => withSysroot(path, line.sysroot)),
    z: settleKeywords(chosen.keywords, line.keywords),
    buildId: line.buildId ?? (chosen.plan.target.buildId && !line.noBuildId ? { kind: 'sha1' } : undefined),
    exportSymbols: [...line.exportSymbols, ...chosen.exportSymbols],
    exportPatterns: chosen.exportPatterns,
    plan: line.noStandardPaths ? withoutSearchPaths(chosen.plan) : chosen.plan,
    compileImplicit: chosen.compileImplicit,
  }
}

/** -nostdlib: only -L counts. */
function withoutSearchPaths(plan: LayoutPlan): LayoutPlan {
  return { ...plan, inputs: plan.inputs.filter(input => input.kind !== 'search-dir') }
}
