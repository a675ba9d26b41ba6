/** Every diagnostic, for `tsld explain`. Not imported by a link, which needs only the rows it reports. */
import type { Entry } from './entry.ts'
import * as usage from './usage.ts'

export type AnyEntry = Pick<Entry<never>, 'code' | 'severity' | 'explanation'>

const topics: readonly (readonly [title: string, module: Readonly<Record<string, unknown>>])[] = [
  ['Command line and files', usage],
]

function isEntry(value: unknown): value is AnyEntry {
  return typeof value === 'function' && 'code' in value && 'explanation' in value
}

/** Entries by topic, sorted by code. */
export function allEntries(): { title: string; entries: AnyEntry[] }[] {
  return topics.map(([title, module]) => ({
    title,
    entries: Object.values(module)
      .filter(isEntry)
      .sort((a, b) => (a.code < b.code ? -1 : 1)),
  }))
}

export function entryByCode(code: string): AnyEntry | undefined {
  for (const { entries } of allEntries())
    for (const each of entries) if (each.code === code.toUpperCase()) return each
  return undefined
}
