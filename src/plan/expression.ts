/**
 * Expressions of the plan as values to look at: printed as GNU linker script text, searched for names, folded when they
 * hold no name and no address. Evaluation during layout is the engine's.
 */
import type { BinaryOperator, Expression, UnaryOperator } from './plan.ts'

/** Binding strength, higher binds closer; the order of GNU ld's grammar. */
const strength: Readonly<Record<BinaryOperator, number>> = {
  '||': 2,
  '&&': 3,
  '|': 4,
  '^': 5,
  '&': 6,
  '==': 7,
  '!=': 7,
  '<': 8,
  '<=': 8,
  '>': 8,
  '>=': 8,
  '<<': 9,
  '>>': 9,
  '+': 10,
  '-': 10,
  '*': 11,
  '/': 11,
  '%': 11,
}
const conditionalStrength = 1
const unaryStrength = 12

/**
 * The expression as GNU ld reads it: `(. + 0x1000) & ~0xfff`. Parentheses only where they are needed. Names that are no
 * plain words of the language are quoted.
 */
export function printExpression(expression: Expression): string {
  return print(expression, 0)
}

function print(e: Expression, around: number): string {
  switch (e.op) {
    case 'number':
      return e.value < 10n ? String(e.value) : '0x' + e.value.toString(16)
    case 'dot':
      return '.'
    case 'symbol':
      return printName(e.name)
    case 'unary':
      return `${e.operator}${print(e.operand, unaryStrength)}`
    case 'binary': {
      const own = strength[e.operator]
      return bracket(`${print(e.left, own)} ${e.operator} ${print(e.right, own + 1)}`, own < around)
    }
    case 'conditional': {
      const own = conditionalStrength
      return bracket(`${print(e.test, own + 1)} ? ${print(e.yes, own)} : ${print(e.no, own)}`, own < around)
    }
    case 'absolute':
      return `ABSOLUTE (${print(e.operand, 0)})`
    case 'log2ceil':
      return `LOG2CEIL (${print(e.operand, 0)})`
    case 'next':
      return `NEXT (${print(e.operand, 0)})`
    case 'data-segment-end':
      return `DATA_SEGMENT_END (${print(e.operand, 0)})`
    case 'align-dot':
      return `ALIGN (${print(e.operand, 0)})`
    case 'align':
      return `ALIGN (${print(e.left, 0)}, ${print(e.right, 0)})`
    case 'max':
      return `MAX (${print(e.left, 0)}, ${print(e.right, 0)})`
    case 'min':
      return `MIN (${print(e.left, 0)}, ${print(e.right, 0)})`
    case 'data-segment-align':
      return `DATA_SEGMENT_ALIGN (${print(e.left, 0)}, ${print(e.right, 0)})`
    case 'data-segment-relro-end':
      return `DATA_SEGMENT_RELRO_END (${print(e.left, 0)}, ${print(e.right, 0)})`
    case 'addr':
    case 'loadaddr':
    case 'sizeof':
    case 'alignof':
      return `${e.op.toUpperCase()} (${printName(e.section)})`
    case 'sizeof-headers':
      return 'SIZEOF_HEADERS'
    case 'defined':
      return `DEFINED (${printName(e.name)})`
    case 'origin':
    case 'length':
      return `${e.op.toUpperCase()} (${printName(e.region)})`
    case 'constant':
      return `CONSTANT (${e.name})`
    case 'segment-start':
      return `SEGMENT_START ("${e.segment}", ${print(e.fallback, 0)})`
    case 'section-start':
      return `section_start (${printName(e.section)}, ${print(e.fallback, 0)})`
    case 'assert':
      return `ASSERT (${print(e.value, 0)}, "${e.message}")`
  }
}

function bracket(text: string, needed: boolean): string {
  return needed ? `(${text})` : text
}

/** A name as it may stand in an expression; quoted unless every state of the language reads it as one name. */
export function printName(name: string): string {
  return /^[A-Za-z_.][A-Za-z0-9_.]*$/.test(name) && name !== '.' ? name : `"${name}"`
}

/** Everything an expression refers to by name. */
export interface NamesUsed {
  readonly symbols: ReadonlySet<string>
  readonly sections: ReadonlySet<string>
  readonly regions: ReadonlySet<string>
  /** the value depends on where it is evaluated */
  readonly dot: boolean
}

export function namesUsed(expression: Expression): NamesUsed {
  const symbols = new Set<string>()
  const sections = new Set<string>()
  const regions = new Set<string>()
  let dot = false
  visitExpression(expression, e => {
    if (e.op === 'symbol' || e.op === 'defined') symbols.add(e.name)
    if (e.op === 'addr' || e.op === 'loadaddr' || e.op === 'sizeof' || e.op === 'alignof') sections.add(e.section)
    if (e.op === 'origin' || e.op === 'length') regions.add(e.region)
    if (e.op === 'dot' || e.op === 'align-dot' || e.op === 'next') dot = true
  })
  return { symbols, sections, regions, dot }
}

