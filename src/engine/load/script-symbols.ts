/**
 * Symbols that the plan and the options bring in: assignments, PROVIDE, EXTERN, -u, the entry, --defsym.
 *
 * As GNU ld 2.44: an assignment defines its name where the script stands among the inputs, so that no archive member is
 * pulled for it and a definition in an object gives way silently. Names on its right-hand side become undefined there, so
 * archives behind it are searched for them. PROVIDE defines only what is referenced and defined nowhere else, which is known
 * when all inputs are loaded.
 */

import { log2Ceiling } from '../../base/words.ts'
import { STB_GLOBAL, STT_NOTYPE, STV_HIDDEN } from '../../elf/constants.ts'
import { alignUp, applyBinary } from '../../plan/expression.ts'
import type { AssignStatement, BinaryOperator, Expression, LayoutPlan } from '../../plan/plan.ts'
import { SymbolFlag, SymbolState } from '../records/tables.ts'
import { EarlyFiles } from './early-files.ts'
import type { Loading } from './loading.ts'

/** Assignments of a plan, in order. */
export function assignmentsOf(plan: LayoutPlan): AssignStatement[] {
  const found: AssignStatement[] = []
  for (const statement of plan.statements) {
    if (statement.kind === 'assign') found.push(statement)
    else if (statement.kind === 'output-section')
      for (const item of statement.items) if (item.kind === 'assign') found.push(item)
  }
  return found.filter(each => each.symbol !== '.')
}

/** Enters the assignments of a plan (not its PROVIDEs) at the place where it stands among the inputs. */
export function enterAssignments(loading: Loading, statements: readonly AssignStatement[]): void {
  const files = new EarlyFiles(loading)
  for (const statement of statements) {
    const knownAt = (name: string): bigint | undefined => objectValue(loading, files, statement, name)
    if (statement.provide) {
      const early = files.stateOf(statement)
      const known = loading.symbols.names.findText(statement.symbol)
      const isWanted = early === 'wanted' || (known >= 0 && isUndefined(loading, known))
      if (!isWanted || early === 'defined' || (known >= 0 && loading.symbols.state[known]! >= SymbolState.Defined))
        continue
      const value = evaluate(loading, statement.value, true, knownAt)
      if (readsName(loading, statement.value, statement.symbol, knownAt)) continue
      // The name is wanted before any object is read: the PROVIDE applies now and for good, whatever objects define.
      // Until its value is known the name stays wanted, also for the next PROVIDE of it.
      loading.provided.add(statement.id)
      if (value !== undefined) provide(loading, statement, value)
      continue
    }
    const value = evaluate(loading, assignedValue(statement), true, knownAt)
    const id = assign(loading, statement)
    if (value !== undefined) loading.constants.set(id, value)
    else loading.constants.delete(id)
  }
}

/** Value of a name that an object defines, an offset in its section. */
type KnownValue = (name: string) => bigint | undefined

/** By an object that was read before the statement. */
function objectValue(loading: Loading, files: EarlyFiles, at: AssignStatement, name: string): bigint | undefined {
  const { symbols } = loading
  const id = symbols.names.findText(name)
  if (id >= 0 && symbols.state[id] === SymbolState.Script) return undefined
  if (id >= 0 && symbols.state[id] === SymbolState.Defined) return BigInt.asUintN(64, BigInt(symbols.value[id]!))
  return files.valueOf(at, name)
}

/** What is assigned: `x += e` is `x + e`. */
function assignedValue({ operator, symbol, value, span }: AssignStatement): Expression {
  if (operator === '=') return value
  const left: Expression = { op: 'symbol', name: symbol, span }
  return { op: 'binary', operator: operator.slice(0, -1) as BinaryOperator, left, right: value, span }
}

/** Every expression of a plan but those of assignments and assertions: data, regions, addresses and other properties. */
function otherExpressions(plan: LayoutPlan): Expression[] {
  const found: (Expression | undefined)[] = plan.regions.flatMap(region => [region.origin, region.length])
  for (const statement of plan.statements) {
    if (statement.kind === 'assert') found.push(statement.value)
    if (statement.kind !== 'output-section') continue
    found.push(statement.address, statement.loadAddress, statement.align, statement.subalign)
    for (const item of statement.items) if (item.kind === 'data' || item.kind === 'assert') found.push(item.value)
  }
  return found.filter(each => each !== undefined)
}

/**
 * After loading: PROVIDEs of names that are referenced and that nothing defines. One may call for another, and so may
 * every expression of the script.
 */
