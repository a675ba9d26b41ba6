/** Calls: functions of the kernels' folder, Math, methods of arrays and views, and the intrinsics of bytes.ts. */
import { addressOf, type Context, lookUp, temporary } from './context.ts'
import { intrinsic } from './intrinsics.ts'
import { type ArrayKind, type Kind, nameOf, type RecordKind } from './kinds.ts'
import { code, coerce, compare, extreme, forElement, settled, toBits, toF64, toIndex } from './operators.ts'
import { bare, type Expression, type Of, Refusal } from './syntax.ts'
import { type Action, constant, type Local, localValue, operation, type Value } from './tree.ts'

type Call = Of<'CallExpression'>

export function callValue(context: Context, node: Call): Value {
  const callee = node.callee.type === 'V8IntrinsicIdentifier' ? undefined : (node.callee as Expression)
  if (callee?.type === 'Identifier') return routineCall(context, node, callee)
  if (callee?.type === 'MemberExpression' && !callee.computed && callee.property.type === 'Identifier') {
    const object = callee.object as Expression
    const name = callee.property.name
    if (object.type === 'Identifier' && object.name === 'Math' && lookUp(context, 'Math') === undefined)
      return mathCall(context, node, name)
    const receiver = context.value(object)
    if (typeof receiver.kind !== 'string' && receiver.kind.form === 'array')
      return receiver.kind.element.kind === undefined
        ? viewCall(context, node, name, receiver)
        : arrayCall(context, node, name, receiver, receiver.kind)
    throw new Refusal(node, `${nameOf(receiver.kind)} has no method ${name}`)
  }
  throw new Refusal(node, 'only functions of this folder, Math and methods of arrays and views can be called')
}

/** The arguments as expressions. */
function argumentNodes(node: Call): Expression[] {
  return node.arguments.map(argument => {
    if (argument.type === 'SpreadElement' || argument.type === 'ArgumentPlaceholder')
      throw new Refusal(argument, 'every argument has to be written out')
    return argument
  })
}

function expectCount(node: Call, name: string, ...counts: number[]): Expression[] {
  const found = argumentNodes(node)
  if (!counts.includes(found.length))
    throw new Refusal(node, `${name} takes ${counts.join(' or ')} arguments, ${found.length} are given`)
  return found
}

function routineCall(context: Context, node: Call, callee: Of<'Identifier'>): Value {
  if (lookUp(context, callee.name) !== undefined)
    throw new Refusal(node, `${callee.name} is a variable: only functions can be called`)
  const meaning = context.program.modules.resolve(context.module, callee.name, callee)
  if (meaning === undefined) throw new Refusal(callee, `${callee.name} is not known`)
  if (meaning.form !== 'function')
    throw new Refusal(callee, `${callee.name} is no \`function\` declaration: only those can be called`)
  const known = intrinsic(context, meaning, node, argumentNodes(node))
  if (known !== undefined) return known
  const asked = context.program.routine(meaning)
  const given = expectCount(node, callee.name, meaning.node.params.length)
  const values = given.map(argument => context.value(argument))
  // A function that is given a record with more fields than it asks for is translated for that one.
  const records = asked.parameters.map(({ kind }, at) => {
    const passed = values[at]!.kind
    return isRecord(kind) && isRecord(passed) && passed !== kind ? passed : undefined
  })
  for (let at = 0; at < records.length; at++) expectFields(asked.parameters[at]!.kind, records[at], given[at]!)
  const target = records.some(record => record !== undefined) ? context.program.routine(meaning, records) : asked
  const operands = target.parameters.map((parameter, at) => {
    const what = `parameter ${parameter.name} of ${callee.name}`
    return coerce(values[at]!, parameter.kind, given[at]!, what)
  })
  return { op: 'call', kind: target.result, target, operands }
}

function isRecord(kind: Kind | 'literal'): kind is RecordKind {
  return typeof kind !== 'string' && kind.form === 'record'
}

/** Has the record all that the parameter asks for? */
function expectFields(asked: Kind, passed: RecordKind | undefined, argument: Expression): void {
  if (passed === undefined || !isRecord(asked)) return
  for (const { name, kind } of asked.fields.values())
    if (passed.fields.get(name)?.kind !== kind)
      throw new Refusal(argument, `${passed.name} is given, but has no field ${name} as ${asked.name} has it`)
}

function mathCall(context: Context, node: Call, name: string): Value {
  const numbers = (count: number): Value[] =>
    expectCount(node, `Math.${name}`, count).map(argument => context.value(argument))
  switch (name) {
    case 'imul': {
      const [left, right] = numbers(2) as [Value, Value]
      return operation('i32', code.i32Mul, toBits(left, node), toBits(right, node))
    }
    case 'clz32':
      return operation('i32', code.i32Clz, toBits(numbers(1)[0]!, node))
    case 'min':
    case 'max': {
      const [first, ...others] = argumentNodes(node).map(argument => context.value(argument))
      if (first === undefined) throw new Refusal(node, `Math.${name} takes numbers`)
      return others.reduce((left, right) => extreme(name, left, right, node, kind => temporary(name, kind)), first)
    }
    case 'floor':
    case 'trunc':
    case 'ceil': {
      const operand = settled(numbers(1)[0]!)
      if (operand.kind !== 'f64') return operand
      if (operand.op === 'constant') return constant('literal', Math[name](operand.value))
      return operation('f64', { floor: code.f64Floor, trunc: code.f64Trunc, ceil: code.f64Ceil }[name], operand)
    }
    case 'abs':
    case 'sqrt': {
      const operand = numbers(1)[0]!
      if (name === 'abs' && operand.kind !== 'f64')
        throw new Refusal(node, 'Math.abs takes an F64: write `x < 0 ? -x : x` for integers')
      return operation('f64', name === 'abs' ? code.f64Abs : code.f64Sqrt, toF64(operand, node))
    }
    default:
      throw new Refusal(
        node,
        `Math.${name} is not available in kernels: imul, clz32, min, max, floor, ceil, trunc, abs and sqrt are`,
      )
  }
}

