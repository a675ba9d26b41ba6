/** Expressions of a script to expressions of the plan. Parameters and constants become numbers; the rest is left to the layout. */
import type { ExtensionCallExpression, Expression as SyntaxExpression, ValueFunction } from '../../grammar/ast.ts'
import type { Span } from '../../grammar/span.ts'
import { constantUnknown, notCarriedOut, typeMismatch } from '../diag/catalogue/script-compile.ts'
import type { Expression } from '../plan/plan.ts'
import { type Compilation, numberExpression } from './compilation.ts'
import { nearestName } from './nearest.ts'
import { nameOrRaw } from './plan-time.ts'
import { noteRegionUse } from './region-names.ts'
import { isNumber, type Scope } from './scope.ts'

/** The expression in the plan's words. After a mistake, which has been reported, 0 stands in its place. */
export function lower(e: SyntaxExpression, scope: Scope, c: Compilation): Expression {
  const { span } = e
  switch (e.kind) {
    case 'number':
      return numberExpression(e.value, span)
    case 'dot':
      return { op: 'dot', span }
    case 'symbol':
      return lowerSymbol(e, scope, c)
    case 'boolean':
      return numberExpression(e.value ? 1n : 0n, span)
    case 'string':
      c.add(typeMismatch({ what: 'a value of the layout', expected: 'a number', found: 'string' }), span)
      return numberExpression(0n, span)
    case 'unary':
      return { op: 'unary', operator: e.operator, operand: lower(e.operand, scope, c), span }
    case 'binary':
      return {
        op: 'binary',
        operator: e.operator,
        left: lower(e.left, scope, c),
        right: lower(e.right, scope, c),
        span,
      }
    case 'conditional':
      return {
        op: 'conditional',
        test: lower(e.condition, scope, c),
        yes: lower(e.whenTrue, scope, c),
        no: lower(e.whenFalse, scope, c),
        span,
      }
    case 'name-function':
      return lowerNameFunction(e, scope, c)
    case 'value-function':
      return lowerValueFunction(
        e.function,
        e.arguments.map(argument => lower(argument, scope, c)),
        span,
      )
    case 'sizeof-headers':
      return { op: 'sizeof-headers', span }
    case 'segment-start':
      return {
        op: 'segment-start',
        segment: nameOrRaw(e.segment, scope, c),
        fallback: lower(e.fallback, scope, c),
        span,
      }
    case 'assert-expression':
      return {
        op: 'assert',
        value: lower(e.condition, scope, c),
        message: nameOrRaw(e.message, scope, c),
        span,
      }
    case 'extension-call':
      return lowerCall(e, scope, c)
    case 'missing':
      return numberExpression(0n, span)
  }
}

/** A quoted name is always a symbol of the program. */
function lowerSymbol(e: Extract<SyntaxExpression, { kind: 'symbol' }>, scope: Scope, c: Compilation): Expression {
  const name = nameOrRaw(e.name, scope, c)
  const value = e.name.quoted ? undefined : scope.value(name)
  if (value === undefined) return { op: 'symbol', name, span: e.span }
  if (isNumber(value)) return numberExpression(value.value, e.span)
  if (value.type === 'bool') return numberExpression(value.value ? 1n : 0n, e.span)
  c.add(typeMismatch({ what: `the value of ${name} in the layout`, expected: 'a number', found: value.type }), e.span)
  return numberExpression(0n, e.span)
}

function lowerNameFunction(
  e: Extract<SyntaxExpression, { kind: 'name-function' }>,
  scope: Scope,
  c: Compilation,
): Expression {
  const { span } = e
  const name = nameOrRaw(e.name, scope, c)
  switch (e.function) {
    case 'ADDR':
      return { op: 'addr', section: name, span }
    case 'LOADADDR':
      return { op: 'loadaddr', section: name, span }
    case 'SIZEOF':
      return { op: 'sizeof', section: name, span }
    case 'ALIGNOF':
      return { op: 'alignof', section: name, span }
    case 'DEFINED':
      return { op: 'defined', name, span }
    case 'ORIGIN':
    case 'LENGTH':
      return { op: e.function === 'ORIGIN' ? 'origin' : 'length', region: noteRegionUse(name, e.name.span, c), span }
    case 'CONSTANT':
      if (name === 'MAXPAGESIZE' || name === 'COMMONPAGESIZE') return { op: 'constant', name, span }
      c.add(constantUnknown({ name }), e.name.span)
      return numberExpression(0n, span)
  }
}

