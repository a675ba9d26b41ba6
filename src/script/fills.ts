/** Gap patterns and text data: bytes that are known when the script is read. */
import type { Name, Expression as SyntaxExpression } from '../../grammar/ast.ts'
import { ascizOctalCut, notConstant } from '../diag/catalogue/script-compile.ts'
import { foldConstant, printExpression } from '../plan/expression.ts'
import type { FillPlan } from '../plan/plan.ts'
import type { Compilation } from './compilation.ts'
import { numberExpression } from './compilation.ts'
import { lower } from './lower-expression.ts'
import { nameOrRaw } from './plan-time.ts'
import type { Scope } from './scope.ts'

/**
 * `=fill` and FILL: a plain hex literal is a byte string of any length (0x90 is 90, 0x0090 is 00 90), with or without
 * parentheses or unary plus; any other number is a 32-bit big-endian word.
 */
export function lowerFill(e: SyntaxExpression, scope: Scope, c: Compilation): FillPlan {
  const digits = hexDigits(e)
  if (digits !== undefined) {
    const even = digits.length % 2 === 0 ? digits : '0' + digits
    const bytes = (even.match(/../g) ?? []).map(pair => Number.parseInt(pair, 16))
    return { kind: 'bytes', bytes, span: e.span }
  }
  const lowered = lower(e, scope, c)
  const value = foldConstant(lowered)
  if (value === undefined) c.add(notConstant({ what: 'a fill value', expression: printExpression(lowered) }), e.span)
  return { kind: 'word', value: numberExpression(value ?? 0n, e.span), span: e.span }
}

function hexDigits(e: SyntaxExpression): string | undefined {
  if (e.kind === 'unary' && e.operator === '+') return hexDigits(e.operand)
  return e.kind === 'number' ? e.hexDigits : undefined
}

const letters: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9 }

/**
 * Bytes of ASCIZ with the zero behind them. `\n \r \t` and octal escapes as in C; a backslash in front of anything else
 * is dropped. An octal escape takes digits while its value fits into a byte.
 */
export function ascizBytes(text: Name, scope: Scope, c: Compilation): readonly number[] {
  const source = nameOrRaw(text, scope, c)
  const bytes: number[] = []
  for (let i = 0; i < source.length; i++) {
    if (source[i] !== '\\') {
      bytes.push(source.charCodeAt(i))
      continue
    }
    i++
    if (i >= source.length) break
    const octal = /^[0-7]{1,3}/.exec(source.slice(i, i + 3))?.[0]
    if (octal === undefined) {
      bytes.push(letters[source[i]] ?? source.charCodeAt(i))
      continue
    }
    const fits = Number.parseInt(octal, 8) <= 255
    const taken = fits ? octal : octal.slice(0, -1)
    if (!fits) c.add(ascizOctalCut({ escape: '\\' + octal }), text.span)
    bytes.push(Number.parseInt(taken, 8))
    i += taken.length - 1
  }
  return [...bytes, 0]
}
