/** Expressions, from syntax to values. */
import { assignmentValue, place } from './assignments.ts'
import { callValue } from './calls.ts'
import { addressOf, type Context, lookUp, noteRange, outerConstant } from './context.ts'
import { nameOf } from './kinds.ts'
import { alternatives, binary, cast, condition, toIndex, unary, wrapping } from './operators.ts'
import { bare, type Expression, type Of, Refusal } from './syntax.ts'
import { constant, elementLoad, localValue, type Value } from './tree.ts'

export function value(context: Context, node: Expression): Value {
  switch (node.type) {
    case 'TSNonNullExpression':
    case 'TSSatisfiesExpression':
    case 'ParenthesizedExpression':
      return value(context, node.expression)
    case 'NumericLiteral':
      return constant('literal', node.value)
    case 'BooleanLiteral':
      return constant('boolean', node.value ? 1 : 0)
    case 'Identifier':
      return identifier(context, node)
    case 'MemberExpression':
      return member(context, node)
    case 'TSAsExpression':
      if (node.typeAnnotation.type === 'TSTypeReference' && isConstCast(node)) return value(context, node.expression)
      {
        const kind = context.program.kind(node.typeAnnotation, context.module)
        noteRange(context, node, kind)
        return cast(value(context, node.expression), kind, node)
      }
    case 'UnaryExpression':
      if (node.operator === '!') {
        const operand = condition(value(context, node.argument), node.argument)
        if (operand.op === 'constant') return constant('boolean', 1 - operand.value)
        return { op: 'not', kind: 'boolean', operand }
      }
      return unary(node.operator, value(context, node.argument), node)
    case 'BinaryExpression':
      return binaryValue(context, node)
    case 'LogicalExpression':
      return logical(context, node, false)
    case 'ConditionalExpression': {
      const test = conditionValue(context, node.test)
      const [yes, no, kind] = alternatives(value(context, node.consequent), value(context, node.alternate), node)
      return { op: 'choose', kind, test, yes, no }
    }
    case 'AssignmentExpression':
    case 'UpdateExpression':
      return assignmentValue(context, node)
    case 'CallExpression':
      return callValue(context, node)
    case 'ArrowFunctionExpression':
    case 'FunctionExpression':
      throw new Refusal(
        node,
        'closures are not available in kernels: write a function of the module and pass what it needs',
      )
    case 'NewExpression':
    case 'ArrayExpression':
    case 'ObjectExpression':
      throw new Refusal(node, 'kernels make no objects and arrays: have the caller pass columns')
    case 'StringLiteral':
    case 'TemplateLiteral':
      throw new Refusal(node, 'kernels have no strings')
    case 'BigIntLiteral':
      throw new Refusal(node, 'kernels have no bigint: sizes and addresses are F64')
    case 'NullLiteral':
      throw new Refusal(node, 'kernels have no null: use a number such as -1 for none')
    case 'OptionalMemberExpression':
    case 'OptionalCallExpression':
      throw new Refusal(node, '?. is not available in kernels')
    default:
      throw new Refusal(node, `${node.type} is not available in kernels`)
  }
}

function isConstCast(node: Of<'TSAsExpression'>): boolean {
  const type = node.typeAnnotation
  return type.type === 'TSTypeReference' && type.typeName.type === 'Identifier' && type.typeName.name === 'const'
}

function identifier(context: Context, node: Of<'Identifier'>): Value {
  const binding = lookUp(context, node.name)
  if (binding?.form === 'local') return localValue(binding.local)
  if (binding?.form === 'constant') return binding.value
  if (node.name === 'undefined') throw new Refusal(node, 'kernels have no undefined: use a number such as -1 for none')
  const found = outerConstant(context, node)
  if (found !== undefined) return found
  const meaning = context.program.modules.resolve(context.module, node.name, node)
  const reason =
    meaning === undefined
      ? 'is not known'
      : meaning.form === 'function'
        ? 'is a function, which can only be called'
        : 'is not a number or boolean that is known when kernels are compiled'
  throw new Refusal(node, `${node.name} ${reason}`)
}

