/** Compiles small scripts for tests: no disk, files in memory. */
import * as grammar from '../../grammar/index.ts'
import { Report } from '../../src/diag/report.ts'
import { type Host, MemoryHost } from '../../src/host.ts'
import type { LayoutPlan } from '../../src/plan/plan.ts'
import { type CompileOptions, compileScripts, type ScriptPiece, type TargetFacts } from '../../src/script/compile.ts'

export const facts: TargetFacts = {
  arch: 'amd64',
  os: 'linux',
  bits: 64,
  endian: 'little',
  output: 'exec',
  dynamic: false,
  strip: 'none',
}

export interface Setting extends Partial<Omit<CompileOptions, 'facts' | 'defines'>> {
  readonly files?: Readonly<Record<string, string>>
  readonly host?: Host
  readonly facts?: Partial<TargetFacts>
  readonly defines?: Readonly<Record<string, string>>
}

export function optionsOf(setting: Setting = {}): CompileOptions {
  const { files: _, host: __, facts: changed, defines, ...rest } = setting
  return {
    searchPaths: [],
    parse: grammar,
    ...rest,
    facts: { ...facts, ...changed },
    defines: new Map(Object.entries(defines ?? {})),
  }
}

export interface Compiled {
  readonly plan: LayoutPlan
  readonly report: Report
  /** `line:column code message` of each diagnostic; the place only when it is in a script */
  readonly messages: readonly string[]
}

export function compilePieces(pieces: readonly ScriptPiece[], setting: Setting = {}): Compiled {
  const report = new Report()
  const host = setting.host ?? new MemoryHost(setting.files ?? {})
  const plan = compileScripts(pieces, optionsOf(setting), host, report)
  return { plan, report, messages: messagesOf(report) }
}

export function messagesOf(report: Report): string[] {
  return report.diagnostics.map(d => {
    const place = d.at.kind === 'script' ? `${d.at.span.file}:${d.at.span.line}:${d.at.span.column} ` : ''
    return `${place}${d.code} ${d.message}`
  })
}

/** One script called t.ld. */
export function compile(text: string, setting: Setting = {}): Compiled {
  return compilePieces([{ kind: 'script', name: 't.ld', text }], setting)
}

/** One script called t.ld that must be right. */
export function planOf(text: string, setting: Setting = {}): LayoutPlan {
  const { plan, messages, report } = compile(text, setting)
  if (report.errors > 0) throw new Error(messages.join('\n'))
  return plan
}
