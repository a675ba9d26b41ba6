/** Statements of a function, from syntax to actions. */
import { assignmentActions } from './assignments.ts'
import { type Context, required, Scope } from './context.ts'
import { conditionValue, value } from './expressions.ts'
import { nameOf } from './kinds.ts'
import { coerce, settled } from './operators.ts'
import type { Pending, Program } from './program.ts'
import {
  type BlockNode,
  bare,
  type Expression,
  Refusal,
  type Statement,
  type StatementOf,
  type VariableNode,
} from './syntax.ts'
import { type Action, type Block, constant, type Label, type Local, type SwitchCase, type Value } from './tree.ts'

/** Translates the body of a function; what is refused goes to the program's errors. */
export function translateBody(program: Program, { routine, node, module }: Pending): void {
  const context: Context = {
    program,
    module,
    routine,
    scope: new Scope(undefined),
    labels: [],
    value: part => value(context, part),
  }
  for (const local of routine.parameters)
    context.scope.bind(local.name, {
      form: 'local',
      local,
      mutable: typeof local.kind === 'string' || local.kind.form !== 'record',
    })
  routine.body = block(context, node.body.body)
}

/** Statements in a scope of their own. */
function block(context: Context, statements: readonly Statement[]): Block {
  const outer = context.scope
  const scope = new Scope(outer)
  context.scope = scope
  const actions = statements.flatMap(statement => attempt(context, statement))
  context.scope = outer
  return { locals: scope.locals, actions }
}

/** A statement's actions, none if it is refused. */
function attempt(context: Context, node: Statement, label?: string): Action[] {
  try {
    return statement(context, node, label)
  } catch (error) {
    context.program.errors.take(context.module.shown, error)
    return []
  }
}

function bodyOf(context: Context, node: Statement): Block {
  return block(context, node.type === 'BlockStatement' ? (node as BlockNode).body : [node])
}

/** @param name the label that stands before the statement */
function statement(context: Context, node: Statement, name?: string): Action[] {
  switch (node.type) {
    case 'EmptyStatement':
      return []
    case 'VariableDeclaration':
      return declaration(context, node)
    case 'ExpressionStatement':
      return effects(context, node.expression)
    case 'BlockStatement': {
      const label = newLabel(name, false)
      context.labels.push(label)
      const inner = block(context, node.body)
      context.labels.pop()
      return [{ op: 'block', label: label.broken ? label : undefined, block: inner }]
    }
    case 'IfStatement':
      return [branch(context, node)]
    case 'WhileStatement':
    case 'DoWhileStatement':
    case 'ForStatement':
      return loop(context, node, name)
    case 'SwitchStatement':
      return [choice(context, node, name)]
    case 'LabeledStatement':
      return statement(context, node.body, node.label.name)
    case 'BreakStatement':
    case 'ContinueStatement':
      return [leave(context, node)]
    case 'ReturnStatement': {
      const { result } = context.routine
      if (node.argument === null || node.argument === undefined) return [{ op: 'return', value: undefined }]
      if (result === 'void') throw new Refusal(node, 'the function is void and returns no value')
      const found = coerce(value(context, node.argument), result, node.argument, 'the result')
      return [{ op: 'return', value: found }]
    }
    case 'ForOfStatement':
    case 'ForInStatement':
      throw new Refusal(node, 'write the loop as `for (let i: I32 = from; i < to; i++)`')
    case 'ThrowStatement':
    case 'TryStatement':
      throw new Refusal(node, 'kernels have no exceptions: return a number, or mark the row in a column')
    case 'FunctionDeclaration':
      if (node.id) context.scope.bind(node.id.name, { form: 'failed' })
      throw new Refusal(
        node,
        'closures are not available in kernels: move the function to the module and pass what it needs',
      )
    default:
      throw new Refusal(node, `${node.type} is not available in kernels`)
  }
}

function newLabel(name: string | undefined, isLoop: boolean): Label {
  return { name, isLoop, broken: false, continued: false }
}

