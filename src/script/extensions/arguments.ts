/** Reading the arguments of an `@` statement from left to right. */
import type {
  ArgumentList,
  ExtensionArgument,
  ExtensionStatement,
  Expression as SyntaxExpression,
} from '../../../grammar/ast.ts'
import type { Span } from '../../../grammar/span.ts'
import { argumentExpected, notConstant } from '../../diag/catalogue/script-compile.ts'
import { foldConstant, printExpression } from '../../plan/expression.ts'
import type { Expression } from '../../plan/plan.ts'
import { describeSyntax } from '../compilation.ts'
import { lower } from '../lower-expression.ts'
import { evaluateText, nameOrRaw } from '../plan-time.ts'
import type { Site } from './site.ts'

/** A cursor over the arguments. Each `take` moves on only when it finds what it looks for; a miss is reported once. */
export class Arguments {
  readonly statement: Pick<ExtensionStatement, 'name' | 'arguments' | 'span'>
  readonly site: Site
  private at = 0
  private failed = false

  constructor(statement: Pick<ExtensionStatement, 'name' | 'arguments' | 'span'>, site: Site) {
    this.statement = statement
    this.site = site
  }

  get next(): ExtensionArgument | undefined {
    return this.statement.arguments[this.at]
  }

  /** The plain word that comes next, `${…}` joined; undefined when something else comes. */
  word(): string | undefined {
    const argument = this.next
    // `ax` is a number in the alphabet of Motorola assemblers, which GNU ld reads in expressions.
    if (argument?.kind === 'number' && /^[A-Za-z]+$/.test(argument.text)) {
      this.at++
      return argument.text
    }
    if (argument?.kind !== 'symbol' || argument.parentheses) return undefined
    this.at++
    return nameOrRaw(argument.name, this.site.scope, this.site.compilation)
  }

  /** True, and moved on, when the next word is `expected`. */
  keyword(expected: string): boolean {
    const argument = this.next
    if (argument?.kind !== 'symbol' || argument.name.text !== expected || argument.name.quoted) return false
    this.at++
    return true
  }

  /** A word or a text. */
  name(expected: string): string | undefined {
    const argument = this.next
    if (argument?.kind === 'string') {
      this.at++
      return evaluateText(argument, this.site.scope, this.site.compilation, expected)
    }
    return this.word() ?? this.fail(expected)
  }

  /** A value of the layout. */
  expression(expected: string): Expression | undefined {
    const argument = this.syntax()
    return argument === undefined ? this.fail(expected) : lower(argument, this.site.scope, this.site.compilation)
  }

  /** A number known now. */
  constant(expected: string): bigint | undefined {
    const argument = this.syntax()
    if (argument === undefined) return this.fail(expected)
    const lowered = lower(argument, this.site.scope, this.site.compilation)
    const value = foldConstant(lowered)
    if (value === undefined)
      this.site.compilation.add(notConstant({ what: expected, expression: printExpression(lowered) }), argument.span)
    return value
  }

  /** `(a, b)` */
  list(): ArgumentList | undefined {
    const argument = this.next
    if (argument?.kind !== 'argument-list') return undefined
    this.at++
    return argument
  }

  /** `,` and the like */
  mark(text: string): boolean {
    const argument = this.next
    if (argument?.kind !== 'punctuation' || argument.text !== text) return false
    this.at++
    return true
  }

  /** Reports what is left over. */
  finish(expected = 'nothing more'): void {
    if (this.next !== undefined && !this.failed) this.fail(expected)
  }

  /** Reports that something else was expected here, or in place of `found`. */
  fail(expected: string, found: ExtensionArgument | undefined = this.next): undefined {
    const span: Span = found?.span ?? this.statement.span
    if (!this.failed)
      this.site.compilation.add(
        argumentExpected({ statement: this.statement.name, expected, found: describe(found) }),
        span,
      )
    this.failed = true
    return undefined
  }

  private syntax(): SyntaxExpression | undefined {
    const argument = this.next
    if (argument === undefined || argument.kind === 'punctuation') return undefined
    if (argument.kind !== 'argument-list') {
      this.at++
      return argument
    }
    // `at (X + 1)`: a list of one value is a value in parentheses.
    const [only] = argument.items
    if (argument.items.length !== 1 || only.kind === 'named-argument') return undefined
    this.at++
    return only
  }
}

function describe(argument: ExtensionArgument | undefined): string {
  if (argument === undefined) return 'nothing'
  if (argument.kind === 'punctuation') return `'${argument.text}'`
  return argument.kind === 'argument-list' ? 'a list in parentheses' : describeSyntax(argument)
}
