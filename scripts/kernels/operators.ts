/** Operators: which kinds they take and give, and the instructions they become. */
import type { ScalarKind } from '../../src/kernels/signatures.ts'
import { fold } from './constants.ts'
import { isInteger, isScalar, type Kind, nameOf } from './kinds.ts'
import { type Placed, Refusal } from './syntax.ts'
import { type Constant, constant, type Local, localValue, operation, type Value } from './tree.ts'

export const code = {
  i32Eqz: 0x45,
  i32Eq: 0x46,
  i32Ne: 0x47,
  f64Ne: 0x62,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Mul: 0x6c,
  i32Or: 0x72,
  i32Xor: 0x73,
  i32Shl: 0x74,
  i32Clz: 0x67,
  i64RemS: 0x81,
  f64Abs: 0x99,
  f64Neg: 0x9a,
  f64Ceil: 0x9b,
  f64Floor: 0x9c,
  f64Trunc: 0x9d,
  f64Sqrt: 0x9f,
  f64Mul: 0xa2,
  f64Div: 0xa3,
  f64Min: 0xa4,
  f64Max: 0xa5,
  i32Wrap: 0xa7,
  f64FromI32: 0xb7,
  f64FromU32: 0xb8,
  f64FromI64: 0xb9,
  /** saturating; a code above 255 is a prefix and a number */
  i64FromF64: 0xfc06,
} as const

/** Signed, unsigned and double instruction of an arithmetic operator. */
const arithmetic: Readonly<Record<string, readonly [number, number, number]>> = {
  '+': [0x6a, 0x6a, 0xa0],
  '-': [0x6b, 0x6b, 0xa1],
  '*': [0x6c, 0x6c, 0xa2],
  '%': [0x6f, 0x70, 0],
}

const comparisons: Readonly<Record<string, readonly [number, number, number]>> = {
  '===': [0x46, 0x46, 0x61],
  '!==': [0x47, 0x47, 0x62],
  '<': [0x48, 0x49, 0x63],
  '>': [0x4a, 0x4b, 0x64],
  '<=': [0x4c, 0x4d, 0x65],
  '>=': [0x4e, 0x4f, 0x66],
}

const bitwise: Readonly<Record<string, number>> = {
  '&': 0x71,
  '|': 0x72,
  '^': 0x73,
  '<<': 0x74,
  '>>': 0x75,
  '>>>': 0x76,
}

/** The kind of a literal that nothing else decides. */
function literalKind(value: number): 'i32' | 'u32' | 'f64' {
  if (!Number.isInteger(value) || value < -0x80000000 || value > 0xffffffff) return 'f64'
  return value > 0x7fffffff ? 'u32' : 'i32'
}

export function settled(value: Value): Exclude<Value, Constant> | (Constant & { kind: ScalarKind }) {
  if (value.op !== 'constant') return value
  const kind = value.kind === 'literal' ? literalKind(value.value) : value.kind
  return { op: 'constant', kind, value: value.value }
}

function fits(value: number, kind: 'i32' | 'u32'): boolean {
  return kind === 'i32' ? value === (value | 0) : value === value >>> 0
}

/** The same bits seen as another kind of integer. */
function taken(value: Value, kind: 'i32' | 'u32'): Value {
  if (value.op === 'constant') return constant(kind, kind === 'i32' ? value.value | 0 : value.value >>> 0)
  return value.kind === kind ? value : ({ ...value, kind } as Value)
}

function refuseNonNumber(value: Value, node: Placed): void {
  if (value.kind === 'boolean') throw new Refusal(node, 'a boolean is used as a number: write `condition ? 1 : 0`')
  if (value.kind !== 'literal' && !isScalar(value.kind))
    throw new Refusal(node, `${nameOf(value.kind)} is used where a number is expected`)
}

export function toF64(value: Value, node: Placed): Value {
  refuseNonNumber(value, node)
  if (value.op === 'constant') return constant('f64', value.value)
  if (value.kind === 'f64') return value
  return operation('f64', value.kind === 'i32' ? code.f64FromI32 : code.f64FromU32, value)
}

/** The integer that a conversion to double was made from. */
function integerWithin(value: Value): Value | undefined {
  if (value.op !== 'operation') return undefined
  return value.code === code.f64FromI32 || value.code === code.f64FromU32 ? value.operands[0] : undefined
}

/** JavaScript's ToInt32: the number modulo 2^32, as an I32. */
export function toBits(value: Value, node: Placed): Value {
  refuseNonNumber(value, node)
  if (value.op === 'constant') return constant('i32', value.value | 0)
  if (isInteger(value.kind)) return value
  const integer = integerWithin(value)
  if (integer !== undefined) return integer
  if (value.op === 'operation' && value.code === code.f64Trunc) return toBits(value.operands[0]!, node)
  return quotient(value) ?? truncated(value)
}