function lowerValueFunction(name: ValueFunction, operands: readonly Expression[], span: Span): Expression {
  // The parser reports a wrong number of arguments; 0 stands for a missing one.
  const [first = numberExpression(0n, span), second = numberExpression(0n, span)] = operands
  switch (name) {
    case 'ALIGN':
      return operands.length > 1
        ? { op: 'align', left: first, right: second, span }
        : { op: 'align-dot', operand: first, span }
    case 'BLOCK':
      return { op: 'align-dot', operand: first, span }
    case 'NEXT':
      return { op: 'next', operand: first, span }
    case 'ABSOLUTE':
      return { op: 'absolute', operand: first, span }
    case 'LOG2CEIL':
      return { op: 'log2ceil', operand: first, span }
    case 'DATA_SEGMENT_END':
      return { op: 'data-segment-end', operand: first, span }
    case 'MAX':
      return { op: 'max', left: first, right: second, span }
    case 'MIN':
      return { op: 'min', left: first, right: second, span }
    case 'DATA_SEGMENT_ALIGN':
      return { op: 'data-segment-align', left: first, right: second, span }
    case 'DATA_SEGMENT_RELRO_END':
      return { op: 'data-segment-relro-end', left: first, right: second, span }
  }
}

type CallRow = {
  readonly takes: 'values' | 'section' | 'section and value' | 'region'
  readonly count: number
  readonly make: (name: string, values: readonly Expression[], span: Span) => Expression
}

const plus = (left: Expression, right: Expression, span: Span): Expression => ({
  op: 'binary',
  operator: '+',
  left,
  right,
  span,
})
const minus = (left: Expression, right: Expression, span: Span): Expression => ({
  op: 'binary',
  operator: '-',
  left,
  right,
  span,
})

/** Functions of the extended language, in terms of GNU ld's where that can be. */
const calls: Readonly<Record<string, CallRow>> = {
  end: {
    takes: 'section',
    count: 0,
    make: (section, _, span) => plus({ op: 'addr', section, span }, { op: 'sizeof', section, span }, span),
  },
  first: { takes: 'region', count: 0, make: (region, _, span) => ({ op: 'origin', region, span }) },
  last: {
    takes: 'region',
    count: 0,
    make: (region, _, span) =>
      minus(
        plus({ op: 'origin', region, span }, { op: 'length', region, span }, span),
        numberExpression(1n, span),
        span,
      ),
  },
  section_start: {
    takes: 'section and value',
    count: 1,
    make: (section, [fallback], span) => ({ op: 'section-start', section, fallback, span }),
  },
  align_down: {
    takes: 'values',
    count: 2,
    make: (_, [value, alignment], span) =>
      minus(value, { op: 'binary', operator: '%', left: value, right: alignment, span }, span),
  },
  pow2ceil: {
    takes: 'values',
    count: 1,
    make: (_, [operand], span) => ({
      op: 'binary',
      operator: '<<',
      left: numberExpression(1n, span),
      right: { op: 'log2ceil', operand, span },
      span,
    }),
  },
  clamp: {
    takes: 'values',
    count: 3,
    make: (_, [value, low, high], span) => ({
      op: 'min',
      left: { op: 'max', left: value, right: low, span },
      right: high,
      span,
    }),
  },
}

function lowerCall(e: ExtensionCallExpression, scope: Scope, c: Compilation): Expression {
  const name = e.name.text
  const row = Object.hasOwn(calls, name) ? calls[name] : undefined
  const named = row !== undefined && row.takes !== 'values'
  const first = e.arguments[0]
  if (row === undefined || e.arguments.length !== row.count + (named ? 1 : 0)) {
    const nearest = row === undefined ? nearestName(name, Object.keys(calls)) : undefined
    const what = row === undefined ? `the function ${name}` : `${name} with ${e.arguments.length} arguments`
    c.add(notCarriedOut({ what, nearest }), e.span)
    return numberExpression(0n, e.span)
  }
  let subject = ''
  if (named) {
    if (first.kind === 'symbol') subject = nameOrRaw(first.name, scope, c)
    else if (first.kind === 'string') subject = first.value
    else c.add(typeMismatch({ what: `argument of ${name}`, expected: 'a name', found: 'a value' }), first.span)
    if (row.takes === 'region') subject = noteRegionUse(subject, first.span, c)
  }
  const values = e.arguments.slice(named ? 1 : 0).map(argument => lower(argument, scope, c))
  return row.make(subject, values, e.span)
}
