/**
 * The script language as a library: texts to plans. Apart from tsld.ts, because it brings the parser along; in the bundled
 * command this file and what it imports are evaluated when the first script has to be read.
 */
import * as parsers from '../grammar/index.ts'
import type { Diagnostic } from './diag/diagnostic.ts'
import { Report } from './diag/report.ts'
import type { Host } from './host.ts'
import type { LayoutPlan, VersionNode } from './plan/plan.ts'
import * as compile from './script/compile.ts'

export type { ScriptPiece, TargetFacts } from './script/compile.ts'

/** What the compile step is told from outside; see script/options.ts. */
export type CompileOptions = Omit<compile.CompileOptions, 'parse'>

/**
 * The plan of scripts and --defsym texts in command-line order. Mistakes are in `report`; the plan is then incomplete.
 *
 * @example
 * compileScripts([{ kind: 'script', name: 'a.ld', text }], { searchPaths: [], defines: new Map(), facts }, host, report)
 */
export function compileScripts(
  pieces: readonly compile.ScriptPiece[],
  options: CompileOptions,
  host: Host,
  report: Report,
): LayoutPlan {
  return compile.compileScripts(pieces, { ...options, parse: parsers }, host, report)
}

/** A script among the inputs (libc.so) as a fragment of a plan. Undefined after an error. */
export function compileImplicitScript(
  name: string,
  bytes: Uint8Array,
  options: CompileOptions,
  host: Host,
  report: Report,
): LayoutPlan | undefined {
  return compile.compileImplicitScript(name, bytes, { ...options, parse: parsers }, host, report)
}

/** The text of --version-script. */
export function compileVersions(
  text: string,
  name: string,
  options: CompileOptions,
  host: Host,
  report: Report,
): readonly VersionNode[] {
  return compile.parseVersions(text, name, { ...options, parse: parsers }, host, report)
}

/** The text of --dynamic-list: one node without a name for each list. */
export function compileDynamicLists(
  text: string,
  name: string,
  options: CompileOptions,
  host: Host,
  report: Report,
): readonly VersionNode[] {
  return compile.parseDynamicLists(text, name, { ...options, parse: parsers }, host, report)
}

/** A host without files is enough for a script that includes none. */
const defaultOptions: CompileOptions = {
  searchPaths: [],
  defines: new Map(),
  facts: { arch: 'amd64', os: 'linux', bits: 64, endian: 'little', output: 'exec', dynamic: false, strip: 'none' },
}

/**
 * One script, for callers of the library. The plan is absent when the script has errors.
 *
 * @example compileScript({ name: 'layout.ld', text }, host).plan
 */
export function compileScript(
  script: { readonly name: string; readonly text: string },
  host: Host,
  options: Partial<CompileOptions> = {},
): { plan?: LayoutPlan; diagnostics: readonly Diagnostic[] } {
  const report = new Report()
  const plan = compileScripts([{ kind: 'script', ...script }], { ...defaultOptions, ...options }, host, report)
  return { plan: report.failed ? undefined : plan, diagnostics: report.diagnostics }
}