function truncated(value: Value): Value {
  return operation('i32', code.i32Wrap, operation('i32', code.i64FromF64, value))
}

/** An integer divided by a constant and cut off is an integer division. */
function quotient(value: Value): Value | undefined {
  if (value.op !== 'operation' || (value.code !== code.f64Div && value.code !== code.f64Mul)) return undefined
  const dividend = integerWithin(value.operands[0]!)
  const divisor = value.operands[1]!
  if (dividend === undefined || divisor.op !== 'constant') return undefined
  const number = value.code === code.f64Div ? divisor.value : 1 / divisor.value
  if (!Number.isInteger(number) || number < 2 || number > 0x7fffffff) return undefined
  return operation('i32', dividend.kind === 'u32' ? 0x6e : 0x6d, dividend, constant('i32', number))
}

/** An index or an offset as an unsigned 32-bit number. */
export function toIndex(value: Value, node: Placed): Value {
  refuseNonNumber(value, node)
  if (value.op === 'constant') {
    if (!fits(value.value, 'u32'))
      throw new Refusal(node, `${value.value} is no index: an integer of 0 or more is expected`)
    return constant('i32', value.value | 0)
  }
  if (isInteger(value.kind)) return value
  // By way of 64 bits: V8 takes more instructions for the conversion to 32 unsigned ones.
  return integerWithin(value) ?? truncated(value)
}

/**
 * A value for a place of a known kind: an assignment, an argument, a result.
 * @param what the place, for the message
 */
export function coerce(value: Value, kind: Kind, node: Placed, what: string): Value {
  if (value.kind === kind) return value
  if (value.op === 'constant' && value.kind === 'literal') {
    if (kind === 'f64') return constant('f64', value.value)
    if (isInteger(kind)) {
      if (fits(value.value, kind)) return constant(kind, value.value)
      throw new Refusal(
        node,
        `${value.value} is no ${nameOf(kind)}, which ${what} is: give that another type, or wrap the number`,
      )
    }
  }
  if (kind === 'f64' && isInteger(value.kind)) return toF64(value, node)
  const flexible = isInteger(kind) ? literalChoice(value, kind) : undefined
  if (flexible !== undefined) return flexible
  const found = value.kind === 'literal' ? 'a number' : nameOf(value.kind)
  throw new Refusal(node, `${found} is given, but ${what} is ${nameOf(kind)}: ${advice(value.kind, kind)}`)
}

/** `test ? 1 : 0` has no more a kind of its own than its literals have. */
function literalChoice(value: Value, kind: 'i32' | 'u32'): Value | undefined {
  if (value.op !== 'choose' || value.yes.op !== 'constant' || value.no.op !== 'constant') return undefined
  const [yes, no] = [value.yes.value, value.no.value]
  if (!fits(yes, kind) || !fits(no, kind)) return undefined
  return { ...value, kind, yes: constant(kind, yes), no: constant(kind, no) }
}

function advice(from: Kind | 'literal', to: Kind): string {
  if (from === 'boolean') return 'write `condition ? 1 : 0`'
  if (to === 'boolean') return 'compare it, as in `x !== 0`'
  if (isInteger(to) && from === 'f64')
    return `cut it off with ${to === 'i32' ? '`x | 0`' : '`x >>> 0`'} (modulo 2^32), or declare ${nameOf('f64')}`
  if (isInteger(to) && isInteger(from)) return to === 'i32' ? 'write `x | 0`' : 'write `x >>> 0`'
  return 'give it the kind that is expected'
}

/** Values that stores take: integers go into integer columns modulo the column's width, as in JavaScript. */
export function forElement(value: Value, kind: 'i32' | 'u32' | 'f64', node: Placed, what: string): Value {
  if (kind === 'f64') return coerce(value, 'f64', node, what)
  if (value.op === 'constant' && Number.isInteger(value.value) && value.kind !== 'f64') return toBits(value, node)
  return isInteger(value.kind) ? value : coerce(value, kind, node, what)
}

