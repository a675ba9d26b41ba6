/** Every diagnostic, for `tsld explain`. Not imported by a link, which needs only the rows it reports. */

import * as attributes from './attributes.ts'
import * as dynamic from './dynamic.ts'
import type { Entry } from './entry.ts'
import * as fileLayout from './file-layout.ts'
import * as garbage from './garbage.ts'
import * as input from './input.ts'
import * as layout from './layout.ts'
import * as layoutChecks from './layout-checks.ts'
import * as output from './output.ts'
import * as plan from './plan.ts'
import * as relocation from './relocation.ts'
import * as script from './script.ts'
import * as scriptCompile from './script-compile.ts'
import * as symbols from './symbols.ts'
import * as usage from './usage.ts'

export type AnyEntry = Pick<Entry<never>, 'code' | 'severity' | 'explanation'>

const topics: readonly (readonly [title: string, module: Readonly<Record<string, unknown>>])[] = [
  ['Text of scripts', script],
  ['Meaning of scripts', scriptCompile],
  ['Plans as data', plan],
  ['Input files', input],
  ['Build attributes', attributes],
  ['Symbols', symbols],
  ['Unused sections', garbage],
  ['Layout', layout],
  ['Checks of the layout', layoutChecks],
  ['Layout of the file', fileLayout],
  ['Relocations', relocation],
  ['Shared objects', dynamic],
  ['Output', output],
  ['Command line and files', usage],
]

function isEntry(value: unknown): value is AnyEntry {
  return typeof value === 'function' && 'code' in value && 'explanation' in value
}

/** Entries by topic, in the order of a link; within a topic by code. */
export function allEntries(): { title: string; entries: AnyEntry[] }[] {
  return topics.map(([title, module]) => ({
    title,
    entries: Object.values(module)
      .filter(isEntry)
      .sort((a, b) => (a.code < b.code ? -1 : 1)),
  }))
}

export function entryByCode(code: string): AnyEntry | undefined {
  for (const { entries } of allEntries()) for (const each of entries) if (each.code === code.toUpperCase()) return each
  return undefined
}