interface ViewMethod {
  readonly code: number
  readonly kind: 'i32' | 'u32' | 'f64'
  readonly bytes: number
}

const getters: Readonly<Record<string, ViewMethod>> = {
  getUint8: { code: 0x2d, kind: 'i32', bytes: 1 },
  getInt8: { code: 0x2c, kind: 'i32', bytes: 1 },
  getUint16: { code: 0x2f, kind: 'i32', bytes: 2 },
  getInt16: { code: 0x2e, kind: 'i32', bytes: 2 },
  getUint32: { code: 0x28, kind: 'u32', bytes: 4 },
  getInt32: { code: 0x28, kind: 'i32', bytes: 4 },
  getFloat64: { code: 0x2b, kind: 'f64', bytes: 8 },
}

const setters: Readonly<Record<string, ViewMethod>> = {
  setUint8: { code: 0x3a, kind: 'i32', bytes: 1 },
  setInt8: { code: 0x3a, kind: 'i32', bytes: 1 },
  setUint16: { code: 0x3b, kind: 'i32', bytes: 2 },
  setInt16: { code: 0x3b, kind: 'i32', bytes: 2 },
  setUint32: { code: 0x36, kind: 'u32', bytes: 4 },
  setInt32: { code: 0x36, kind: 'i32', bytes: 4 },
  setFloat64: { code: 0x39, kind: 'f64', bytes: 8 },
}

/** Reads and writes of a DataView: any alignment, little-endian. */
function viewCall(context: Context, node: Call, name: string, view: Value): Value {
  const getter = getters[name]
  const method = getter ?? setters[name]
  if (method === undefined)
    throw new Refusal(
      node,
      `${name} of a DataView is not available in kernels: ${[...Object.keys(getters), ...Object.keys(setters)].join(', ')} are`,
    )
  const given = argumentNodes(node)
  const plain = getter === undefined ? 2 : 1
  const wide = method.bytes > 1 ? 1 : 0
  const last = given[plain]
  if (given.length !== plain + wide || (wide === 1 && !(last?.type === 'BooleanLiteral' && last.value)))
    throw new Refusal(
      node,
      `${name} is written ${name}(at${plain === 2 ? ', value' : ''}${wide === 1 ? ', true' : ''}): kernels read and write little-endian`,
    )
  const index = toIndex(context.value(given[0]!), given[0]!)
  const address = addressOf(view, index, 0)
  if (getter !== undefined) return { op: 'load', kind: method.kind, code: method.code, alignment: 0, address }
  const value = forElement(context.value(given[1]!), method.kind, given[1]!, `the value of ${name}`)
  return effect([{ op: 'store', code: method.code, alignment: 0, address, value }])
}

/** Actions as a value that is none. */
function effect(before: readonly Action[], locals: readonly Local[] = []): Value {
  return { op: 'sequence', kind: 'void', locals, before, value: operation('void', 0x01) }
}

function arrayCall(context: Context, node: Call, name: string, array: Value, kind: ArrayKind): Value {
  if (name !== 'fill')
    throw new Refusal(
      node,
      `${name} of ${nameOf(array.kind)} is not available in kernels: fill(value, from, to) is; copyBytes of bytes.ts copies`,
    )
  const [filler, start, end] = expectCount(node, 'fill', 3) as [Expression, Expression, Expression]
  const { shift } = kind.element
  for (const limit of [start, end])
    if (node.callee.type === 'MemberExpression')
      context.program.checks.noteIndex(context.module.path, 'end', limit, node.callee.object)
  const found = context.value(bare(filler))
  const byte = found.op === 'constant' && (found.value === 0 || (found.value === -1 && kind.element.kind !== 'f64'))
  if (shift > 0 && !byte)
    throw new Refusal(
      filler,
      `fill of ${kind.element.name} takes 0${kind.element.kind === 'f64' ? '' : ' or -1'} only: write a loop for other values`,
    )
  const from = temporary('from', 'i32')
  const to = temporary('to', 'i32')
  const length = operation('i32', code.i32Sub, localValue(to), localValue(from))
  const shifted = shift === 0 ? length : operation('i32', code.i32Shl, length, constant('i32', shift))
  const at: Value = { op: 'address', kind: 'i32', address: addressOf(array, localValue(from), shift) }
  const value: Value = {
    op: 'operation',
    kind: 'void',
    code: 0xfc0b,
    operands: [
      at,
      forElement(found, kind.element.kind === 'f64' ? 'i32' : kind.element.kind!, filler, 'the value of fill'),
      shifted,
    ],
    immediates: [0],
  }
  const unsigned = (local: Local): Value => ({ op: 'local', kind: 'u32', local })
  return effect(
    [
      { op: 'set', local: from, value: toIndex(context.value(start), start), declares: true },
      { op: 'set', local: to, value: toIndex(context.value(end), end), declares: true },
      {
        op: 'if',
        test: compare('<', unsigned(from), unsigned(to), node),
        yes: { locals: [], actions: [{ op: 'evaluate', value }] },
        no: undefined,
      },
    ],
    [from, to],
  )
}
