/** What is printed or written besides the output: map, cross references, memory use, statistics. */
import { cannotWrite } from '../diag/catalogue/usage.ts'
import type { Report } from '../diag/report.ts'
import { decodeName } from '../diag/source-excerpt.ts'
import { writeOutput } from '../host-node/write-output.ts'
import {
  crossReference,
  type LayoutPlan,
  type LinkRecords,
  type LinkResult,
  mapFile,
  memoryUse,
  type Timings,
  traceFiles,
  traceSymbols,
} from '../tsld.ts'
import type { CommandLine } from './command-line.ts'
import type { Terminal } from './terminal.ts'

/** Everything but --stats. Called before the output is written: what cannot be written here fails the link. */
export function writeReports(
  result: LinkResult,
  line: CommandLine,
  plan: LayoutPlan,
  terminal: Terminal,
  report: Report,
): void {
  if (line.trace) terminal.out(textOf(traceFiles(result.program)))
  if (line.traceSymbols.length > 0) terminal.out(textOf(traceSymbols(result.program, line.traceSymbols)))
  writeMap(result, line, plan, terminal, report)
  if (line.crossReference && mapNameOf(line, plan) === undefined && !line.printMap)
    terminal.out(textOf(crossReference(result.program)))
  if (line.printMemoryUsage && result.layout !== undefined) terminal.out(textOf(memoryUse(result.layout)))
  if (line.dependencyFile !== undefined) writeText(line.dependencyFile, dependencies(result, line.output), report)
}

const mapNameOf = (line: CommandLine, plan: LayoutPlan): string | undefined => line.mapFile ?? plan.target.map?.name

/** The map, if one is asked for; also after a link that failed when it had addresses. */
export function writeMap(
  records: LinkRecords,
  line: CommandLine,
  plan: LayoutPlan,
  terminal: Terminal,
  report: Report,
): void {
  // A map asked for twice, by -M and by -Map, is one text in two places.
  const name = mapNameOf(line, plan)
  if (name === undefined && !line.printMap) return
  const map = mapText(records, line, plan)
  if (line.printMap || name === '-') terminal.out(map)
  if (name !== undefined && name !== '-') writeMapTo(name, line.output, map, report)
}

/** Lines of names as text for people; nothing for no lines. */
function textOf(lines: readonly string[]): string {
  return lines.map(each => `${decodeName(each)}\n`).join('')
}

function mapText(result: LinkRecords, line: CommandLine, plan: LayoutPlan): string {
  const format = line.outputFormat ?? plan.target.format?.name ?? 'elf64-x86-64'
  const lines = [...mapFile(result, line.output, format, { discarded: line.mapDiscarded, locals: line.mapLocals })]
  // one by one: lists of a large link are too long to be arguments
  if (line.crossReference) for (const row of crossReference(result.program)) lines.push(row)
  return lines.join('\n') + '\n'
}

/** `%` stands for the name of the output, with .map when it is the end (GNU ld manual, -Map). */
function mapPath(name: string, output: string): string {
  if (name.endsWith('%')) return `${name.slice(0, -1)}${output}.map`
  return name.replace('%', () => output)
}

/** Writes the map; into a folder under the name of the output. */
function writeMapTo(name: string, output: string, text: string, report: Report): void {
  const bytes = Buffer.from(text, 'latin1')
  const path = mapPath(name, output)
  let failure = writeOutput(path, bytes, 0o666)
  if (failure?.failure === 'directory')
    failure = writeOutput(`${path.replace(/\/$/, '')}/${output.replace(/^.*\//, '')}.map`, bytes, 0o666)
  if (failure !== undefined)
    report.add(cannotWrite({ file: path, reason: failure.detail }), { kind: 'option', text: path })
}

function writeText(path: string, text: string, report: Report): void {
  const failure = writeOutput(path, Buffer.from(text, 'latin1'), 0o666)
  if (failure !== undefined)
    report.add(cannotWrite({ file: path, reason: failure.detail }), { kind: 'option', text: path })
}

/** A make rule: the output depends on every file that was read. Names are quoted as make wants it. */
function dependencies(result: LinkResult, output: string): string {
  const quoted = (name: string) => name.replace(/[ #\\]/g, '\\$&').replaceAll('$', '$$$$')
  const names = new Set<string>()
  for (const file of result.program.files) if (file.kind !== 'linker') names.add(file.archive ?? file.name)
  const list = [...names].map(quoted)
  return `${quoted(output)}: \\\n${list.map(name => `  ${name}`).join(' \\\n')}\n\n${list.map(name => `${name}:\n`).join('\n')}`
}

/** Where time and memory went, as a table. */
export function statistics(result: LinkResult, timings: Timings): string {
  const total = timings.reduce((sum, each) => sum + each.milliseconds, 0)
  const lines = ['stage                          ms      %']
  for (const { stage, milliseconds } of timings)
    lines.push(
      `${stage.padEnd(24)} ${milliseconds.toFixed(1).padStart(8)} ${((100 * milliseconds) / total).toFixed(0).padStart(6)}`,
    )
  lines.push(`${'all stages'.padEnd(24)} ${total.toFixed(1).padStart(8)}`)
  const usage = process.resourceUsage()
  const memory = process.memoryUsage()
  const mega = (bytes: number) => `${(bytes / (1 << 20)).toFixed(1)} MiB`
  lines.push('', `start-up of node and program ${(performance.now() - total).toFixed(1)} ms`)
  lines.push(
    `processor time               user ${(usage.userCPUTime / 1000).toFixed(0)} ms, system ${(usage.systemCPUTime / 1000).toFixed(0)} ms`,
  )
  lines.push(
    `peak memory                  ${mega(usage.maxRSS * 1024)}; JavaScript objects ${mega(memory.heapUsed)}, byte arrays ${mega(memory.arrayBuffers)}`,
  )
  lines.push(`output                       ${result.bytes.length} bytes`)
  lines.push(`files                        ${result.program.files.length}`)
  return lines.join('\n') + '\n'
}
