/** The link itself: words, plan, engine, file. */
import { cannotWrite, contradiction, tooManyErrors } from '../../diag/catalogue/usage.ts'
import type { Diagnostic } from '../../diag/diagnostic.ts'
import { Report } from '../../diag/report.ts'
import { type Host, isFailure } from '../../host.ts'
import type { HelperThread } from '../../host-node/helper-thread.ts'
import { NodeHost } from '../../host-node/node-host.ts'
import { writeOutput } from '../../host-node/write-output.ts'
import { type LinkRecords, type LinkResult, link, type Timings } from '../../tsld.ts'
import { answerQuestions } from '../answer-questions.ts'
import type { CalledAs } from '../called-as.ts'
import { choosePlan } from '../choose-plan.ts'
import { type CommandLine, emptyCommandLine } from '../command-line.ts'
import { statistics, writeMap, writeReports } from '../link-reports.ts'
import { parseArguments } from '../parse-arguments.ts'
import { expandResponseFiles } from '../response-files.ts'
import { checkCommandLine, settleRequest } from '../settle-request.ts'
import { messagePrinter, type Terminal } from '../terminal.ts'

/** A clock. The global `performance` would have Node load a dozen modules, 2 ms of a small link. */
function milliseconds(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1e3 + nanoseconds / 1e6
}

export interface LinkOutcome {
  readonly exitStatus: number
  /** records of the link, when there was one */
  readonly result?: LinkResult
}

export function linkCommand(words: readonly string[], called: CalledAs, host: Host, terminal: Terminal): number {
  return linkFor(words, called, host, terminal).exitStatus
}

/** Links as the words say, writes the output, prints messages. */
export function linkFor(words: readonly string[], called: CalledAs, host: Host, terminal: Terminal): LinkOutcome {
  const start = milliseconds()
  // Options decide how messages look, so those about the options themselves wait until all are read.
  const early: Diagnostic[] = []
  const first = new Report({ onDiagnostic: diagnostic => early.push(diagnostic) })
  const line = parseArguments(expandResponseFiles(words, host, first), first)
  const print = messagePrinter(terminal, line.messageFormat, line.color, line.demangle, file => sourceText(file, host))
  const { errorLimit, fatalWarnings, noWarnings } = line
  const report = new Report({ errorLimit, fatalWarnings, noWarnings, onDiagnostic: print })
  for (const each of early) report.add(each, each.at, each.notes, each.fix)

  const answered = answerQuestions(line, terminal)
  if (answered !== undefined && !report.failed) return { exitStatus: answered }
  checkCommandLine(line, report)
  if (report.failed) return { exitStatus: finish(report, line, print) }
  return linkAndWrite(line, called, host, terminal, report, print, start)
}

function linkAndWrite(
  line: CommandLine,
  called: CalledAs,
  host: Host,
  terminal: Terminal,
  report: Report,
  print: (diagnostic: Diagnostic) => void,
  start: number,
): LinkOutcome {
  const timings: Timings = []
  const chosen = choosePlan(line, called, host, report)
  if (chosen === undefined) return { exitStatus: finish(report, line, print) }
  timings.push({ stage: 'options and plan', milliseconds: milliseconds() - start })
  if (line.verbose) {
    terminal.out(chosen.verboseText())
    // `ld --verbose` alone asks for the script and for nothing else
    if (
      !line.inputs.some(input => input.kind !== 'plan-inputs') &&
      chosen.plan.inputs.every(input => input.kind === 'search-dir')
    )
      return { exitStatus: 0 }
  }

  const output = outputName(line, chosen.plan.target.output?.name)
  const request = settleRequest({ ...line, output }, chosen)
  let placed: LinkRecords | undefined
  const helper = host instanceof NodeHost ? host.helper : undefined
  helper?.writeTo(output, outputMode(line))
  try {
    const result = link(request, host, report, line.stats ? timings : undefined, records => {
      placed = records
    })
    if (result !== undefined && !report.failed) {
      const writing = milliseconds()
      // The output comes last: without its map the link has failed, and an earlier output stays as it was.
      writeReports(result, { ...line, output }, chosen.plan, terminal, report)
      if (!report.failed) write(result, output, line, helper, report)
      timings.push({ stage: 'write output', milliseconds: milliseconds() - writing })
      if (line.stats) terminal.error(statistics(result, timings))
    } else if (placed !== undefined) writeMap(placed, { ...line, output }, chosen.plan, terminal, report)
    return { exitStatus: finish(report, line, print), result }
  } finally {
    // What was written of an output that is not to be: also after a mistake of ours.
    helper?.abandonOutput()
  }
}

/** -o, else OUTPUT of the script, else a.out. */
function outputName(line: CommandLine, ofScript: string | undefined): string {
  return line.output === emptyCommandLine.output && ofScript !== undefined ? ofScript : line.output
}

function write(
  result: LinkResult,
  output: string,
  line: CommandLine,
  helper: HelperThread | undefined,
  report: Report,
): void {
  for (const input of line.inputs)
    if (input.kind === 'file' && input.path === output) {
      report.add(contradiction({ first: `input ${input.path}`, second: `-o ${output}` }), {
        kind: 'option',
        text: output,
      })
      return
    }
  if (helper?.finishOutput(result.bytes) === true) return
  // The bytes are of another format than what it has begun to write, in a file that goes by the same name.
  helper?.abandonOutput()
  const failure = writeOutput(output, result.bytes, outputMode(line))
  if (failure !== undefined)
    report.add(cannotWrite({ file: output, reason: failure.detail }), { kind: 'option', text: output })
}

/** Permission bits before the umask. */
function outputMode(line: CommandLine): number {
  return line.kind === 'relocatable' ? 0o666 : 0o777
}

function finish(report: Report, line: CommandLine, print: (diagnostic: Diagnostic) => void): number {
  const hidden = line.errorLimit > 0 ? report.errors - line.errorLimit : 0
  if (hidden > 0) print({ ...tooManyErrors({ hidden, limit: line.errorLimit }), at: { kind: 'none' }, notes: [] })
  return report.failed ? 1 : 0
}

/** Text of a script for the excerpt below a message. */
function sourceText(file: string, host: Host): string | undefined {
  const bytes = host.read(file)
  return isFailure(bytes) ? undefined : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
}