export function applyProvides(loading: Loading, statements: readonly AssignStatement[]): void {
  const { symbols } = loading
  if (statements.some(statement => statement.provide))
    for (const expression of otherExpressions(loading.plan)) evaluate(loading, expression, true)
  for (const statement of statements) if (loading.provided.has(statement.id)) provide(loading, statement)
  for (let again = true; again; ) {
    again = false
    for (const statement of statements) {
      if (!statement.provide) continue
      const id = symbols.names.findText(statement.symbol)
      const isUnknown = id < 0 || symbols.state[id] === SymbolState.Unknown
      // A boundary is defined whether or not somebody refers to it.
      if (
        isUnknown
          ? statement.boundary === undefined
          : !isUndefined(loading, id) && symbols.state[id] !== SymbolState.Shared
      )
        continue
      evaluate(loading, statement.value, true)
      provide(loading, statement)
      again = true
    }
  }
}

/** Makes a name undefined so that archives are searched for it. Returns its id. */
export function requireSymbol(loading: Loading, name: string): number {
  const { symbols } = loading
  const id = symbols.names.internText(name)
  symbols.grow()
  if (symbols.state[id] === SymbolState.Unknown || symbols.state[id] === SymbolState.UndefinedWeak) {
    symbols.state[id] = SymbolState.Undefined
    symbols.binding[id] = STB_GLOBAL
    symbols.flags[id]! |= SymbolFlag.Referenced
  }
  return id
}

/** HIDDEN and PROVIDE_HIDDEN hide the name also where they do not define it. */
export function hideNames(loading: Loading, statements: readonly AssignStatement[]): void {
  const { symbols } = loading
  for (const { hidden, symbol } of statements) {
    const id = hidden ? symbols.names.findText(symbol) : -1
    if (id < 0 || (symbols.state[id] !== SymbolState.Defined && symbols.state[id] !== SymbolState.Script)) continue
    symbols.flags[id]! |= SymbolFlag.ScriptHidden
    symbols.other[id] = (symbols.other[id]! & ~3) | STV_HIDDEN
  }
}

function isUndefined(loading: Loading, id: number): boolean {
  const state = loading.symbols.state[id]
  return state === SymbolState.Undefined || state === SymbolState.UndefinedWeak
}

function assign(loading: Loading, statement: AssignStatement): number {
  const { symbols } = loading
  const id = symbols.names.internText(statement.symbol)
  symbols.grow()
  const state = symbols.state[id]!
  if (state !== SymbolState.Script) {
    // A definition in an object gives way, but stays readable: `x = DEFINED(x) ? x : 0` means the object's x.
    if (state === SymbolState.Defined || state === SymbolState.Common) symbols.flags[id]! |= SymbolFlag.ObjectDefinition
    else {
      symbols.file[id] = -1
      symbols.section[id] = -1
      symbols.value[id] = 0
      symbols.type[id] = STT_NOTYPE
    }
    symbols.state[id] = SymbolState.Script
    symbols.binding[id] = STB_GLOBAL
    symbols.flags[id]! &= ~SymbolFlag.WeakDefinition
  }
  if (statement.hidden) {
    symbols.flags[id]! |= SymbolFlag.ScriptHidden
    symbols.other[id] = (symbols.other[id]! & ~3) | STV_HIDDEN
  }
  return id
}

/**
 * What is known of an expression before layout: undefined unless it is made of numbers and constants. With `ask`, names that
 * it reads become undefined symbols; the branch of a conditional that is not taken is not read.
 * @param known values that objects give to names
 */
function evaluate(loading: Loading, e: Expression, ask: boolean, known?: KnownValue): bigint | undefined {
  const { symbols } = loading
  switch (e.op) {
    case 'number':
      return e.value
    case 'symbol': {
      const id = ask ? requireUnlessKnown(loading, e.name) : symbols.names.findText(e.name)
      return (id < 0 ? undefined : loading.constants.get(id)) ?? known?.(e.name)
    }
    case 'defined': {
      const id = symbols.names.findText(e.name)
      const state = id < 0 ? SymbolState.Unknown : symbols.state[id]!
      return state >= SymbolState.Defined ? 1n : 0n
    }
    case 'conditional': {
      const test = evaluate(loading, e.test, ask, known)
      if (test === undefined) return undefined
      return evaluate(loading, test !== 0n ? e.yes : e.no, ask, known)
    }
    case 'unary': {
      const value = evaluate(loading, e.operand, ask, known)
      if (value === undefined) return undefined
      if (e.operator === '!') return value === 0n ? 1n : 0n
      if (e.operator === '-') return BigInt.asUintN(64, -value)
      return e.operator === '~' ? BigInt.asUintN(64, ~value) : value
    }
    case 'binary': {
      const left = evaluate(loading, e.left, ask, known)
      const right = evaluate(loading, e.right, ask, known)
      return left === undefined || right === undefined ? undefined : applyBinary(e.operator, left, right)
    }
    case 'dot':
      return 0n
    case 'constant':
      return pageSize(loading, e.name)
    case 'align':
    case 'max':
    case 'min': {
      const left = evaluate(loading, e.left, ask, known)
      const right = evaluate(loading, e.right, ask, known)
      if (left === undefined || right === undefined) return undefined
      if (e.op === 'align') return alignUp(left, right)
      const wantsLeft = e.op === 'max' ? left > right : left < right
      return wantsLeft ? left : right
    }
    case 'data-segment-align':
    case 'data-segment-relro-end':
      evaluate(loading, e.left, ask, known)
      evaluate(loading, e.right, ask, known)
      return undefined
    case 'absolute':
      return evaluate(loading, e.operand, ask, known)
    case 'log2ceil': {
      const value = evaluate(loading, e.operand, ask, known)
      return value === undefined ? undefined : BigInt(log2Ceiling(value))
    }
    case 'next':
    case 'data-segment-end':
    case 'align-dot':
      evaluate(loading, e.operand, ask, known)
      return undefined
    case 'section-start':
      return loading.request.sectionStarts.get(e.section) ?? evaluate(loading, e.fallback, ask, known)
    case 'segment-start':
      return loading.request.segmentStarts.get(e.segment) ?? evaluate(loading, e.fallback, ask, known)
    case 'assert':
      return evaluate(loading, e.value, ask, known)
    case 'origin':
    case 'length':
      return boundOfRegion(loading, e.op, e.region, known)
    default:
      return undefined
  }
}

