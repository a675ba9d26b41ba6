/** Assignments to variables and elements, as statements and as values. */
import { addressOf, type Context, lookUp, noteRange, temporary } from './context.ts'
import { type Element, isScalar, nameOf } from './kinds.ts'
import { binary, coerce, forElement, toIndex } from './operators.ts'
import { bare, type Expression, type Of, type Placed, Refusal } from './syntax.ts'
import { type Action, type Address, constant, elementLoad, type Local, localValue, type Value } from './tree.ts'

/** An element of a typed array, as a place. */
interface Place {
  readonly address: Address
  readonly element: Element & { readonly kind: 'i32' | 'u32' | 'f64' }
}

/** The element that `array[index]` names; tables and DataViews are none. */
export function place(context: Context, node: Of<'MemberExpression'>): Place {
  const array = context.value(node.object as Expression)
  if (typeof array.kind === 'string' || array.kind.form !== 'array')
    throw new Refusal(node, `${nameOf(array.kind)} has no elements that could be assigned`)
  const element = array.kind.element
  if (element.kind === undefined)
    throw new Refusal(node, 'a DataView has no elements: use its methods, as in `view.getUint32(at, true)`')
  context.program.checks.noteIndex(context.module.path, 'index', node.property, node.object)
  const index = toIndex(context.value(node.property as Expression), node.property)
  return { address: addressOf(array, index, element.shift), element: element as Place['element'] }
}

function target(context: Context, node: Placed & { readonly type: string }): Local | Place {
  const inner = bare(node as Expression)
  if (inner.type === 'Identifier') {
    const binding = lookUp(context, inner.name)
    if (binding?.form === 'local' && binding.mutable) {
      binding.local.assigned = true
      return binding.local
    }
    throw new Refusal(
      inner,
      `${inner.name} cannot be assigned: only \`let\` variables, parameters and elements of arrays can`,
    )
  }
  if (inner.type === 'MemberExpression' && inner.computed) return place(context, inner)
  if (inner.type === 'MemberExpression')
    throw new Refusal(
      inner,
      'fields of records do not change: put the value into a column (an Int32Array of one element, for instance)',
    )
  throw new Refusal(inner, 'this cannot be assigned: variables and elements of arrays can')
}

function isPlace(found: Local | Place): found is Place {
  return 'address' in found
}

function store(place: Place, address: Address, value: Value): Action {
  return { op: 'store', code: place.element.store, alignment: place.element.shift, address, value }
}

/** How a new value comes from the old one. */
type Change = (old: Value) => Value

interface Assignment {
  readonly found: Local | Place
  /** undefined for `=` */
  readonly value: Value | undefined
  readonly change: Change | undefined
  /** the value of the whole is the one from before (`x++`) */
  readonly old: boolean
}

function read(context: Context, node: Of<'AssignmentExpression'> | Of<'UpdateExpression'>): Assignment {
  if (node.type === 'UpdateExpression') {
    const found = target(context, node.argument)
    const operator = node.operator === '++' ? '+' : '-'
    const change = (old: Value): Value => binary(operator, old, constant('literal', 1), node)
    return { found, value: undefined, change, old: !node.prefix }
  }
  const found = target(context, node.left)
  const right = context.value(node.right)
  if (node.operator === '=') return { found, value: right, change: undefined, old: false }
  const operator = node.operator.slice(0, -1)
  if (operator === '&&' || operator === '||' || operator === '??')
    throw new Refusal(node, `${node.operator} is not available: write an if`)
  if (!isPlace(found) && ['+', '-', '*'].includes(operator)) noteRange(context, node, found.kind)
  return { found, value: undefined, change: old => binary(operator, old, right, node), old: false }
}

function whatOf(found: Local | Place): string {
  return isPlace(found) ? `an element of ${found.element.name}` : found.name
}

function newValue(
  assignment: Assignment,
  old: Value,
  whole: Of<'AssignmentExpression'> | Of<'UpdateExpression'>,
): Value {
  const { found } = assignment
  const node: Placed = assignment.value === undefined || whole.type === 'UpdateExpression' ? whole : whole.right
  const value = assignment.value ?? assignment.change!(old)
  if (isPlace(found)) return forElement(value, found.element.kind, node, whatOf(found))
  return coerce(value, found.kind, node, whatOf(found))
}

/** An assignment whose value nobody takes. */
export function assignmentActions(
  context: Context,
  node: Of<'AssignmentExpression'> | Of<'UpdateExpression'>,
): Action[] {
  const assignment = read(context, node)
  const { found } = assignment
  if (!isPlace(found))
    return [{ op: 'set', local: found, value: newValue(assignment, localValue(found), node), declares: false }]
  if (assignment.change === undefined)
    return [store(found, found.address, newValue(assignment, constant('literal', 0), node))]
  const at = temporary('address', 'i32')
  const address: Address = { base: localValue(at), index: undefined, shift: 0, offset: found.address.offset }
  const value = newValue(assignment, elementLoad(found.element, address), node)
  const actions: Action[] = [
    {
      op: 'set',
      local: at,
      value: { op: 'address', kind: 'i32', address: { ...found.address, offset: 0 } },
      declares: true,
    },
    store(found, address, value),
  ]
  return [{ op: 'block', label: undefined, block: { locals: [at], actions } }]
}

/** An assignment within an expression. */
export function assignmentValue(context: Context, node: Of<'AssignmentExpression'> | Of<'UpdateExpression'>): Value {
  const assignment = read(context, node)
  const { found } = assignment
  if (!isPlace(found)) {
    const value = newValue(assignment, localValue(found), node)
    if (!assignment.old) return { op: 'assign', kind: found.kind, local: found, value }
    const kept = temporary('old', found.kind)
    return {
      op: 'sequence',
      kind: found.kind,
      locals: [kept],
      before: [
        { op: 'set', local: kept, value: localValue(found), declares: true },
        { op: 'set', local: found, value, declares: false },
      ],
      value: localValue(kept),
    }
  }
  const at = temporary('address', 'i32')
  const address: Address = { base: localValue(at), index: undefined, shift: 0, offset: found.address.offset }
  const before: Action[] = [
    {
      op: 'set',
      local: at,
      value: { op: 'address', kind: 'i32', address: { ...found.address, offset: 0 } },
      declares: true,
    },
  ]
  const old = temporary('old', found.element.kind)
  if (assignment.change !== undefined)
    before.push({ op: 'set', local: old, value: elementLoad(found.element, address), declares: true })
  const value = newValue(assignment, localValue(old), node)
  if (value.kind === 'literal' || !isScalar(value.kind))
    throw new Refusal(node, `${nameOf(value.kind)} cannot be stored`)
  const fresh = temporary('value', value.kind)
  before.push({ op: 'set', local: fresh, value, declares: true }, store(found, address, localValue(fresh)))
  const result = assignment.old ? old : fresh
  return { op: 'sequence', kind: result.kind, locals: [at, old, fresh], before, value: localValue(result) }
}
