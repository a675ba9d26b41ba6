/** argv to CommandLine, by the rules of GNU ld: long names with one or two dashes, values joined, behind '=' or next. */
import { missingArgument, unbalanced, unexpectedArgument, unknownOption } from '../diag/catalogue/usage.ts'
import type { Report } from '../diag/report.ts'
import { type CommandLine, emptyCommandLine, InputList } from './command-line.ts'
import { nearest } from './nearest.ts'
import type { OptionRow } from './option-row.ts'
import { optionIndex } from './options.ts'

/** Reads all words. Mistakes are reported, and reading goes on. */
export function parseArguments(
  words: readonly string[],
  report: Report,
  start: CommandLine = emptyCommandLine,
): CommandLine {
  const inputs = new InputList()
  const line: CommandLine = { ...start }
  let optionsEnd = false
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    if (optionsEnd || word === '-' || !word.startsWith('-')) {
      inputs.add({ kind: 'file', path: word, state: line.state })
      continue
    }
    if (word === '--') {
      optionsEnd = true
      continue
    }
    // LLVM drivers call every linker through one program that wants to know which one is meant
    if (word === '-flavor') {
      i++
      continue
    }
    for (const found of matchOption(word, report)) {
      let value = found.value
      if (found.row.argument === 'required' && value === undefined) {
        value = words[++i]
        if (value === undefined) {
          const argument = found.row.metavariable ?? 'VALUE'
          report.add(missingArgument({ option: word, argument }), { kind: 'option', text: word })
          break
        }
      }
      Object.assign(line, found.row.effect(line, value ?? '', { option: found.name, report, inputs }))
    }
  }
  if (inputs.groupIsOpen) {
    report.add(unbalanced({ option: '--start-group', partner: '--end-group' }), {
      kind: 'option',
      text: '--start-group',
    })
    inputs.closeGroup()
  }
  return { ...line, inputs: inputs.all }
}

interface Found {
  readonly row: OptionRow
  /** as written, without the value */
  readonly name: string
  readonly value?: string
}

/** The rows a word stands for: one, or several for switches of one letter in one word. Nothing after an error. */
function matchOption(word: string, report: Report): Found[] {
  const { long, short, names } = optionIndex()
  const dashes = word.startsWith('--') ? 2 : 1
  const body = word.slice(dashes)
  const cut = body.indexOf('=')
  const name = cut < 0 ? body : body.slice(0, cut)
  const value = cut < 0 ? undefined : body.slice(cut + 1)
  const at = { kind: 'option', text: word } as const

  // -o... with one dash is always the output file: -omagic writes to "magic"
  const row =
    dashes === 1 && name.startsWith('o')
      ? undefined
      : (long.get(name) ?? (dashes === 2 ? byPrefix(name, long) : undefined))
  if (row !== undefined) {
    if (row.argument === 'none' && value !== undefined) {
      report.add(unexpectedArgument({ option: word.slice(0, dashes + cut), value }), at)
      return []
    }
    return [{ row, name: '-'.repeat(dashes) + name, value }]
  }
  if (dashes === 1) {
    const letter = short.get(body[0]!)
    if (letter?.argument === 'required') {
      const joined = body.slice(1)
      return [{ row: letter, name: `-${body[0]}`, value: joined === '' ? undefined : joined }]
    }
    const letters = [...body].map(char => ({ row: short.get(char), name: `-${char}` }))
    if (letters.every((found): found is Found => found.row?.argument === 'none')) return letters
  }
  const known = nearest('-'.repeat(dashes) + name, names) ?? nearest(`--${name}`, names)
  report.add(unknownOption({ option: word, nearest: known }), at)
  return []
}

/** GNU's getopt takes the beginning of a long name that is no other's beginning. */
function byPrefix(name: string, long: ReadonlyMap<string, OptionRow>): OptionRow | undefined {
  if (name.length < 3) return undefined
  const rows = new Set<OptionRow>()
  for (const [candidate, row] of long) if (candidate.startsWith(name)) rows.add(row)
  return rows.size === 1 ? [...rows][0] : undefined
}
