/**
 * Statements that steer the reading: INCLUDE, @include, @if, @for, @define, @use, @param, @const. They mean the same at
 * every level of a script, so one walk serves all levels; what is left goes to the level's own `leaf`.
 */
import type {
  Block,
  ExtensionInclude,
  ExtensionStatement,
  ForStatement,
  IfStatement,
  ParameterStatement,
  ScriptContext,
  Statement,
} from '../../grammar/ast.ts'
import {
  argumentExpected,
  argumentUnknown,
  languageVersionNotFirst,
  loopTooLong,
  macroArguments,
  macroTooDeep,
  macroUnknown,
  nameTaken,
  parameterUnset,
  typeMismatch,
  typeUnknown,
  wrongLevel,
} from '../diag/catalogue/script-compile.ts'
import { inScript } from '../diag/diagnostic.ts'
import type { Compilation } from './compilation.ts'
import { withInclude } from './includes.ts'
import { nearestName } from './nearest.ts'
import { convert, evaluate, evaluateAs, evaluateCondition, evaluateNumber, joinParts, nameText } from './plan-time.ts'
import { type Macro, type PlanValue, Scope, type ValueType, valueFromText, valueTypes } from './scope.ts'

/** A level of the script: which statements stand there, and what is done with one. */
export interface Level {
  readonly context: ScriptContext
  leaf(statement: Statement, scope: Scope): void
  /** where statements of another context may stand too: SECTIONS statements at the top level */
  readonly inner?: (context: ScriptContext) => Level | undefined
}

const roundLimit = 65536
const macroLimit = 64

/** A level in words: `in SECTIONS`. */
export function levelWords(context: ScriptContext): string {
  switch (context) {
    case 'top':
      return 'at the top level'
    case 'sections':
      return 'in SECTIONS'
    case 'section-body':
      return 'in an output section'
    case 'memory':
      return 'in MEMORY'
    case 'phdrs':
      return 'in PHDRS'
    case 'version':
      return 'in a version script'
  }
}

/** Carries out statements in order. */
export function walk(statements: readonly Statement[], scope: Scope, level: Level, c: Compilation): void {
  for (const statement of statements) step(statement, scope, level, c)
}

function step(statement: Statement, scope: Scope, level: Level, c: Compilation): void {
  switch (statement.kind) {
    case 'include':
      includeText(statement, scope, level, c)
      return
    case 'extension-include':
      includeExtended(statement, scope, level, c)
      return
    case 'if':
      chooseBranch(statement, scope, level, c)
      return
    case 'for':
      repeat(statement, scope, level, c)
      return
    case 'define':
      if (scope.macros.has(statement.name.text)) c.add(nameTaken({ name: statement.name.text }), statement.name.span)
      else scope.macros.set(statement.name.text, { parameters: statement.parameters, body: statement.body, scope })
      return
    case 'param':
      declareParameter(statement, scope, c)
      return
    case 'const':
      declareConstant(statement, scope, c)
      return
    case 'tsld':
      c.add(languageVersionNotFirst({}), statement.span)
      return
    case 'extension':
      if (statement.name === 'use') useMacro(statement, scope, level, c)
      else level.leaf(statement, scope)
      return
    default:
      level.leaf(statement, scope)
  }
}

/** GNU's INCLUDE: the text stands here, names and all. */
function includeText(
  statement: Extract<Statement, { kind: 'include' }>,
  scope: Scope,
  level: Level,
  c: Compilation,
): void {
  const name = nameText(statement.file, scope, c)
  if (name === undefined) return
  withInclude(statement, name, c, script => walk(withoutVersion(script.statements), scope, level, c))
}

/** `@tsld` opens a script; whoever calls has looked at it or does not care. */
function withoutVersion(statements: readonly Statement[]): readonly Statement[] {
  return statements[0]?.kind === 'tsld' ? statements.slice(1) : statements
}

