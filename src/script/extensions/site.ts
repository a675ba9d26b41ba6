/** Where an `@` statement stands, and the row that gives it meaning. */
import type { ExtensionStatement, ScriptContext } from '../../../grammar/ast.ts'
import type { Compilation } from '../compilation.ts'
import type { BodyDraft, SectionsPlace } from '../places.ts'
import type { Scope } from '../scope.ts'

export interface Site {
  readonly compilation: Compilation
  readonly scope: Scope
  readonly context: ScriptContext
  /** at the top level, in SECTIONS and in @segment */
  readonly sections?: SectionsPlace
  /** in an output section */
  readonly body?: BodyDraft
}

/** A row of the table: where the statement may stand, and what it becomes. */
export interface ExtensionRow {
  readonly places: readonly ScriptContext[]
  readonly lower: (statement: ExtensionStatement, site: Site) => void
}

export type ExtensionRows = Readonly<Record<string, ExtensionRow>>

/** The sections place of a site; rows that ask for it are legal only where there is one. */
export function sectionsOf(site: Site): SectionsPlace {
  if (site.sections === undefined) throw new Error('this statement is carried out only between output sections')
  return site.sections
}

/** The output section around; rows that ask for it are legal only where there is one. */
export function bodyOf(site: Site): BodyDraft {
  if (site.body === undefined) throw new Error('this statement is carried out only inside output sections')
  return site.body
}