/** Both operands as one kind. */
function unified(left: Value, right: Value, node: Placed, operator: string): [Value, Value, 'i32' | 'u32' | 'f64'] {
  refuseNonNumber(left, node)
  refuseNonNumber(right, node)
  if (left.kind === 'literal' && right.kind === 'literal') {
    const kinds = [literalKind((left as Constant).value), literalKind((right as Constant).value)]
    const kind = kinds.includes('f64') ? 'f64' : kinds[0] === kinds[1] ? kinds[0]! : 'f64'
    return [constant(kind, (left as Constant).value), constant(kind, (right as Constant).value), kind]
  }
  if (left.kind === 'literal') {
    const [other, own, kind] = unified(right, left, node, operator)
    return [own, other, kind]
  }
  if (right.kind === 'literal') {
    const value = (right as Constant).value
    if (left.kind === 'f64' || literalKind(value) === 'f64') return [toF64(left, node), constant('f64', value), 'f64']
    const kind = left.kind as 'i32' | 'u32'
    if (!fits(value, kind))
      throw new Refusal(
        node,
        `${value} is no ${nameOf(kind)} as the other operand of ${operator} is: convert that (${kind === 'i32' ? '`x >>> 0`' : '`x | 0`'} or \`x as F64\`)`,
      )
    return [left, constant(kind, value), kind]
  }
  if (left.kind === 'f64' || right.kind === 'f64') return [toF64(left, node), toF64(right, node), 'f64']
  const flexible =
    left.kind === right.kind
      ? undefined
      : [literalChoice(left, right.kind as 'i32') ?? left, literalChoice(right, left.kind as 'i32') ?? right]
  if (flexible !== undefined && flexible[0]!.kind === right.kind) return [flexible[0]!, right, right.kind as 'i32']
  if (flexible !== undefined && flexible[1]!.kind === left.kind) return [left, flexible[1]!, left.kind as 'i32']
  if (left.kind !== right.kind)
    throw new Refusal(
      node,
      `${nameOf(left.kind)} ${operator} ${nameOf(right.kind)} has no meaning here: convert one of them (\`x | 0\` to I32, \`x >>> 0\` to U32, or \`x as F64\`)`,
    )
  return [left, right, left.kind as 'i32' | 'u32']
}

function column(kind: 'i32' | 'u32' | 'f64'): 0 | 1 | 2 {
  return kind === 'i32' ? 0 : kind === 'u32' ? 1 : 2
}

/** @throws {Refusal} for operators that kernels do not have */
export function binary(operator: string, left: Value, right: Value, node: Placed): Value {
  if (comparisons[operator] !== undefined) return compare(operator, left, right, node)
  if (left.op === 'constant' && right.op === 'constant' && left.kind !== 'boolean' && right.kind !== 'boolean') {
    const value = fold(operator, left.value, right.value)
    if (value !== undefined && left.kind === 'literal' && right.kind === 'literal') return constant('literal', value)
  }
  const bits = bitwise[operator]
  if (bits !== undefined) return bitOperation(operator, bits, left, right, node)
  if (operator === '/') {
    const divisor = toF64(right, node)
    if (divisor.op === 'constant' && isPowerOfTwo(Math.abs(divisor.value)))
      return operation('f64', code.f64Mul, toF64(left, node), constant('f64', 1 / divisor.value))
    return operation('f64', code.f64Div, toF64(left, node), divisor)
  }
  const row = arithmetic[operator]
  if (row === undefined)
    throw new Refusal(
      node,
      operator === '==' || operator === '!='
        ? `${operator} is not available: write ${operator}=`
        : `the operator ${operator} is not available in kernels`,
    )
  const [a, b, kind] = unified(left, right, node, operator)
  if (operator === '%' && kind === 'f64') return remainder(a, b)
  if (operator === '*' && kind !== 'f64') return product(a, b, kind)
  return operation(kind, row[column(kind)], a, b)
}

function isPowerOfTwo(value: number): boolean {
  return value >= 1 && value <= 2 ** 52 && Math.log2(value) % 1 === 0
}

function product(left: Value, right: Value, kind: 'i32' | 'u32'): Value {
  const [factor, other] = left.op === 'constant' ? [left, right] : [right, left]
  if (factor.op === 'constant' && isPowerOfTwo(factor.value))
    return operation(kind, code.i32Shl, other, constant('i32', Math.log2(factor.value)))
  return operation(kind, code.i32Mul, left, right)
}

/** Of integers below 2^63, as doubles. There is no instruction for it. */
function remainder(left: Value, right: Value): Value {
  const wide = (value: Value): Value => operation('i32', code.i64FromF64, value)
  return operation('f64', code.f64FromI64, operation('i32', code.i64RemS, wide(left), wide(right)))
}

function bitOperation(operator: string, instruction: number, left: Value, right: Value, node: Placed): Value {
  const a = toBits(left, node)
  const b = toBits(right, node)
  const kind = operator === '>>>' ? 'u32' : 'i32'
  const neutral = operator === '&' ? -1 : 0
  if (b.op === 'constant' && b.value === neutral) return taken(a, kind)
  return operation(kind, instruction, a, b)
}

