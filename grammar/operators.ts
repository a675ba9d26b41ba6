/** Operators and punctuation, by lexer mode. GNU ld warns about an operator in a mode that has it not, and skips it. */
import type { TokenType } from 'chevrotain'
import { type Mode, modes } from './modes.ts'
import * as tokens from './tokens.ts'

export interface Operator {
  readonly length: number
  readonly type: TokenType
}

const punctuation: readonly (readonly [string, TokenType])[] = [
  ['(', tokens.LeftParen],
  [')', tokens.RightParen],
  ['{', tokens.LeftBrace],
  ['}', tokens.RightBrace],
  [';', tokens.Semicolon],
]
const assignments: readonly (readonly [string, TokenType])[] = [
  ['=', tokens.Equals],
  ...['+=', '-=', '*=', '/=', '<<=', '>>=', '&=', '|=', '^='].map(text => [text, tokens.AssignOperator] as const),
]
const comma = [',', tokens.Comma] as const
const colon = [':', tokens.Colon] as const
const signs: readonly (readonly [string, TokenType])[] = [
  ['+', tokens.Plus],
  ['-', tokens.Minus],
  ['!', tokens.Not],
  ['>', tokens.Greater],
]
const binary = ['*', '/', '%', '<<', '>>', '<', '<=', '>=', '==', '!=', '|', '^', '&&', '||']
const expression: readonly (readonly [string, TokenType])[] = [
  ...punctuation,
  ...assignments,
  ...signs,
  comma,
  colon,
  ['~', tokens.Tilde],
  ['?', tokens.Question],
  ['&', tokens.Ampersand],
  ...binary.map(text => [text, tokens.Operator] as const),
]

const tables: Readonly<Record<Mode, ReadonlyMap<number, readonly (readonly [string, Operator])[]>>> = {
  [modes.script]: byFirstCharacter([...punctuation, ...assignments, ...signs, comma, colon, ['~', tokens.Tilde]]),
  [modes.expression]: byFirstCharacter(expression),
  [modes.wild]: byFirstCharacter([
    ...punctuation,
    ...assignments,
    ['&', tokens.Ampersand],
    ['[', tokens.LeftBracket],
    [']', tokens.RightBracket],
  ]),
  [modes.inputList]: byFirstCharacter([['(', tokens.LeftParen], [')', tokens.RightParen], comma]),
  [modes.versionTag]: byFirstCharacter([
    ['{', tokens.LeftBrace],
    ['}', tokens.RightBrace],
    [';', tokens.Semicolon],
    comma,
    colon,
  ]),
  [modes.versionNode]: byFirstCharacter([
    ['{', tokens.LeftBrace],
    ['}', tokens.RightBrace],
    [';', tokens.Semicolon],
    comma,
    colon,
  ]),
  [modes.extension]: byFirstCharacter([...expression, ['..', tokens.DotDot]]),
}

function byFirstCharacter(
  rows: readonly (readonly [string, TokenType])[],
): ReadonlyMap<number, readonly (readonly [string, Operator])[]> {
  const table = new Map<number, (readonly [string, Operator])[]>()
  for (const [text, type] of rows) {
    const code = text.charCodeAt(0)
    table.set(code, [...(table.get(code) ?? []), [text, { length: text.length, type }]])
  }
  // The longest operator wins, as in a lex scanner.
  for (const row of table.values()) row.sort((a, b) => b[0].length - a[0].length)
  return table
}

/** The longest operator of `mode` at `offset`, undefined when there is none. */
export function operatorAt(text: string, offset: number, mode: Mode): Operator | undefined {
  const row = tables[mode].get(text.charCodeAt(offset))
  if (row === undefined) return undefined
  for (let i = 0; i < row.length; i++) if (text.startsWith(row[i][0], offset)) return row[i][1]
  return undefined
}