function declaration(context: Context, node: VariableNode): Action[] {
  if (node.kind !== 'const' && node.kind !== 'let') throw new Refusal(node, `write const or let, not ${node.kind}`)
  const actions: Action[] = []
  for (const { id, init } of node.declarations)
    try {
      if (id.type === 'ObjectPattern') actions.push(...fields(context, id, init, node.kind === 'let'))
      else if (id.type === 'Identifier') actions.push(...variable(context, id, init, node.kind === 'let'))
      else throw new Refusal(id, 'this pattern is not available in kernels')
    } catch (error) {
      // Its uses need no second message.
      const names =
        id.type === 'Identifier'
          ? [id.name]
          : id.type === 'ObjectPattern'
            ? id.properties.flatMap(property =>
                property.type === 'ObjectProperty' && property.value.type === 'Identifier' ? [property.value.name] : [],
              )
            : []
      for (const name of names) context.scope.bind(name, { form: 'failed' })
      context.program.errors.take(context.module.shown, error)
    }
  return actions
}

type Declared = VariableNode['declarations'][number]

function variable(
  context: Context,
  id: Extract<Declared['id'], { type: 'Identifier' }>,
  init: Declared['init'],
  mutable: boolean,
): Action[] {
  const annotation = id.typeAnnotation?.type === 'TSTypeAnnotation' ? id.typeAnnotation.typeAnnotation : undefined
  const annotated = annotation === undefined ? undefined : context.program.kind(annotation, context.module)
  if (annotated === 'void') throw new Refusal(id, 'a variable cannot be void')
  if (init === null || init === undefined) {
    if (annotated === undefined) throw new Refusal(id, `${id.name} needs a type or a value`)
    if (typeof annotated !== 'string' && annotated.form === 'record') throw new Refusal(id, `${id.name} needs a value`)
    const local = declare(context, id.name, annotated)
    context.scope.bind(id.name, { form: 'local', local, mutable })
    // A value of its own from here on: what holds it may have held something else before.
    local.assigned = true
    return [{ op: 'set', local, value: constant(annotated === 'f64' ? 'f64' : 'i32', 0), declares: true }]
  }
  const given = value(context, init)
  const found = annotated === undefined ? given : coerce(given, annotated, init, id.name)
  if (found.op === 'constant' && !mutable) {
    context.scope.bind(id.name, { form: 'constant', value: found })
    return []
  }
  const { kind } = settled(found)
  if (kind === 'void') throw new Refusal(init, 'the function called gives no value')
  if (typeof kind !== 'string' && kind.form === 'record') {
    if (mutable || found.op !== 'local') throw new Refusal(id, 'a record is named once: write const')
    context.scope.bind(id.name, { form: 'local', local: found.local, mutable: false })
    return []
  }
  const local = declare(context, id.name, kind)
  context.scope.bind(id.name, { form: 'local', local, mutable })
  return [{ op: 'set', local, value: settled(found), declares: true }]
}

function declare(context: Context, name: string, kind: Local['kind']): Local {
  const local: Local = { name, kind, assigned: false }
  context.scope.locals.push(local)
  return local
}

/** `const { a, b } = record` */
function fields(
  context: Context,
  pattern: Extract<Declared['id'], { type: 'ObjectPattern' }>,
  init: Declared['init'],
  mutable: boolean,
): Action[] {
  const record = value(context, required(init, pattern, 'the pattern needs a value'))
  if (record.op !== 'local' || typeof record.kind === 'string' || record.kind.form !== 'record')
    throw new Refusal(init ?? pattern, 'only records can be destructured')
  const { kind } = record
  return pattern.properties.map(property => {
    if (
      property.type !== 'ObjectProperty' ||
      property.computed ||
      property.key.type !== 'Identifier' ||
      property.value.type !== 'Identifier'
    )
      throw new Refusal(property, 'fields are taken by name, without defaults or a rest')
    const field = kind.fields.get(property.key.name)
    if (field === undefined) throw new Refusal(property, `${kind.name} has no field ${property.key.name}`)
    const local = declare(context, property.value.name, field.kind)
    context.scope.bind(property.value.name, { form: 'local', local, mutable })
    const found: Value = { op: 'field', kind: field.kind, record: record.local, field }
    return { op: 'set', local, value: found, declares: true }
  })
}

/** An expression for what it does. */
function effects(context: Context, node: Expression): Action[] {
  const inner = bare(node)
  if (inner.type === 'AssignmentExpression' || inner.type === 'UpdateExpression')
    return assignmentActions(context, inner)
  if (inner.type === 'SequenceExpression') return inner.expressions.flatMap(part => effects(context, part))
  if (inner.type !== 'CallExpression')
    throw new Refusal(node, 'this expression does nothing: write an assignment, a call or an if')
  return [{ op: 'evaluate', value: value(context, inner) }]
}

