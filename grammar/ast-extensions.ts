/**
 * Nodes of the `@` statements: what tsld adds to GNU ld's language.
 *
 * Statements that steer the reading itself (conditions, loops, includes, macros, parameters) have nodes of their own.
 * All others are an `ExtensionStatement`: a word, arguments in order and perhaps a block. The compile step gives them
 * meaning, so a new `@word` needs no change here.
 */
import type { Expression, Name, Node, ScriptContext, Statement } from './ast.ts'

/** `@tsld 1;` */
export interface TsldStatement extends Node {
  readonly kind: 'tsld'
  readonly version: Expression
}

/** `@param NAME : type = value;` and `@const NAME : type = value;`. Type and, for @param, value may be missing. */
export interface ParameterStatement extends Node {
  readonly kind: 'param' | 'const'
  readonly name: Name
  /** bool, string, int, size, addr */
  readonly type?: Name
  readonly value?: Expression
}

/** Statements in braces. */
export interface Block<S extends Statement = Statement> extends Node {
  readonly kind: 'block'
  readonly context: ScriptContext
  readonly statements: readonly S[]
}

/** `@if (condition) { … } @else @if (…) { … } @else { … }` */
export interface IfStatement<S extends Statement = Statement> extends Node {
  readonly kind: 'if'
  readonly condition: Expression
  readonly then: Block<S>
  readonly otherwise?: Block<S> | IfStatement<S>
}

/** `@for (name in first .. last) { … }` or `@for (name in a, b, c) { … }`; the last value of a range is included. */
export interface ForStatement<S extends Statement = Statement> extends Node {
  readonly kind: 'for'
  readonly variable: Name
  readonly range: ForRange
  readonly body: Block<S>
}

export type ForRange =
  | { readonly kind: 'range'; readonly first: Expression; readonly last: Expression }
  | { readonly kind: 'list'; readonly values: readonly Expression[] }

/**
 * `@define name(parameter, parameter = default) { … }`. The body is read at the level where the statement stands; at the
 * top level it is read as SECTIONS level. A word before the brace says otherwise: top, sections, body, memory, phdrs, version.
 */
export interface DefineStatement extends Node {
  readonly kind: 'define'
  readonly name: Name
  readonly parameters: readonly DefineParameter[]
  readonly body: Block
}

export interface DefineParameter extends Node {
  readonly kind: 'define-parameter'
  readonly name: Name
  readonly value?: Expression
}

/** `@include "file" (name = value);` and `@include_optional`: relative to the including file, own scope. */
export interface ExtensionInclude extends Node {
  readonly kind: 'extension-include'
  readonly optional: boolean
  readonly file: StringArgument
  readonly arguments: readonly NamedArgument[]
  /** what the file may hold: the level where the statement stands */
  readonly context: ScriptContext
}

export interface StringArgument extends Node {
  readonly kind: 'string'
  readonly value: string
  readonly parts?: Name['parts']
}

/** `name = value` inside parentheses. */
export interface NamedArgument extends Node {
  readonly kind: 'named-argument'
  readonly name: Name
  readonly value: Expression
}

/**
 * `@word argument argument … ;` or `@word argument … { block }`.
 *
 * `@segment text load (rx) at 0x400000 align 4K { … }` has the arguments: words text, load; list (rx); word at; number;
 * word align; number. `name(` without a space is a call, `name (` a word and a list. A plain word or section name is an
 * expression of kind `symbol`, a quoted text of kind `string`. Also `@use name(arguments);` comes as this.
 */
export interface ExtensionStatement extends Node {
  readonly kind: 'extension'
  /** without the `@` */
  readonly name: string
  readonly nameSpan: Node['span']
  readonly arguments: readonly ExtensionArgument[]
  readonly block?: ExtensionBlock
  /** the level where the statement stands */
  readonly context: ScriptContext
}

export type ExtensionArgument =
  | Expression
  /** `(a, b)` behind a space, or `(name = value)` */
  | ArgumentList
  /** `,` `:` `=` and other marks between arguments */
  | Punctuation

export interface ArgumentList extends Node {
  readonly kind: 'argument-list'
  readonly items: readonly (Expression | NamedArgument)[]
}

export interface Punctuation extends Node {
  readonly kind: 'punctuation'
  readonly text: ',' | ':' | '=' | '..'
}

/** What stands in the braces of an ExtensionStatement: statements, a list of names, or `name : value;` entries. */
export type ExtensionBlock = Block | NameBlock | EntryBlock

/** `{ .symtab .strtab .debug_* }` */
export interface NameBlock extends Node {
  readonly kind: 'names'
  readonly names: readonly Name[]
}

/** `{ BOOT : 32K; APP : rest - 4K; }` */
export interface EntryBlock extends Node {
  readonly kind: 'entries'
  readonly entries: readonly BlockEntry[]
}

export interface BlockEntry extends Node {
  readonly kind: 'entry-line'
  readonly name: Name
  readonly arguments: readonly ExtensionArgument[]
}
