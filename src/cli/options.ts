/** The table of options: everything `tsld` understands, in the order --help shows it. */

import { type OptionRow, valued } from './option-row.ts'
import { ignoredOptions } from './options/ignored.ts'
import { inputOptions } from './options/inputs.ts'
import { keywordEffect } from './options/keywords.ts'
import { layoutOptions } from './options/layout.ts'
import { outputOptions } from './options/output.ts'
import { reportOptions } from './options/reports.ts'
import { symbolOptions } from './options/symbols.ts'

export interface OptionGroup {
  readonly title: string
  readonly rows: readonly OptionRow[]
}

export const optionGroups: readonly OptionGroup[] = [
  { title: 'Inputs', rows: inputOptions },
  { title: 'Output', rows: outputOptions },
  { title: 'Layout', rows: layoutOptions },
  { title: 'Symbols', rows: symbolOptions },
  { title: 'Reports', rows: reportOptions },
  { title: 'Keywords', rows: [valued('-z', 'KEYWORD', 'One of the words below', keywordEffect)] },
  { title: 'Compatibility', rows: ignoredOptions },
]

/** Rows by name without dashes. One letter and longer names are apart: `-e` and `--e` are different things. */
export interface OptionIndex {
  readonly long: ReadonlyMap<string, OptionRow>
  readonly short: ReadonlyMap<string, OptionRow>
  /** all names as written in the table */
  readonly names: readonly string[]
}

let index: OptionIndex | undefined

export function optionIndex(): OptionIndex {
  if (index !== undefined) return index
  const long = new Map<string, OptionRow>()
  const short = new Map<string, OptionRow>()
  const names: string[] = []
  for (const group of optionGroups)
    for (const row of group.rows)
      for (const name of row.names) {
        const bare = name.replace(/^--?/, '')
        const table = bare.length === 1 ? short : long
        if (table.has(bare)) throw new Error(`option ${name} is in the table twice`)
        table.set(bare, row)
        names.push(name)
      }
  index = { long, short, names }
  return index
}
