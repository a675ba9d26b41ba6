/**
 * Lexer modes: GNU ld's scanner states, and one for the arguments of `@` statements.
 *
 * The parser sets the mode; a token that was already read as look-ahead keeps the reading of the mode it was read in,
 * as in GNU ld (a yacc parser with one token of look-ahead).
 */
export const modes = {
  /** top level, SECTIONS between output sections, MEMORY, names in PHDRS, arguments of ADDR and the like */
  script: 0,
  /** expressions and headers of output sections */
  expression: 1,
  /** bodies of output sections */
  wild: 2,
  /** inside INPUT( ) and GROUP( ) */
  inputList: 3,
  /** version scripts outside braces */
  versionTag: 4,
  /** version scripts inside braces */
  versionNode: 5,
  /** arguments of `@` statements */
  extension: 6,
} as const

export type Mode = (typeof modes)[keyof typeof modes]