function branch(context: Context, node: StatementOf<'IfStatement'>): Action {
  let test: Value | undefined
  try {
    test = conditionValue(context, node.test)
  } catch (error) {
    context.program.errors.take(context.module.shown, error)
  }
  const yes = bodyOf(context, node.consequent)
  const no = node.alternate === null || node.alternate === undefined ? undefined : bodyOf(context, node.alternate)
  return { op: 'if', test: test ?? { op: 'constant', kind: 'boolean', value: 0 }, yes, no }
}

function loop(
  context: Context,
  node: StatementOf<'WhileStatement'> | StatementOf<'DoWhileStatement'> | StatementOf<'ForStatement'>,
  name: string | undefined,
): Action[] {
  const outer = context.scope
  const scope = new Scope(outer)
  context.scope = scope
  const head: Action[] = []
  if (node.type === 'ForStatement' && node.init !== null && node.init !== undefined) {
    const { init } = node
    const work = (): Action[] =>
      init.type === 'VariableDeclaration' ? declaration(context, init) : effects(context, init)
    head.push(...guarded(context, work))
  }
  let test: Value | undefined
  if (node.test !== null && node.test !== undefined) {
    const given = node.test
    guarded(context, () => {
      test = conditionValue(context, given)
      return []
    })
  }
  const label = newLabel(name, true)
  context.labels.push(label)
  const body = bodyOf(context, node.body)
  context.labels.pop()
  const given = node.type === 'ForStatement' ? node.update : undefined
  const update = given === null || given === undefined ? [] : guarded(context, () => effects(context, given))
  context.scope = outer
  const action: Action = { op: 'loop', label, test, testLast: node.type === 'DoWhileStatement', body, update }
  return [{ op: 'block', label: undefined, block: { locals: scope.locals, actions: [...head, action] } }]
}

function guarded(context: Context, work: () => Action[]): Action[] {
  try {
    return work()
  } catch (error) {
    context.program.errors.take(context.module.shown, error)
    return []
  }
}

function leave(context: Context, node: StatementOf<'BreakStatement'> | StatementOf<'ContinueStatement'>): Action {
  const name = node.label?.name
  const to = node.type === 'BreakStatement' ? 'break' : 'continue'
  const fits = (label: Label): boolean =>
    name !== undefined
      ? label.name === name
      : to === 'continue'
        ? label.isLoop
        : label.isLoop || label.name === switchName
  const label = context.labels.findLast(fits)
  if (label === undefined) throw new Refusal(node, `there is nothing that ${to} could leave`)
  if (to === 'break') label.broken = true
  else label.continued = true
  return { op: 'leave', label, to }
}

/** What a `switch` without a label of its own is called: a plain `break` leaves it. */
const switchName = ' switch'

function choice(context: Context, node: StatementOf<'SwitchStatement'>, name: string | undefined): Action {
  if (name !== undefined) throw new Refusal(node, 'a label before a switch is not available: put it before the loop')
  const given = settled(value(context, node.discriminant))
  if (given.kind !== 'i32' && given.kind !== 'u32')
    throw new Refusal(node.discriminant, `a switch takes an I32 or U32, not ${nameOf(given.kind)}`)
  const outer = context.scope
  context.scope = new Scope(outer)
  const label = newLabel(switchName, false)
  context.labels.push(label)
  const cases: SwitchCase[] = []
  let values: number[] = []
  let isDefault = false
  const known = new Set<number>()
  for (const part of node.cases) {
    if (part.test === null || part.test === undefined) isDefault = true
    else {
      const test = value(context, part.test)
      if (test.op !== 'constant' || !Number.isInteger(test.value))
        throw new Refusal(part.test, 'a case is an integer constant')
      const number = coerce({ ...test, kind: 'literal' }, given.kind, part.test, 'the value of the switch')
      const bits = number.op === 'constant' ? number.value | 0 : 0
      if (known.has(bits)) throw new Refusal(part.test, `there is a case ${test.value} before this one`)
      known.add(bits)
      values.push(bits)
    }
    if (part.consequent.length === 0 && part !== node.cases.at(-1)) continue
    cases.push({ values, isDefault, block: block(context, part.consequent) })
    values = []
    isDefault = false
  }
  context.labels.pop()
  context.scope = outer
  return { op: 'switch', label, value: given, cases }
}