function includeExtended(statement: ExtensionInclude, scope: Scope, level: Level, c: Compilation): void {
  const { file } = statement
  const name = file.parts === undefined ? file.value : joinParts(file.parts, scope, c)
  if (name === undefined) return
  // A scope of its own: nothing of the including script is seen but the arguments.
  const own = new Scope()
  for (const argument of statement.arguments) {
    const value = evaluate(argument.value, scope, c, `argument ${argument.name.text}`)
    if (value !== undefined) own.incoming.set(argument.name.text, value)
  }
  withInclude(statement, name, c, script => {
    walk(withoutVersion(script.statements), own, level, c)
    for (const argument of statement.arguments) {
      const known = own.values.has(argument.name.text)
      const nearest = nearestName(argument.name.text, own.values.keys())
      if (!known) c.add(argumentUnknown({ what: name, name: argument.name.text, nearest }), argument.name.span)
    }
  })
}

function chooseBranch(statement: IfStatement<Statement>, scope: Scope, level: Level, c: Compilation): void {
  const holds = evaluateCondition(statement.condition, scope, c, 'the condition of @if')
  if (holds === undefined) return
  if (holds) walk(statement.then.statements, scope, level, c)
  else if (statement.otherwise?.kind === 'if') chooseBranch(statement.otherwise, scope, level, c)
  else if (statement.otherwise !== undefined) walk(statement.otherwise.statements, scope, level, c)
}

function repeat(statement: ForStatement<Statement>, scope: Scope, level: Level, c: Compilation): void {
  for (const value of loopValues(statement, scope, c)) {
    const round = new Scope(scope)
    round.values.set(statement.variable.text, value)
    walk(statement.body.statements, round, level, c)
  }
}

function loopValues(statement: ForStatement<Statement>, scope: Scope, c: Compilation): readonly PlanValue[] {
  const { range } = statement
  if (range.kind === 'list') {
    const values = range.values.map(value => evaluate(value, scope, c, 'a value of @for'))
    return values.filter(value => value !== undefined)
  }
  const first = evaluateNumber(range.first, scope, c, 'the first value of @for')
  const last = evaluateNumber(range.last, scope, c, 'the last value of @for')
  if (first === undefined || last === undefined) return []
  const from = BigInt.asIntN(64, first)
  const count = BigInt.asIntN(64, last) - from + 1n
  if (count > BigInt(roundLimit)) {
    c.add(loopTooLong({ count: String(count), limit: roundLimit }), statement.span)
    return []
  }
  return Array.from({ length: Math.max(0, Number(count)) }, (_, i): PlanValue => {
    return { type: 'int', value: BigInt.asUintN(64, from + BigInt(i)) }
  })
}

// --------------------------------------------------------------------------------------- parameters and constants

function declaredType(statement: ParameterStatement, c: Compilation): ValueType | undefined | 'mistake' {
  if (statement.type === undefined) return undefined
  const { text, span } = statement.type
  const type = valueTypes.find(each => each === text)
  if (type !== undefined) return type
  c.add(typeUnknown({ type: text, nearest: nearestName(text, valueTypes) }), span)
  return 'mistake'
}

function declareConstant(statement: ParameterStatement, scope: Scope, c: Compilation): void {
  const name = statement.name.text
  const type = declaredType(statement, c)
  if (statement.value === undefined || type === 'mistake') return
  const what = `constant ${name}`
  const value =
    type === undefined ? evaluate(statement.value, scope, c, what) : evaluateAs(statement.value, type, scope, c, what)
  define(name, value, statement, scope, c)
}

/** An argument of @include comes before -D, which comes before the default. */
function declareParameter(statement: ParameterStatement, scope: Scope, c: Compilation): void {
  const name = statement.name.text
  c.parameters.add(name)
  const type = declaredType(statement, c)
  if (type === 'mistake') return
  const what = `parameter ${name}`
  const argument = scope.incoming.get(name)
  if (argument !== undefined) {
    const value = type === undefined ? argument : convert(argument, type, statement.span, c, what)
    define(name, value, statement, scope, c)
    return
  }
  const option = c.options.defines.get(name)
  if (option !== undefined) {
    define(name, valueOfOption(statement, type, option, scope, c), statement, scope, c)
    return
  }
  if (statement.value === undefined) {
    c.add(parameterUnset({ name }), statement.name.span)
    return
  }
  const value =
    type === undefined ? evaluate(statement.value, scope, c, what) : evaluateAs(statement.value, type, scope, c, what)
  define(name, value, statement, scope, c)
}

