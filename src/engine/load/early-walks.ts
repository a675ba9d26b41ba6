/**
 * Assignments before the layout.
 *
 * GNU ld carries out a script's assignments where the script stands among the inputs: all as if outside sections at address 0,
 * with the symbols of the objects read so far, which are offsets in their sections. An unknown value makes a name that nobody
 * spoke of before 0, and leaves any other undefined, so that archives are searched for it. An object that defines such a name
 * later takes it back. When all files are read, one walk over the statements computes all names again, now in output
 * sections that do not exist yet. Its values decide which PROVIDE applies and what garbage collection keeps, and circles of
 * definitions start from them.
 */
import type { AssignStatement, BinaryOperator, Expression, LayoutPlan } from '../../plan/plan.ts'
import { EarlySection } from '../records/program.ts'
import { SymbolFlag, SymbolState } from '../records/tables.ts'
import { EarlyEvaluator, noEnd, plain } from './early-evaluator.ts'
import type { Loading } from './loading.ts'
import { assign } from './script-symbols.ts'

export class EarlyWalk {
  private readonly loading: Loading
  private readonly evaluator: EarlyEvaluator

  constructor(loading: Loading) {
    this.loading = loading
    this.evaluator = new EarlyEvaluator(loading)
  }

  /** Reads an expression for the names it wants. */
  read(e: Expression): void {
    this.evaluator.fold(e)
  }

  /** Carries out an assignment, unless it builds on a value that its name has not got, or is a PROVIDE that nobody wants. */
  enter(statement: AssignStatement): void {
    const { evaluator, loading } = this
    const { symbols } = loading
    const isProvide = statement.provide && !loading.provided.has(statement.id)
    if (isProvide && !this.isWanted(symbols.names.findText(statement.symbol))) return
    const id = symbols.names.internText(statement.symbol)
    symbols.grow()
    evaluator.assigning = statement.symbol
    evaluator.source = -1
    const value = evaluator.fold(assignedValue(statement))
    const isAllowed = evaluator.assigning !== undefined
    evaluator.assigning = undefined
    if (!isAllowed) return
    // What is provided now stays so, whatever objects define; without a value the name stays wanted, also by the next PROVIDE.
    if (isProvide) loading.provided.add(statement.id)
    if (value === undefined && symbols.state[id] !== SymbolState.Unknown) return
    const { number, section } = value ?? { number: 0n, section: plain }
    const type = this.typeOf(evaluator.source >= 0 ? evaluator.source : id)
    loading.early.set(id, { number, section: section === plain ? evaluator.context : section, type })
    evaluator.assigned.add(id)
    assign(loading, statement)
  }

  /** The walk over the statements behind the last file. */
  walkAll(plan: LayoutPlan): void {
    const { evaluator } = this
    for (const region of plan.regions) {
      const origin = evaluator.fold(region.origin)?.number ?? 0n
      const length = evaluator.fold(region.length)?.number ?? noEnd
      for (const name of [region.name, ...region.aliases]) evaluator.bounds.set(name, { origin, length })
    }
    evaluator.isLaterWalk = true
    evaluator.assigned.clear()
    for (const statement of plan.statements) {
      evaluator.context = EarlySection.Absolute
      if (statement.kind === 'assign') this.assign(statement)
      else if (statement.kind === 'assert') this.read(statement.value)
      else if (statement.kind === 'output-section') {
        for (const item of statement.items) {
          evaluator.context = item.kind === 'data' ? EarlySection.Absolute : EarlySection.Unmade
          if (item.kind === 'assign') this.assign(item)
          else if (item.kind === 'assert') this.read(item.value)
          else if (item.kind === 'data') {
            this.read(item.value)
            evaluator.dot += BigInt(item.size)
          } else if (item.kind === 'string') evaluator.dot += BigInt(item.bytes.length)
        }
      }
    }
  }

  private assign(statement: AssignStatement): void {
    if (statement.symbol !== '.') {
      this.enter(statement)
      return
    }
    const { evaluator } = this
    const value = evaluator.fold(assignedValue(statement))
    if (value !== undefined && evaluator.context === EarlySection.Absolute) evaluator.dot = value.number
  }

  private typeOf(id: number): number {
    const { early, symbols } = this.loading
    const isBare = symbols.state[id] === SymbolState.Script && !this.evaluator.isObject(id)
    return early.get(id)?.type ?? (isBare ? 0 : symbols.type[id]!)
  }

  /** Somebody reads it and nothing defines it. */
  private isWanted(id: number): boolean {
    if (id < 0) return false
    const { early, symbols } = this.loading
    const state = symbols.state[id]!
    if (state === SymbolState.Undefined || state === SymbolState.UndefinedWeak) return true
    // An assignment that has had no value so far.
    const isOfObject = (symbols.flags[id]! & SymbolFlag.ObjectDefinition) !== 0
    return state === SymbolState.Script && !early.has(id) && !isOfObject
  }
}

/** What is assigned: `x += e` is `x + e`. */
function assignedValue({ operator, symbol, value, span }: AssignStatement): Expression {
  if (operator === '=') return value
  const left: Expression = symbol === '.' ? { op: 'dot', span } : { op: 'symbol', name: symbol, span }
  return { op: 'binary', operator: operator.slice(0, -1) as BinaryOperator, left, right: value, span }
}
