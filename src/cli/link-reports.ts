/** What is printed or written besides the output: map, cross references, memory use, statistics. */
import { cannotWrite } from '../diag/catalogue/usage.ts'
import type { Report } from '../diag/report.ts'
import { decodeName } from '../diag/source-excerpt.ts'
import { writeOutput } from '../host-node/write-output.ts'
import {
  crossReference,
  type LayoutPlan,
  type LinkResult,
  mapFile,
  memoryUse,
  type Timings,
  traceFiles,
  traceSymbols,
} from '../tsld.ts'
import type { CommandLine } from './command-line.ts'
import type { Terminal } from './terminal.ts'

export function writeReports(
  result: LinkResult,
  line: CommandLine,
  plan: LayoutPlan,
  timings: Timings,
  terminal: Terminal,
  report: Report,
): void {
  if (line.trace) terminal.out(textOf(traceFiles(result.program)))
  if (line.traceSymbols.length > 0) terminal.out(textOf(traceSymbols(result.program, line.traceSymbols)))
  // A map asked for twice, by -M and by -Map, is one text in two places.
  const mapName = line.mapFile ?? plan.target.map?.name
  const map = mapName !== undefined || line.printMap ? mapText(result, line, plan) : ''
  if (line.printMap || mapName === '-') terminal.out(map)
  if (mapName !== undefined && mapName !== '-') writeText(mapPath(mapName, line.output), map, report)
  else if (line.crossReference && !line.printMap) terminal.out(textOf(crossReference(result.program)))
  if (line.printMemoryUsage && result.layout !== undefined) terminal.out(textOf(memoryUse(result.layout)))
  if (line.dependencyFile !== undefined) writeText(line.dependencyFile, dependencies(result, line.output), report)
  if (line.stats) terminal.error(statistics(result, timings))
}

/** Lines of names as text for people; nothing for no lines. */
function textOf(lines: readonly string[]): string {
  return lines.map(each => `${decodeName(each)}\n`).join('')
}

function mapText(result: LinkResult, line: CommandLine, plan: LayoutPlan): string {
  const format = line.outputFormat ?? plan.target.format?.name ?? 'elf64-x86-64'
  const lines = [...mapFile(result, line.output, format)]
  if (line.crossReference) lines.push('', ...crossReference(result.program))
  return lines.join('\n') + '\n'
}

/** A folder (`DIR/`) or a name with % gets the name of the output, as GNU ld 2.44 does. */
function mapPath(name: string, output: string): string {
  const base = output.replace(/^.*\//, '')
  if (name.endsWith('/')) return `${name}${base}.map`
  return name.includes('%') ? name.replace('%', base) : name
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
function statistics(result: LinkResult, timings: Timings): string {
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