export function compare(operator: string, left: Value, right: Value, node: Placed): Value {
  const row = comparisons[operator]!
  if (left.kind === 'boolean' && right.kind === 'boolean' && row[0] <= 0x47)
    return operation('boolean', row[0], left, right)
  const [a, b, kind] = unified(left, right, node, operator)
  return operation('boolean', row[column(kind)], a, b)
}

/** Sums and differences whose overflow is wrapped on purpose: integers of both kinds may be mixed. */
export function wrapping(operator: '+' | '-', left: Value, right: Value, node: Placed): Value {
  if (left.op === 'constant' && right.op === 'constant') return binary(operator, left, right, node)
  const whole = (value: Value): boolean =>
    isInteger(value.kind) ||
    (value.op === 'constant' && Number.isInteger(value.value) && Math.abs(value.value) < 2 ** 50)
  if (!whole(left) || !whole(right)) return binary(operator, left, right, node)
  return operation('i32', operator === '+' ? code.i32Add : code.i32Sub, toBits(left, node), toBits(right, node))
}

/** A value where only its truth matters. */
export function condition(value: Value, node: Placed): Value {
  if (value.kind === 'boolean') return value
  if (value.op === 'constant') return constant('boolean', value.value === 0 || Number.isNaN(value.value) ? 0 : 1)
  if (isInteger(value.kind)) return operation('boolean', code.i32Ne, value, constant('i32', 0))
  throw new Refusal(node, `${nameOf(value.kind)} is used as a condition: compare it, as in \`x !== 0\``)
}

/** `-x`, `~x`, `+x`. */
export function unary(operator: string, operand: Value, node: Placed): Value {
  if (operator === '-') {
    if (operand.op === 'constant' && operand.kind === 'literal') return constant('literal', -operand.value)
    if (operand.kind === 'u32') throw new Refusal(node, 'a U32 has no negative: convert it first (`x | 0`, `x as F64`)')
    refuseNonNumber(operand, node)
    if (operand.kind === 'f64') return operation('f64', code.f64Neg, operand)
    return operation('i32', code.i32Sub, constant('i32', 0), operand)
  }
  if (operator === '~') {
    if (operand.op === 'constant' && operand.kind === 'literal') return constant('literal', ~operand.value)
    return operation('i32', code.i32Xor, toBits(operand, node), constant('i32', -1))
  }
  throw new Refusal(node, `the operator ${operator} is not available in kernels`)
}

/** `x as I32` and the like. */
export function cast(value: Value, kind: Kind, node: Placed): Value {
  if (value.kind === kind) return value
  if (kind === 'f64') return toF64(value, node)
  if (isInteger(kind) && isInteger(value.kind)) return taken(value, kind)
  if (isInteger(kind) && value.kind === 'f64')
    throw new Refusal(
      node,
      `\`as ${nameOf(kind)}\` does not cut an F64 off: write ${kind === 'i32' ? '`x | 0`' : '`x >>> 0`'}`,
    )
  return coerce(value, kind, node, 'the type after `as`')
}

/** Two alternatives as one kind; literals only when both are. */
export function alternatives(yes: Value, no: Value, node: Placed): [Value, Value, Kind] {
  if (yes.kind !== 'literal' && yes.kind === no.kind) return [yes, no, yes.kind]
  if (yes.kind === 'boolean' || no.kind === 'boolean' || (yes.kind !== 'literal' && !isScalar(yes.kind)))
    throw new Refusal(node, `the two values are ${nameOf(yes.kind)} and ${nameOf(no.kind)}: make them one kind`)
  return unified(yes, no, node, ':')
}

/** Math.min and Math.max. `temporary` makes locals. */
export function extreme(
  name: 'min' | 'max',
  left: Value,
  right: Value,
  node: Placed,
  temporary: (kind: ScalarKind) => Local,
): Value {
  if (left.op === 'constant' && right.op === 'constant' && left.kind === 'literal' && right.kind === 'literal')
    return constant('literal', Math[name](left.value, right.value))
  const [a, b, kind] = unified(left, right, node, ',')
  if (kind === 'f64') return operation('f64', name === 'min' ? code.f64Min : code.f64Max, a, b)
  const first = temporary(kind)
  const second = temporary(kind)
  const test = compare(name === 'min' ? '<' : '>', localValue(first), localValue(second), node)
  return {
    op: 'sequence',
    kind,
    locals: [first, second],
    before: [
      { op: 'set', local: first, value: a, declares: true },
      { op: 'set', local: second, value: b, declares: true },
    ],
    value: { op: 'choose', kind, test, yes: localValue(first), no: localValue(second) },
  }
}