/** Without a type in the script, the default's type says how the text of the option is read; without both it is a text. */
function valueOfOption(
  statement: ParameterStatement,
  type: ValueType | undefined,
  text: string,
  scope: Scope,
  c: Compilation,
): PlanValue | undefined {
  const fallback = statement.value === undefined ? undefined : statement.value
  const wanted =
    type ?? (fallback === undefined ? 'string' : evaluate(fallback, scope, c, `parameter ${statement.name.text}`)?.type)
  if (wanted === undefined) return undefined
  const value = valueFromText(text, wanted)
  if (value === undefined) {
    const what = `-D ${statement.name.text}`
    const notes = [{ text: `the parameter is declared here as ${wanted}`, at: inScript(statement.span) }]
    c.report.add(
      typeMismatch({ what, expected: wanted, found: `'${text}'` }),
      { kind: 'option', text: `${what}=${text}` },
      notes,
    )
  }
  return value
}

function define(
  name: string,
  value: PlanValue | undefined,
  statement: ParameterStatement,
  scope: Scope,
  c: Compilation,
): void {
  if (scope.values.has(name)) c.add(nameTaken({ name }), statement.name.span)
  // After a mistake the name still exists, so that its uses are not reported as well.
  else scope.values.set(name, value ?? { type: 'int', value: 0n })
}

// ---------------------------------------------------------------------------------------------------------- macros

function useMacro(statement: ExtensionStatement, scope: Scope, level: Level, c: Compilation): void {
  const call = statement.arguments[0]
  if (call === undefined || (call.kind !== 'extension-call' && call.kind !== 'symbol')) {
    c.add(
      argumentExpected({ statement: 'use', expected: 'name(arguments)', found: call?.kind ?? 'nothing' }),
      statement.span,
    )
    return
  }
  const name = call.name.text
  const macro = scope.macro(name)
  if (macro === undefined) {
    c.add(macroUnknown({ name, nearest: nearestName(name, scope.macroNames()) }), call.span)
    return
  }
  const target = levelFor(macro.body, level)
  if (target === undefined) {
    const facts = { what: `@use ${name}`, level: levelWords(level.context), legal: levelWords(macro.body.context) }
    c.add(wrongLevel(facts), statement.span)
    return
  }
  const own = bindArguments(name, call, macro, scope, c)
  if (own === undefined) return
  if (depthOf(own) > macroLimit) {
    c.add(macroTooDeep({ name, limit: macroLimit }), statement.span)
    return
  }
  walk(macro.body.statements, own, target, c)
}

function levelFor(body: Block, level: Level): Level | undefined {
  return body.context === level.context ? level : level.inner?.(body.context)
}

/** Uses nested in uses: kept in the scope, so that it ends with it. */
class MacroScope extends Scope {
  readonly depth: number

  constructor(outer: Scope, depth: number) {
    super(outer)
    this.depth = depth
  }
}

function depthOf(scope: Scope | undefined): number {
  for (let s = scope; s !== undefined; s = s.outer) if (s instanceof MacroScope) return s.depth
  return 0
}

function bindArguments(
  name: string,
  call: Extract<ExtensionStatement['arguments'][number], { kind: 'extension-call' | 'symbol' }>,
  macro: Macro,
  scope: Scope,
  c: Compilation,
): Scope | undefined {
  const given = call.kind === 'extension-call' ? call.arguments : []
  const { parameters } = macro
  const needed = parameters.filter(parameter => parameter.value === undefined).length
  if (given.length < needed || given.length > parameters.length) {
    const expected =
      needed === parameters.length ? `${needed} arguments` : `${needed} to ${parameters.length} arguments`
    c.add(macroArguments({ name, expected, found: given.length }), call.span)
    return undefined
  }
  const own = new MacroScope(macro.scope, depthOf(scope) + 1)
  for (const [i, parameter] of parameters.entries()) {
    const what = `argument ${parameter.name.text} of ${name}`
    const value =
      i < given.length ? evaluate(given[i], scope, c, what) : parameter.value && evaluate(parameter.value, own, c, what)
    if (value === undefined) return undefined
    own.values.set(parameter.name.text, value)
  }
  return own
}
