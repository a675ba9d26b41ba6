/**
 * Where something stands in a script.
 *
 * Script text is decoded as Latin-1: one character per byte, so any byte may stand in a comment or a name, offsets are
 * byte offsets, and a name converts back to its bytes exactly. Whoever shows text to a person decodes it as UTF-8 again.
 */
export interface Span {
  /** name of the script as the user gave it */
  readonly file: string
  /** offset of the first character */
  readonly start: number
  /** offset behind the last character */
  readonly end: number
  /** 1-based */
  readonly line: number
  /** 1-based, in characters */
  readonly column: number
}

/** A mistake in the text of a script. `code` is a row of `src/diag/catalogue/script.ts`. */
export interface SyntaxProblem {
  readonly code: string
  readonly severity: 'error' | 'warning'
  readonly message: string
  readonly span: Span
  /** what would have been right here, in words */
  readonly expected?: string
  readonly fix?: readonly TextEdit[]
}

/** Replace the text of `span` by `text`. */
export interface TextEdit {
  readonly span: Span
  readonly text: string
}
