/** What is printed: maps, traces, messages, help. */

import type { CommandLine } from '../command-line.ts'
import { anyNumber, choice, flag, type OptionRow, optional, refused, valued } from '../option-row.ts'

const shown = (line: CommandLine, word: CommandLine['show'] extends ReadonlySet<infer Word> ? Word : never) => ({
  show: new Set(line.show).add(word),
})

export const reportOptions: readonly OptionRow[] = [
  flag('--help', 'Print this text', line => shown(line, 'help')),
  flag('--version', 'Print the version and stop', line => shown(line, 'version')),
  flag('-v', 'Print the version and go on', line => shown(line, 'short-version')),
  flag('-V', 'Print version and emulations and go on', line => shown(line, 'emulations')),
  flag('--print-output-format', 'Print the name of the output format and stop', line => shown(line, 'output-format')),
  flag('--print-sysroot', 'Print the sysroot and stop', line => shown(line, 'sysroot')),
  valued('-Map', 'FILE', 'Write a link map to FILE (- for standard output)', (_line, mapFile) => ({ mapFile })),
  flag('-M --print-map', 'Print the link map', () => ({ printMap: true })),
  flag('--print-map-locals', 'Local symbols in the map', () => ({ mapLocals: true })),
  flag('--no-print-map-locals', 'No local symbols in the map (default)', () => ({ mapLocals: false })),
  flag('--print-map-discarded', 'Discarded sections in the map (default)', () => ({ mapDiscarded: true })),
  flag('--no-print-map-discarded', 'No discarded sections in the map', () => ({ mapDiscarded: false })),
  flag('--cref', 'Cross reference table, in the map or printed', () => ({ crossReference: true })),
  flag('--print-memory-usage', 'How full the regions of MEMORY are', () => ({ printMemoryUsage: true })),
  flag('--print-gc-sections', 'List the sections that --gc-sections leaves out', () => ({ printGcSections: true })),
  flag('--no-print-gc-sections', 'Do not list them (default)', () => ({ printGcSections: false })),
  flag('-t --trace', 'Print the names of files as they are linked', () => ({ trace: true })),
  optional('--verbose', 'NUMBER', 'Print the layout script in use', () => ({ verbose: true })),
  flag('--stats', 'Print where time and memory go', () => ({ stats: true })),
  valued('--error-limit', 'NUMBER', 'Errors shown in full (default 20; 0: all)', (_line, value, use) => {
    const limit = anyNumber(value, use)
    return limit === undefined ? {} : { errorLimit: Number(limit) }
  }),
  flag('--fatal-warnings', 'Warnings are errors', () => ({ fatalWarnings: true })),
  flag('--no-fatal-warnings', 'Warnings are warnings (default)', () => ({ fatalWarnings: false })),
  flag('-w --no-warnings', 'No warnings', () => ({ noWarnings: true })),
  optional('--color --color-diagnostics', 'WHEN', 'Colours: auto (default), always, never', (_line, value, use) => ({
    color: value === '' ? 'always' : choice(value, ['auto', 'always', 'never'], use),
  })),
  flag('--no-color --no-color-diagnostics', 'No colours', () => ({ color: 'never' })),
  valued('--message-format', 'FORM', 'Form of messages: text (default), gnu, json', (_line, value, use) => ({
    messageFormat: choice(value, ['text', 'gnu', 'json'], use) ?? 'text',
  })),
  refused('--target-help', 'none', 'there are no options for one target only; see --help'),
]
