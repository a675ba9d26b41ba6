import type { Span, TextEdit } from '../../grammar/span.ts'

export type Severity = 'error' | 'warning' | 'note'

/** What a diagnostic points at. */
export type Place =
  | { readonly kind: 'script'; readonly span: Span }
  | {
      readonly kind: 'object'
      /** path as given on the command line */
      readonly file: string
      /** archive member */
      readonly member?: string
      readonly section?: string
      /** offset in the section, in bytes; in the file when no section is named */
      readonly offset?: number
      /** function or object that holds the place */
      readonly symbol?: string
    }
  | { readonly kind: 'option'; readonly text: string }
  | { readonly kind: 'none' }

export interface Note {
  readonly text: string
  readonly at?: Place
}

export interface Diagnostic {
  readonly code: string
  readonly severity: Severity
  readonly message: string
  readonly at: Place
  readonly notes: readonly Note[]
  readonly fix?: readonly TextEdit[]
}

export const nowhere: Place = { kind: 'none' }

export function inScript(span: Span): Place {
  return { kind: 'script', span }
}

export function inFile(file: string, member?: string): Place {
  return { kind: 'object', file, member }
}
