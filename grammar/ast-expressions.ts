/** Names and expressions of the syntax tree (see ast.ts). */
import type { Node } from './ast.ts'
import type { Span } from './span.ts'

// ---------------------------------------------------------------------------------------------------------- names

/** A name as written: symbol, section, file, region, pattern. `text` has no quotes. */
export interface Name extends Node {
  readonly kind: 'name'
  readonly text: string
  /** written in double quotes. Quoting does not switch off wildcards, except in version scripts */
  readonly quoted: boolean
  /** only when the text holds `${…}`: the pieces to be joined after evaluating */
  readonly parts?: readonly NamePart[]
}

/** A piece of a name with `${…}`: plain text, or an expression known at plan time. */
export type NamePart =
  | { readonly kind: 'text'; readonly text: string; readonly span: Span }
  | { readonly kind: 'value'; readonly expression: Expression; readonly span: Span }

// ---------------------------------------------------------------------------------------------------- expressions

/** `1`, `0x10K`, `0ffh`. */
export interface NumberExpression extends Node {
  readonly kind: 'number'
  /** 0 .. 2^64-1; wider literals saturate as in GNU ld. */
  readonly value: bigint
  /** the text as written */
  readonly text: string
  /** the digits behind `0x`, when the literal has no suffix: in `=fill` and FILL they are a byte string of any length */
  readonly hexDigits?: string
  readonly parentheses?: number
}

/** `.`, the location counter. */
export interface DotExpression extends Node {
  readonly kind: 'dot'
  readonly parentheses?: number
}

/** A symbol; in `@` statements also a parameter, constant or plain word. */
export interface SymbolExpression extends Node {
  readonly kind: 'symbol'
  readonly name: Name
  readonly parentheses?: number
}

/** `"text"` in an `@` statement. (In GNU statements a quoted text is a name.) */
export interface StringExpression extends Node {
  readonly kind: 'string'
  readonly value: string
  readonly parts?: readonly NamePart[]
  readonly parentheses?: number
}

/** `true`, `false` in an `@` statement. */
export interface BooleanExpression extends Node {
  readonly kind: 'boolean'
  readonly value: boolean
  readonly parentheses?: number
}

export type UnaryOperator = '-' | '+' | '!' | '~'
export type BinaryOperator =
  | '||'
  | '&&'
  | '|'
  | '^'
  | '&'
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | '<<'
  | '>>'
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'

export interface UnaryExpression extends Node {
  readonly kind: 'unary'
  readonly operator: UnaryOperator
  readonly operand: Expression
  readonly parentheses?: number
}

export interface BinaryExpression extends Node {
  readonly kind: 'binary'
  readonly operator: BinaryOperator
  readonly left: Expression
  readonly right: Expression
  readonly parentheses?: number
}

export interface ConditionalExpression extends Node {
  readonly kind: 'conditional'
  readonly condition: Expression
  readonly whenTrue: Expression
  readonly whenFalse: Expression
  readonly parentheses?: number
}

/** Functions of one name: ADDR(.text), ORIGIN(RAM), DEFINED(x), CONSTANT(MAXPAGESIZE). */
export type NameFunction = 'ADDR' | 'LOADADDR' | 'SIZEOF' | 'ALIGNOF' | 'ORIGIN' | 'LENGTH' | 'DEFINED' | 'CONSTANT'

export interface NameFunctionExpression extends Node {
  readonly kind: 'name-function'
  readonly function: NameFunction
  /** a section, region, symbol or constant */
  readonly name: Name
  readonly parentheses?: number
}

/** Functions of values, with how many each takes: ALIGN one or two, BLOCK NEXT ABSOLUTE LOG2CEIL DATA_SEGMENT_END one, the others two. */
export type ValueFunction =
  | 'ALIGN'
  | 'BLOCK'
  | 'NEXT'
  | 'ABSOLUTE'
  | 'MAX'
  | 'MIN'
  | 'LOG2CEIL'
  | 'DATA_SEGMENT_ALIGN'
  | 'DATA_SEGMENT_RELRO_END'
  | 'DATA_SEGMENT_END'

export interface ValueFunctionExpression extends Node {
  readonly kind: 'value-function'
  readonly function: ValueFunction
  readonly arguments: readonly Expression[]
  readonly parentheses?: number
}

/** SIZEOF_HEADERS */
export interface SizeofHeadersExpression extends Node {
  readonly kind: 'sizeof-headers'
  readonly parentheses?: number
}

/** SEGMENT_START("text-segment", 0x400000) */
export interface SegmentStartExpression extends Node {
  readonly kind: 'segment-start'
  readonly segment: Name
  readonly fallback: Expression
  readonly parentheses?: number
}

/** ASSERT(exp, "message") inside an expression: its value is the checked value. */
export interface AssertExpression extends Node {
  readonly kind: 'assert-expression'
  readonly condition: Expression
  readonly message: Name
  readonly parentheses?: number
}

/** `sum32(.vectors, 0, 28)`: a function of the extended language, known by name only in the compile step. */
export interface ExtensionCallExpression extends Node {
  readonly kind: 'extension-call'
  readonly name: Name
  readonly arguments: readonly Expression[]
  readonly parentheses?: number
}

/** What stands where recovery found no expression. The script has at least one error then. */
export interface MissingExpression extends Node {
  readonly kind: 'missing'
  readonly parentheses?: number
}

/** `parentheses`, where present, is how many pairs stood around the expression; its span is without them. */
export type Expression =
  | NumberExpression
  | DotExpression
  | SymbolExpression
  | StringExpression
  | BooleanExpression
  | UnaryExpression
  | BinaryExpression
  | ConditionalExpression
  | NameFunctionExpression
  | ValueFunctionExpression
  | SizeofHeadersExpression
  | SegmentStartExpression
  | AssertExpression
  | ExtensionCallExpression
  | MissingExpression
