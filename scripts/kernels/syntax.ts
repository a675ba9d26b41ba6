/** Syntax trees of kernel sources, and errors that point into them. */
import { parse } from '@babel/parser'
import type { Expression as AnyExpression, File } from '@babel/types'

export type Statement = File['program']['body'][number]
export type Expression = AnyExpression
export type FunctionNode = Extract<Statement, { type: 'FunctionDeclaration' }>
export type InterfaceNode = Extract<Statement, { type: 'TSInterfaceDeclaration' }>
export type AliasNode = Extract<Statement, { type: 'TSTypeAliasDeclaration' }>
export type TypeNode = AliasNode['typeAnnotation']
export type BlockNode = Extract<Statement, { type: 'BlockStatement' }>
export type VariableNode = Extract<Statement, { type: 'VariableDeclaration' }>
export type Of<Type extends Expression['type']> = Extract<Expression, { type: Type }>
export type StatementOf<Type extends Statement['type']> = Extract<Statement, { type: Type }>

/** Whatever has a place in a source. */
export interface Placed {
  readonly loc?: { readonly start: { readonly line: number; readonly column: number } } | null
}

/** Thrown at what cannot be translated; caught at the statement, so that one run finds the errors of all of them. */
export class Refusal extends Error {
  readonly node: Placed

  constructor(node: Placed, message: string) {
    super(message)
    this.node = node
  }
}

/** Thrown where the reason has been reported before: at uses of a variable whose declaration failed. */
export class Silent extends Error {}

/** The errors of a run, each a line `file:line:column: sentence`. */
export class KernelErrors extends Error {
  readonly errors: readonly string[]

  constructor(errors: readonly string[]) {
    super(errors.join('\n'))
    this.name = 'KernelErrors'
    this.errors = errors
  }
}

export class ErrorList {
  readonly #found: { file: string; line: number; column: number; text: string }[] = []

  get count(): number {
    return this.#found.length
  }

  /** @param file as it shall be shown */
  add(file: string, node: Placed, message: string): void {
    const line = node.loc?.start.line ?? 1
    const column = (node.loc?.start.column ?? 0) + 1
    const known = this.#found.some(
      error => error.file === file && error.line === line && error.column === column && error.text === message,
    )
    if (!known) this.#found.push({ file, line, column, text: message })
  }

  /** Adds a refusal; anything else than refusals is thrown on. */
  take(file: string, error: unknown): void {
    if (error instanceof Silent) return
    if (!(error instanceof Refusal)) throw error
    this.add(file, error.node, error.message)
  }

  /** @throws {KernelErrors} when there are any */
  finish(): void {
    if (this.#found.length === 0) return
    const sorted = [...this.#found].sort(
      (a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.line - b.line || a.column - b.column,
    )
    throw new KernelErrors(sorted.map(error => `${error.file}:${error.line}:${error.column}: ${error.text}`))
  }
}

/** @throws {Refusal} with the parser's reason */
export function parseSource(text: string): Statement[] {
  try {
    return parse(text, { sourceType: 'module', plugins: ['typescript'], attachComment: false }).program.body
  } catch (error) {
    const { message, loc } = error as { message: string; loc?: { line: number; column: number } }
    throw new Refusal({ loc: loc === undefined ? null : { start: loc } }, message.replace(/ \(\d+:\d+\)$/, ''))
  }
}

/** The expression within `!`, `as const`, `satisfies` and the like, where these do not matter. */
export function bare(node: Expression): Expression {
  let inner = node
  while (
    inner.type === 'TSNonNullExpression' ||
    inner.type === 'TSSatisfiesExpression' ||
    inner.type === 'ParenthesizedExpression'
  )
    inner = inner.expression
  return inner
}