/** `object.name` and `object[index]`. */
function member(context: Context, node: Of<'MemberExpression'>): Value {
  const object = bare(node.object as Expression)
  if (node.object.type === 'Super' || node.property.type === 'PrivateName')
    throw new Refusal(node, 'kernels have no classes')
  const isLocal = object.type !== 'Identifier' || lookUp(context, object.name) !== undefined
  if (!isLocal || object.type === 'MemberExpression') {
    const found = outerMember(context, node)
    if (found !== undefined) return found
  }
  if (node.computed) return element(context, node)
  const name = node.property.type === 'Identifier' ? node.property.name : ''
  const from = value(context, object)
  if (from.op === 'local' && typeof from.kind !== 'string' && from.kind.form === 'record') {
    const field = from.kind.fields.get(name)
    if (field === undefined) throw new Refusal(node, `${from.kind.name} has no field ${name}`)
    return { op: 'field', kind: field.kind, record: from.local, field }
  }
  if (name === 'length' || name === 'byteLength')
    throw new Refusal(node, `.${name} is not available in kernels: have the caller pass it (I32 or F64)`)
  throw new Refusal(node, `.${name} of ${nameOf(from.kind)} is not available in kernels`)
}

/** `object.name` where the object is a constant of this module or another one. */
function outerMember(context: Context, node: Of<'MemberExpression'>): Value | undefined {
  let root: Expression = node
  while (root.type === 'MemberExpression') root = bare(root.object as Expression)
  if (root.type !== 'Identifier' || lookUp(context, root.name) !== undefined) return undefined
  const found = outerConstant(context, node)
  if (found !== undefined) return found
  const meaning = context.program.modules.resolve(context.module, root.name, root)
  if (meaning?.form === 'constant' || meaning?.form === 'opaque')
    throw new Refusal(
      node,
      `this is no number that is known when kernels are compiled; of ${root.name} only numbers can be used`,
    )
  return undefined
}

function element(context: Context, node: Of<'MemberExpression'>): Value {
  const array = value(context, node.object as Expression)
  if (typeof array.kind !== 'string' && array.kind.form === 'table') {
    const index = toIndex(value(context, node.property as Expression), node.property)
    context.program.checks.noteIndex(context.module.path, 'index', node.property, node.object)
    const address = addressOf(array, index, 2)
    return { op: 'load', kind: array.kind.of, code: 0x28, alignment: 2, address }
  }
  if (typeof array.kind === 'string' || array.kind.form !== 'array')
    throw new Refusal(node, `${nameOf(array.kind)} has no elements`)
  const found = place(context, node)
  return elementLoad(found.element, found.address)
}

function binaryValue(context: Context, node: Of<'BinaryExpression'>): Value {
  if (node.left.type === 'PrivateName') throw new Refusal(node, 'kernels have no classes')
  const { operator } = node
  if (['&', '|', '^', '<<', '>>', '>>>'].includes(operator)) {
    const left = wrapped(context, node.left)
    // The number of places of a shift counts modulo 32 in both languages.
    return binary(operator, left, wrapped(context, node.right), node)
  }
  const result = binary(operator, value(context, node.left), value(context, node.right), node)
  if (operator === '+' || operator === '-' || operator === '*') noteRange(context, node, result.kind)
  return result
}

/** An operand of a bit operation, where sums may overflow: they are taken modulo 2^32. */
function wrapped(context: Context, node: Expression): Value {
  const inner = bare(node)
  if (inner.type !== 'BinaryExpression' || (inner.operator !== '+' && inner.operator !== '-'))
    return value(context, inner)
  const left = wrapped(context, inner.left as Expression)
  return wrapping(inner.operator, left, wrapped(context, inner.right), inner)
}

/** `&&` and `||`; `truth`: only the truth of the operands matters. */
function logical(context: Context, node: Of<'LogicalExpression'>, truth: boolean): Value {
  if (node.operator === '??') throw new Refusal(node, '?? is not available in kernels: nothing is ever undefined')
  const operand = (part: Expression): Value => {
    const found = truth ? conditionValue(context, part) : value(context, part)
    if (found.kind !== 'boolean')
      throw new Refusal(part, `${node.operator} takes booleans: compare the number, as in \`x !== 0\``)
    return found
  }
  const left = operand(node.left)
  const right = operand(node.right)
  if (left.op === 'constant') return (left.value === 1) === (node.operator === '&&') ? right : left
  return { op: node.operator === '&&' ? 'and' : 'or', kind: 'boolean', left, right }
}

/** An expression of which only the truth matters: the test of an `if` or a loop. */
export function conditionValue(context: Context, node: Expression): Value {
  const inner = bare(node)
  if (inner.type === 'LogicalExpression') return logical(context, inner, true)
  return condition(value(context, inner), inner)
}
