/**
 * Evaluation while the script is read: conditions, loops, constants, arguments, and the values in names.
 *
 * Only parameters, constants, loop variables and facts of the target have a value now. Whatever is known only after the
 * layout is a mistake here, and the message says so.
 */
import type { BinaryExpression, Expression, Name, NamePart } from '../../grammar/ast.ts'
import type { Span } from '../../grammar/span.ts'
import { divisionByZero, layoutTimeValue, nameUnknown, typeMismatch } from '../diag/catalogue/script-compile.ts'
import { alignUp, applyBinary, applyUnary, logarithmRoundedUp } from '../plan/expression.ts'
import { type Compilation, describeSyntax } from './compilation.ts'
import { nearestName } from './nearest.ts'
import { isNumber, type NumberType, type PlanValue, type Scope, type ValueType } from './scope.ts'

/** What the value is for, in words: `the condition of @if`. */
export interface Purpose {
  readonly what: string
}

/** The value of an expression; undefined after a diagnostic. */
export function evaluate(e: Expression, scope: Scope, c: Compilation, what: string): PlanValue | undefined {
  switch (e.kind) {
    case 'number':
      return { type: /[KMGTkmgt]i?B?$/.test(e.text) && !/^0[xX]/.test(e.text) ? 'size' : 'int', value: e.value }
    case 'string': {
      const text = e.parts === undefined ? e.value : joinParts(e.parts, scope, c)
      return text === undefined ? undefined : { type: 'string', value: text }
    }
    case 'boolean':
      return { type: 'bool', value: e.value }
    case 'symbol':
      return lookUp(e.name, scope, c)
    case 'unary': {
      const operand = evaluate(e.operand, scope, c, what)
      if (operand === undefined) return undefined
      if (e.operator === '!') return { type: 'bool', value: !isTrue(operand) }
      if (!isNumber(operand)) return mismatch(e.operand.span, `operand of ${e.operator}`, 'a number', operand, c)
      return { type: operand.type, value: applyUnary(e.operator, operand.value) }
    }
    case 'binary':
      return evaluateBinary(e, scope, c, what)
    case 'conditional': {
      const test = evaluate(e.condition, scope, c, what)
      if (test === undefined) return undefined
      return evaluate(isTrue(test) ? e.whenTrue : e.whenFalse, scope, c, what)
    }
    case 'value-function':
      return evaluateCall(e.function, e.arguments, e, scope, c, what)
    case 'extension-call':
      return evaluateCall(e.name.text, e.arguments, e, scope, c, what)
    case 'missing':
      return undefined
    default:
      c.add(layoutTimeValue({ expression: describeSyntax(e), where: what }), e.span)
      return undefined
  }
}

/** Like `evaluate`, and the value must be of `type` (any number fits each number type). */
export function evaluateAs(
  e: Expression,
  type: ValueType,
  scope: Scope,
  c: Compilation,
  what: string,
): PlanValue | undefined {
  const value = evaluate(e, scope, c, what)
  return value === undefined ? undefined : convert(value, type, e.span, c, what)
}

/** The value as one of `type`; undefined after a diagnostic. */
export function convert(
  value: PlanValue,
  type: ValueType,
  span: Span,
  c: Compilation,
  what: string,
): PlanValue | undefined {
  if (value.type === type) return value
  if (isNumber(value) && type !== 'bool' && type !== 'string') return { type, value: value.value }
  return mismatch(span, what, type, value, c)
}

/** A number, modulo 2^64. */
export function evaluateNumber(e: Expression, scope: Scope, c: Compilation, what: string): bigint | undefined {
  const value = evaluate(e, scope, c, what)
  if (value === undefined) return undefined
  if (isNumber(value)) return value.value
  mismatch(e.span, what, 'a number', value, c)
  return undefined
}

/** A condition: a bool, or a number that is not 0. */
export function evaluateCondition(e: Expression, scope: Scope, c: Compilation, what: string): boolean | undefined {
  const value = evaluate(e, scope, c, what)
  if (value === undefined) return undefined
  if (value.type !== 'string') return isTrue(value)
  mismatch(e.span, what, 'bool', value, c)
  return undefined
}

/** A text. */
export function evaluateText(e: Expression, scope: Scope, c: Compilation, what: string): string | undefined {
  const value = evaluateAs(e, 'string', scope, c, what)
  return value?.type === 'string' ? value.value : undefined
}

function isTrue(value: PlanValue): boolean {
  return isNumber(value) ? value.value !== 0n : value.type === 'string' ? value.value !== '' : value.value === true
}

function mismatch(span: Span, what: string, expected: string, found: PlanValue, c: Compilation): undefined {
  c.add(typeMismatch({ what, expected, found: found.type }), span)
  return undefined
}

function lookUp(name: Name, scope: Scope, c: Compilation): PlanValue | undefined {
  const text = name.parts === undefined ? name.text : joinParts(name.parts, scope, c)
  if (text === undefined) return undefined
  const value = scope.value(text) ?? c.facts.get(text)
  if (value === undefined)
    c.add(nameUnknown({ name: text, nearest: nearestName(text, [...scope.names(), ...c.facts.keys()]) }), name.span)
  return value
}

