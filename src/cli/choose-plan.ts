/** Which layout plan a link gets: compiled from -T scripts, read from JSON, or a default layout compiled ahead. */
import {
  architectureName,
  type LayoutFacts,
  type LayoutRow,
  layoutNamed,
  layoutRows,
  ownDefault,
  storedKey,
} from '../../layouts/catalog.ts'
import { layoutTexts, storedLayouts } from '../../layouts/compiled.generated.ts'
import { readStoredPlan } from '../../layouts/stored-plan.ts'
import { noLayoutForTarget, scriptUnreadable, unknownLayout } from '../diag/catalogue/usage.ts'
import type { Report } from '../diag/report.ts'
import { type Host, isFailure } from '../host.ts'
import { compileDynamicList, compileImplicit, compileScripts, compileVersionScript, type ScriptPiece } from '../language.ts'
import { type LayoutPlan, looksLikePlan, planFromJson } from '../tsld.ts'
import type { CalledAs } from './called-as.ts'
import type { CommandLine, CommandPiece } from './command-line.ts'
import { nearest } from './nearest.ts'
import { settleKeywords } from './options/keywords.ts'
import { versionLine } from './version.ts'

export interface ChosenPlan {
  readonly plan: LayoutPlan
  /** -z words that hold before the command line's */
  readonly keywords: readonly string[]
  /** of --dynamic-list */
  readonly exportSymbols: readonly string[]
  /** turns an input that is a script into a plan fragment */
  readonly compileImplicit: (name: string, bytes: Uint8Array) => LayoutPlan | undefined
  /** the scripts in use, as --verbose prints them */
  readonly verboseText: () => string
}

/** Words that hold when the layout is a script of the user's: those of the system linker. */
const scriptKeywords = ['relro', 'separate-code']

/** Undefined after an error, which is reported. */
export function choosePlan(line: CommandLine, called: CalledAs, host: Host, report: Report): ChosenPlan | undefined {
  const pieces = readPieces(line, host, report)
  const row = chooseRow(line, called, report)
  if (pieces === undefined || row === undefined) return undefined
  const scripts = pieces.filter(piece => piece.kind === 'script')
  const facts = factsOf(line, scripts.length > 0 ? scriptKeywords : row.keywords)
  const options = compileOptions(line, facts)
  const fragment = (name: string, bytes: Uint8Array): LayoutPlan | undefined =>
    compileImplicit({ name, text: latin1(bytes) }, options, host, report)
  const shared = { compileImplicit: fragment, exportSymbols: exportedNames(pieces, report) }

  const json = scripts.find(piece => looksLikePlan(piece.text))
  if (scripts.length > 0 && json === undefined) {
    const plan = compileScripts(scriptPieces(pieces), { ...options, base: () => basePlan(line, row, facts, host, report) }, host, report)
    if (plan === undefined || report.failed) return undefined
    return { plan: withVersions(plan, pieces, report), keywords: scriptKeywords, ...shared, verboseText: () => verbose(scripts) }
  }
  const base = json === undefined ? basePlan(line, row, facts, host, report) : planFromJson(json.text, json.name, report)
  if (base === undefined) return undefined
  const definitions = scriptPieces(pieces).filter(piece => piece.kind === 'defsym')
  const plan = definitions.length === 0 ? base : compileScripts(definitions, { ...options, base: () => base }, host, report)
  if (plan === undefined || report.failed) return undefined
  return {
    plan: withVersions(plan, pieces, report),
    keywords: json === undefined ? row.keywords : scriptKeywords,
    ...shared,
    verboseText: () => verbose(json === undefined ? [{ name: row.name, text: layoutText(row, facts) }] : [json]),
  }
}
