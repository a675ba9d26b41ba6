/**
 * The linker as a library: everything but the script language, which `language.ts` adds (it brings the parser along, and
 * a link with a ready plan should not pay for that).
 *
 * @example
 * import { defaultRequest, linkPlan, MemoryHost } from 'tsld'
 * import { compileScript } from 'tsld/language'
 * const host = new MemoryHost({ 'a.o': bytes })
 * const plan = compileScript({ name: 'layout.ld', text }, host)
 * const { output, diagnostics } = linkPlan({ ...defaultRequest, plan: plan.plan, inputs: [inputFile('a.o')] }, host)
 */

import type { Diagnostic } from './diag/diagnostic.ts'
import { Report, type ReportOptions } from './diag/report.ts'
import { type LinkRecords, type LinkResult, link, type Timings } from './engine/link.ts'
import { defaultInputState, defaultRequest } from './engine/records/default-request.ts'
import type { CommandInput, InputState, LinkRequest } from './engine/records/request.ts'
import { type Host, type HostFailure, isFailure, MemoryHost } from './host.ts'
import { archForMachine } from './target/arch/index.ts'
import { emulations } from './target/emulations.ts'

export { describePlan } from './plan/describe.ts'
export { looksLikePlan, planFromJson, planToJson } from './plan/json.ts'
export { mergeInFront } from './plan/merge.ts'
export type { LayoutPlan, VersionPattern } from './plan/plan.ts'
export { crossReference } from './report/cross-reference.ts'
export { mapFile } from './report/map.ts'
export { memoryUse } from './report/memory-use.ts'
export { layoutPicture } from './report/picture.ts'
export { traceFiles, traceSymbols } from './report/trace.ts'
export { type Emulation, emulations } from './target/emulations.ts'
export type {
  CommandInput,
  Diagnostic,
  Host,
  HostFailure,
  InputState,
  LinkRecords,
  LinkRequest,
  LinkResult,
  ReportOptions,
  Timings,
}
export { defaultInputState, defaultRequest, isFailure, link, MemoryHost, Report }

/** What `linkPlan` gives back. It never throws for mistakes in the input: they are in `diagnostics`. */
export interface LinkOutcome {
  readonly ok: boolean
  /** bytes of the output file; absent when an error was found */
  readonly output?: Uint8Array
  readonly diagnostics: readonly Diagnostic[]
  /** records of every stage, for maps and other reports */
  readonly result?: LinkResult
}

/** Links in memory. Reads files only through `host`. */
export function linkPlan(request: LinkRequest, host: Host, options: ReportOptions = {}): LinkOutcome {
  const report = new Report(options)
  const result = link(request, host, report)
  return { ok: result !== undefined, output: result?.bytes, diagnostics: report.diagnostics, result }
}

/** An input file of a link, under the state that options have at the start of a command line. */
export function inputFile(path: string, state: InputState = defaultInputState): CommandInput {
  return { kind: 'file', path, state }
}

/** Names for -m whose machine tsld links for. */
export function supportedEmulations(): string[] {
  return emulations
    .filter(row => archForMachine(row.machine, row.bits, row.littleEndian) !== undefined)
    .map(row => row.emulation)
}
