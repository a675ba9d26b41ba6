import { emulations as knownEmulations } from '../tsld.ts'
import type { OptionRow } from './option-row.ts'
import { keywordHelp } from './options/keywords.ts'
import { optionGroups } from './options.ts'

const column = 30
const width = 100

/** The text of --help, made from the table of options. */
export function helpText(layouts: readonly { name: string; help: string }[], emulations: readonly string[]): string {
  const lines = [
    'Usage: tsld [options] file...',
    '       tsld plan [--json] SCRIPT     show what a linker script compiles to',
    '       tsld explain [CODE]           explain a diagnostic',
    '       tsld setup-driver DIR         make a folder for gcc -B DIR',
    '',
    'A script given with -T decides the layout; without one it is a layout of tsld:',
    ...layouts.flatMap(row => describe(`--layout ${row.name}`, row.help)),
  ]
  for (const group of optionGroups) {
    const rows = group.rows.filter(row => !row.hidden)
    if (rows.length === 0) continue
    lines.push('', `${group.title}:`)
    for (const row of rows) lines.push(...describe(usage(row), row.help))
  }
  lines.push('', 'Words behind -z:')
  for (const [word, help] of keywordHelp()) lines.push(...describe(word, help))
  lines.push('', 'Accepted for compatibility, without effect:')
  const idle = optionGroups.flatMap(group => group.rows).filter(row => row.hidden && row.help.startsWith('Ignored'))
  lines.push(...wrap(idle.flatMap(row => row.names).join(' '), 2))
  lines.push('', '  @FILE                       Read options from FILE', '')
  // gcc's configure and libtool look for these two lines
  const formats = new Set(emulations.map(name => knownEmulations.find(row => row.emulation === name)?.format ?? name))
  lines.push(`tsld: supported targets: ${[...formats, 'binary'].join(' ')}`)
  lines.push(`tsld: supported emulations: ${emulations.join(' ')}`)
  return lines.join('\n') + '\n'
}

function usage(row: OptionRow): string {
  const names = row.names.map(name => {
    if (row.argument === 'none') return name
    const value = row.metavariable ?? 'VALUE'
    if (row.argument === 'optional') return `${name}[=${value}]`
    return name.length === 2 ? `${name} ${value}` : `${name}=${value}`
  })
  return names.join(', ')
}

function describe(term: string, help: string): string[] {
  const lines = wrap(help, column)
  if (term.length + 4 > column) return [`  ${term}`, ...lines]
  lines[0] = `  ${term}`.padEnd(column) + lines[0]!.trimStart()
  return lines
}

function wrap(text: string, indent: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && indent + line.length + 1 + word.length > width) {
      lines.push(' '.repeat(indent) + line)
      line = ''
    }
    line += (line === '' ? '' : ' ') + word
  }
  lines.push(' '.repeat(indent) + line)
  return lines
}
