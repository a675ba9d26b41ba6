import { unknownCommand } from '../../diag/catalogue/usage.ts'
import { Report } from '../../diag/report.ts'
import { decodeName } from '../../diag/source-excerpt.ts'
import type { Host } from '../../host.ts'
import { describePlan, planToJson } from '../../tsld.ts'
import type { CalledAs } from '../called-as.ts'
import { choosePlan } from '../choose-plan.ts'
import { parseArguments } from '../parse-arguments.ts'
import { latin1Text } from '../read-pieces.ts'
import { messagePrinter, type Terminal } from '../terminal.ts'

/**
 * `tsld plan [--json] [options] SCRIPT`: what a script compiles to. Without a script it is the default layout; options that
 * decide about the plan (-D, -pie, --layout, -z) work as in a link.
 */
export function planCommand(words: readonly string[], called: CalledAs, host: Host, terminal: Terminal): number {
  const json = words.includes('--json')
  const early = new Report()
  const line = parseArguments(
    words.filter(word => word !== '--json'),
    early,
  )
  const sourceText = (file: string) => {
    const bytes = host.read(file)
    return bytes instanceof Uint8Array ? latin1Text(bytes) : undefined
  }
  const print = messagePrinter(terminal, line.messageFormat, line.color, line.demangle, sourceText)
  const report = new Report({ errorLimit: line.errorLimit, onDiagnostic: print })
  for (const each of early.diagnostics) report.add(each, each.at, each.notes, each.fix)

  const named = line.inputs.flatMap(input => (input.kind === 'file' ? [input.path] : []))
  if (named.length > 1)
    report.add(unknownCommand({ command: 'plan', usage: 'tsld plan [--json] [options] SCRIPT' }), { kind: 'none' })
  if (report.failed) return 1
  const pieces = named.map(path => ({ kind: 'script', option: 'plan', path }) as const)
  const chosen = choosePlan({ ...line, pieces: [...line.pieces, ...pieces] }, called, host, report)
  if (chosen === undefined || report.failed) return 1
  terminal.out(json ? `${planToJson(chosen.plan, 2)}\n` : decodeName(describePlan(chosen.plan)))
  return 0
}
