/**
 * The `@` statements, one row each. A new one is a row in the file of its topic (and in grammar/keywords.ts, where the
 * scanner learns the word); whatever has no row is an error that names it.
 */
import type { ExtensionStatement } from '../../../grammar/ast.ts'
import { notCarriedOut, wrongLevel } from '../../diag/catalogue/script-compile.ts'
import { levelWords } from '../flow.ts'
import { nearestName } from '../nearest.ts'
import { dynamicRows } from './dynamic.ts'
import { fileExtentRows } from './file-extent.ts'
import { noteRows } from './notes.ts'
import { reserveRows } from './reserve.ts'
import { sectionPropertyRows } from './section-properties.ts'
import { segmentRows } from './segments.ts'
import type { ExtensionRows, Site } from './site.ts'
import { sortRows } from './sort.ts'
import { targetRows } from './target.ts'
import { unloadedRows } from './unloaded.ts'

const rows: ExtensionRows = {
  ...segmentRows,
  ...reserveRows,
  ...noteRows,
  ...sectionPropertyRows,
  ...targetRows,
  ...unloadedRows,
  ...dynamicRows,
  ...sortRows,
  ...fileExtentRows,
}

/** Names of the statements that are carried out. */
export const extensionNames: readonly string[] = Object.keys(rows)

/** Carries out one `@` statement. */
export function lowerExtension(statement: ExtensionStatement, site: Site): void {
  const c = site.compilation
  const { name } = statement
  const row = Object.hasOwn(rows, name) ? rows[name] : undefined
  if (row === undefined) {
    const nearest = nearestName(name, extensionNames)
    c.add(notCarriedOut({ what: `@${name}`, nearest: nearest && '@' + nearest }), statement.nameSpan)
    return
  }
  if (!row.places.includes(site.context)) {
    const legal = row.places.map(levelWords).join(' or ')
    c.add(wrongLevel({ what: `@${name}`, level: levelWords(site.context), legal }), statement.nameSpan)
    return
  }
  row.lower(statement, site)
}