/** The operands of an expression, left to right. */
export function operandsOf(e: Expression): readonly Expression[] {
  switch (e.op) {
    case 'unary':
    case 'absolute':
    case 'log2ceil':
    case 'next':
    case 'data-segment-end':
    case 'align-dot':
      return [e.operand]
    case 'binary':
    case 'align':
    case 'max':
    case 'min':
    case 'data-segment-align':
    case 'data-segment-relro-end':
      return [e.left, e.right]
    case 'conditional':
      return [e.test, e.yes, e.no]
    case 'segment-start':
    case 'section-start':
      return [e.fallback]
    case 'assert':
      return [e.value]
    default:
      return []
  }
}

/** Calls `visit` for the expression and all inside it, outermost first. */
export function visitExpression(expression: Expression, visit: (e: Expression) => void): void {
  visit(expression)
  for (const operand of operandsOf(expression)) visitExpression(operand, visit)
}

/**
 * The same expression with each part replaced by what `change` gives for it, innermost first.
 * `change` returns its argument to leave a part as it is.
 */
export function mapExpression(e: Expression, change: (e: Expression) => Expression): Expression {
  const inner = (operand: Expression): Expression => mapExpression(operand, change)
  switch (e.op) {
    case 'unary':
    case 'absolute':
    case 'log2ceil':
    case 'next':
    case 'data-segment-end':
    case 'align-dot':
      return change({ ...e, operand: inner(e.operand) })
    case 'binary':
    case 'align':
    case 'max':
    case 'min':
    case 'data-segment-align':
    case 'data-segment-relro-end':
      return change({ ...e, left: inner(e.left), right: inner(e.right) })
    case 'conditional':
      return change({ ...e, test: inner(e.test), yes: inner(e.yes), no: inner(e.no) })
    case 'segment-start':
    case 'section-start':
      return change({ ...e, fallback: inner(e.fallback) })
    case 'assert':
      return change({ ...e, value: inner(e.value) })
    default:
      return change(e)
  }
}

/**
 * Value of an expression of numbers only, modulo 2^64; undefined when it names or measures something, divides by zero,
 * or asserts.
 */
export function foldConstant(e: Expression): bigint | undefined {
  switch (e.op) {
    case 'number':
      return e.value
    case 'unary': {
      const value = foldConstant(e.operand)
      return value === undefined ? undefined : applyUnary(e.operator, value)
    }
    case 'binary': {
      const left = foldConstant(e.left)
      const right = foldConstant(e.right)
      return left === undefined || right === undefined ? undefined : applyBinary(e.operator, left, right)
    }
    case 'conditional': {
      const test = foldConstant(e.test)
      return test === undefined ? undefined : foldConstant(test !== 0n ? e.yes : e.no)
    }
    case 'absolute':
      return foldConstant(e.operand)
    case 'log2ceil': {
      const value = foldConstant(e.operand)
      return value === undefined ? undefined : logarithmRoundedUp(value)
    }
    case 'align':
    case 'max':
    case 'min': {
      const left = foldConstant(e.left)
      const right = foldConstant(e.right)
      if (left === undefined || right === undefined) return undefined
      if (e.op === 'align') return alignUp(left, right)
      return left > right === (e.op === 'max') ? left : right
    }
    default:
      return undefined
  }
}

const wrap = (value: bigint): bigint => BigInt.asUintN(64, value)

/** `operator value` modulo 2^64; `!` gives 0 or 1. */
export function applyUnary(operator: UnaryOperator, value: bigint): bigint {
  switch (operator) {
    case '-':
      return wrap(-value)
    case '+':
      return value
    case '~':
      return wrap(~value)
    case '!':
      return value === 0n ? 1n : 0n
  }
}

/**
 * `left operator right` as GNU ld computes: modulo 2^64, `/` and `%` signed, comparisons and `>>` unsigned, shift counts
 * modulo 64, `&&` and `||` give 0 or 1. Undefined for a division by zero.
 */
export function applyBinary(operator: BinaryOperator, left: bigint, right: bigint): bigint | undefined {
  switch (operator) {
    case '+':
      return wrap(left + right)
    case '-':
      return wrap(left - right)
    case '*':
      return wrap(left * right)
    case '/':
      return right === 0n ? undefined : wrap(BigInt.asIntN(64, left) / BigInt.asIntN(64, right))
    case '%':
      return right === 0n ? undefined : wrap(BigInt.asIntN(64, left) % BigInt.asIntN(64, right))
    case '<<':
      return wrap(left << (right & 63n))
    case '>>':
      return left >> (right & 63n)
    case '&':
      return left & right
    case '|':
      return left | right
    case '^':
      return left ^ right
    default:
      return compares(operator, left, right) ? 1n : 0n
  }
}

function compares(operator: BinaryOperator, left: bigint, right: bigint): boolean {
  switch (operator) {
    case '==':
      return left === right
    case '!=':
      return left !== right
    case '<':
      return left < right
    case '<=':
      return left <= right
    case '>':
      return left > right
    case '>=':
      return left >= right
    case '&&':
      return left !== 0n && right !== 0n
    default:
      return left !== 0n || right !== 0n
  }
}

/** Smallest multiple of `alignment` that is not below `value`; 0 and 1 leave it as it is. */
export function alignUp(value: bigint, alignment: bigint): bigint {
  if (alignment <= 1n) return value
  return wrap(((value + alignment - 1n) / alignment) * alignment)
}

/** Smallest n with 2^n >= value; 0 for 0. */
export function logarithmRoundedUp(value: bigint): bigint {
  let result = 0n
  while (1n << result < value) result++
  return result
}