/** Known from the start; a region that is not declared begins at 0 and has no end. */
function boundOfRegion(
  loading: Loading,
  bound: 'origin' | 'length',
  name: string,
  known?: KnownValue,
): bigint | undefined {
  const region = loading.plan.regions.find(each => each.name === name || each.aliases.includes(name))
  if (region === undefined) return bound === 'origin' ? 0n : 0xffff_ffff_ffff_ffffn
  return evaluate(loading, region[bound], false, known)
}

function pageSize(loading: Loading, name: 'MAXPAGESIZE' | 'COMMONPAGESIZE'): bigint | undefined {
  const { arch, plan, request } = loading
  const largest = request.maxPageSize ?? plan.target.pageSize ?? arch?.maxPageSize
  const bytes = name === 'MAXPAGESIZE' ? largest : (request.commonPageSize ?? arch?.commonPageSize)
  return bytes === undefined ? undefined : BigInt(bytes)
}

function requireUnlessKnown(loading: Loading, name: string): number {
  const { symbols } = loading
  const id = symbols.names.internText(name)
  symbols.grow()
  if (symbols.state[id] === SymbolState.Unknown) {
    symbols.state[id] = SymbolState.Undefined
    symbols.binding[id] = STB_GLOBAL
  }
  return id
}

function provide(loading: Loading, statement: AssignStatement, value?: bigint): void {
  const id = assign(loading, statement)
  loading.symbols.flags[id]! |= SymbolFlag.Provided
  if (value !== undefined) loading.constants.set(id, value)
}

/** Is the name read when the expression is evaluated with what is known? Behind what has no value nothing is read. */
function readsName(loading: Loading, e: Expression, wanted: string, known: KnownValue): boolean {
  switch (e.op) {
    case 'symbol':
      return e.name === wanted
    case 'conditional': {
      const test = evaluate(loading, e.test, false, known)
      if (test === undefined) return readsName(loading, e.test, wanted, known)
      return readsName(loading, e.test, wanted, known) || readsName(loading, test !== 0n ? e.yes : e.no, wanted, known)
    }
    case 'binary':
    case 'align':
    case 'max':
    case 'min': {
      if (readsName(loading, e.left, wanted, known)) return true
      return evaluate(loading, e.left, false, known) !== undefined && readsName(loading, e.right, wanted, known)
    }
    default: {
      let found = false
      namesIn(e, name => {
        if (name === wanted) found = true
      })
      return found
    }
  }
}

/** Names that an expression reads, each branch included: for garbage collection and undefined references. */
export function namesIn(e: Expression, visit: (name: string) => void): void {
  switch (e.op) {
    case 'symbol':
      visit(e.name)
      return
    case 'conditional':
      namesIn(e.test, visit)
      namesIn(e.yes, visit)
      namesIn(e.no, visit)
      return
    case 'unary':
    case 'absolute':
    case 'log2ceil':
    case 'next':
    case 'data-segment-end':
    case 'align-dot':
      namesIn(e.operand, visit)
      return
    case 'binary':
    case 'align':
    case 'max':
    case 'min':
    case 'data-segment-align':
    case 'data-segment-relro-end':
      namesIn(e.left, visit)
      namesIn(e.right, visit)
      return
    case 'segment-start':
    case 'section-start':
      namesIn(e.fallback, visit)
      return
    case 'assert':
      namesIn(e.value, visit)
      return
    default:
  }
}