function evaluateBinary(e: BinaryExpression, scope: Scope, c: Compilation, what: string): PlanValue | undefined {
  const left = evaluate(e.left, scope, c, what)
  if (left === undefined) return undefined
  // The right side may be meaningless when the left one decides: @if (os == "x" && PARAM_OF_X > 3).
  if (e.operator === '&&' && !isTrue(left)) return { type: 'bool', value: false }
  if (e.operator === '||' && isTrue(left)) return { type: 'bool', value: true }
  const right = evaluate(e.right, scope, c, what)
  if (right === undefined) return undefined
  if (e.operator === '&&' || e.operator === '||') return { type: 'bool', value: isTrue(right) }
  if (isNumber(left) && isNumber(right)) return ofNumbers(e, left, right, c)
  if (isNumber(left) || isNumber(right) || left.type !== right.type)
    return mismatch(e.right.span, `right side of ${e.operator}`, left.type, right, c)
  if (e.operator === '==') return { type: 'bool', value: left.value === right.value }
  if (e.operator === '!=') return { type: 'bool', value: left.value !== right.value }
  if (e.operator === '+' && left.type === 'string' && right.type === 'string')
    return { type: 'string', value: left.value + right.value }
  return mismatch(e.left.span, `left side of ${e.operator}`, 'a number', left, c)
}

const comparisons = new Set(['==', '!=', '<', '<=', '>', '>='])

function ofNumbers(
  e: BinaryExpression,
  left: Extract<PlanValue, { value: bigint }>,
  right: Extract<PlanValue, { value: bigint }>,
  c: Compilation,
): PlanValue | undefined {
  const value = applyBinary(e.operator, left.value, right.value)
  if (value === undefined) {
    c.add(divisionByZero({}), e.span)
    return undefined
  }
  if (comparisons.has(e.operator)) return { type: 'bool', value: value !== 0n }
  return { type: strongerType(left.type, right.type), value }
}

/** A distance between addresses is shown as an address; that is rarely wrong and needs no rule to remember. */
function strongerType(a: NumberType, b: NumberType): NumberType {
  if (a === 'addr' || b === 'addr') return 'addr'
  return a === 'size' || b === 'size' ? 'size' : 'int'
}

// Math.min and Math.max take no bigint.
function smaller(a: bigint, b: bigint): bigint {
  if (a < b) return a
  return b
}

function larger(a: bigint, b: bigint): bigint {
  if (a > b) return a
  return b
}

type NumberFunction = (values: readonly bigint[]) => bigint | undefined

/** Functions of numbers that can be computed now, with how many arguments they take. */
const functions: Readonly<Record<string, readonly [count: number, compute: NumberFunction]>> = {
  ALIGN: [2, ([value, alignment]) => alignUp(value, alignment)],
  MAX: [2, ([a, b]) => larger(a, b)],
  MIN: [2, ([a, b]) => smaller(a, b)],
  LOG2CEIL: [1, ([value]) => logarithmRoundedUp(value)],
  ABSOLUTE: [1, ([value]) => value],
  pow2ceil: [1, ([value]) => 1n << logarithmRoundedUp(value)],
  align_down: [2, ([value, alignment]) => (alignment === 0n ? undefined : value - (value % alignment))],
  clamp: [3, ([value, low, high]) => smaller(larger(value, low), high)],
}

function evaluateCall(
  name: string,
  parameters: readonly Expression[],
  whole: Expression,
  scope: Scope,
  c: Compilation,
  what: string,
): PlanValue | undefined {
  const row = Object.hasOwn(functions, name) ? functions[name] : undefined
  if (row === undefined || row[0] !== parameters.length) {
    c.add(layoutTimeValue({ expression: describeSyntax(whole), where: what }), whole.span)
    return undefined
  }
  const values: bigint[] = []
  let type: NumberType = 'int'
  for (const parameter of parameters) {
    const value = evaluate(parameter, scope, c, what)
    if (value === undefined) return undefined
    if (!isNumber(value)) return mismatch(parameter.span, `argument of ${name}`, 'a number', value, c)
    values.push(value.value)
    type = strongerType(type, value.type)
  }
  const value = row[1](values)
  if (value === undefined) c.add(divisionByZero({}), whole.span)
  return value === undefined ? undefined : { type, value: BigInt.asUintN(64, value) }
}

/** Text of a name: as written, or its pieces joined. Undefined after a diagnostic. */
export function nameText(name: Name, scope: Scope, c: Compilation): string | undefined {
  return name.parts === undefined ? name.text : joinParts(name.parts, scope, c)
}

/** The name, or its text with the `${…}` in it after a mistake, which has been reported. */
export function nameOrRaw(name: Name, scope: Scope, c: Compilation): string {
  return nameText(name, scope, c) ?? name.text
}

/** Joins the pieces of a name or text; numbers are written in decimal. */
export function joinParts(parts: readonly NamePart[], scope: Scope, c: Compilation): string | undefined {
  let text = ''
  for (const part of parts) {
    if (part.kind === 'text') {
      text += part.text
      continue
    }
    const value = evaluate(part.expression, scope, c, 'a value in a name')
    if (value === undefined) return undefined
    text += String(value.value)
  }
  return text
}
