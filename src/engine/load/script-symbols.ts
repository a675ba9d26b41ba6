/**
 * Symbols that the plan and the options bring in: assignments, PROVIDE, EXTERN, -u, the entry, --defsym.
 *
 * As GNU ld 2.44: an assignment defines its name where the script stands among the inputs, so that no archive member is
 * pulled for it and a definition in an object gives way silently. Names on its right-hand side become undefined there, so
 * archives behind it are searched for them. PROVIDE defines only what is referenced and defined nowhere else, which is known
 * when all inputs are loaded.
 */

import { STB_GLOBAL, STT_NOTYPE, STV_HIDDEN } from '../../elf/constants.ts'
import type { AssignStatement, Expression, LayoutPlan } from '../../plan/plan.ts'
import { SymbolFlag, SymbolState } from '../records/tables.ts'
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

/** After loading: what had no value while files were read is the script's all the same. */
export function settleAssignments(loading: Loading, statements: readonly AssignStatement[]): void {
  for (const statement of statements) if (!statement.provide) assign(loading, statement)
}

/** Every expression of a plan that the layout evaluates, but the values of PROVIDEs. */
function expressionsOf(plan: LayoutPlan, assignments: readonly AssignStatement[]): readonly Expression[] {
  const found: (Expression | undefined)[] = plan.regions.flatMap(region => [region.origin, region.length])
  for (const statement of assignments) if (!statement.provide) found.push(statement.value)
  for (const statement of plan.statements) {
    if (statement.kind === 'assert' || (statement.kind === 'assign' && statement.symbol === '.'))
      found.push(statement.value)
    if (statement.kind !== 'output-section') continue
    found.push(statement.address, statement.loadAddress, statement.align, statement.subalign)
    for (const item of statement.items)
      if (item.kind === 'data' || item.kind === 'assert' || (item.kind === 'assign' && item.symbol === '.'))
        found.push(item.value)
  }
  return found.filter(each => each !== undefined)
}

/**
 * After loading: PROVIDEs of names that are referenced and that nothing defines. One may call for another, and so may
 * every expression of the script; whether the layout reads those at all is known then: `loading.mayBeRead`.
 */
export function applyProvides(loading: Loading, statements: readonly AssignStatement[]): void {
  const { symbols } = loading
  const provides = statements.filter(statement => statement.provide)
  if (provides.length === 0) return
  const provided = new Map<string, AssignStatement[]>()
  for (const statement of provides) {
    const before = provided.get(statement.symbol)
    if (before === undefined) provided.set(statement.symbol, [statement])
    else before.push(statement)
  }
  const open: string[] = []
  const want = (e: Expression): void =>
    namesIn(e, name => {
      if (!provided.has(name)) return
      const id = symbols.names.internText(name)
      symbols.grow()
      if (symbols.state[id] !== SymbolState.Unknown) return
      symbols.state[id] = SymbolState.Undefined
      symbols.binding[id] = STB_GLOBAL
      loading.mayBeRead.add(id)
      open.push(name)
    })
  for (const expression of expressionsOf(loading.plan, statements)) want(expression)
  for (const statement of provides) if (loading.provided.has(statement.id)) assign(loading, statement)
  for (const [name, candidates] of provided) {
    const id = symbols.names.findText(name)
    const isUnknown = id < 0 || symbols.state[id] === SymbolState.Unknown
    // A boundary is defined whether or not somebody refers to it.
    if (!isUnknown || candidates.some(each => each.boundary !== undefined)) open.push(name)
  }
  // The list grows while it is gone through.
  for (const name of open) {
    const id = symbols.names.internText(name)
    symbols.grow()
    const state = symbols.state[id]!
    const isOpen = state === SymbolState.Unknown || isUndefined(loading, id) || state === SymbolState.Shared
    const [first] = provided.get(name)!
    if (isOpen) assign(loading, first!)
    if (symbols.state[id] !== SymbolState.Script) continue
    for (const each of provided.get(name)!) want(each.value)
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

/** From now on the script defines the name. */
export function assign(loading: Loading, statement: AssignStatement): void {
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
  if (statement.provide) symbols.flags[id]! |= SymbolFlag.Provided
  if (statement.hidden) {
    symbols.flags[id]! |= SymbolFlag.ScriptHidden
    symbols.other[id] = (symbols.other[id]! & ~3) | STV_HIDDEN
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
