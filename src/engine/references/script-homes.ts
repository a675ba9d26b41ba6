/**
 * Which input section a symbol of the script stands for when unused sections are looked for.
 *
 * `alias = function;` must keep the function, `size = end - start;` keeps nothing. GNU ld evaluates all assignments once
 * before it looks, while no section has an address: a symbol then belongs to the input section that its value is relative
 * to, by the rules of layout/evaluate.ts. A value of two sections, and outside output sections one of a section and a
 * number, is a number; numbers keep nothing.
 */
import { log2Ceiling, u64 } from '../../base/words.ts'
import { alignUp, applyBinary } from '../../plan/expression.ts'
import type { AssignStatement, Expression, LayoutPlan } from '../../plan/plan.ts'
import type { Program } from '../records/program.ts'
import { SymbolFlag, SymbolState } from '../records/tables.ts'

type Home =
  /** a plain number */
  | 'plain'
  | 'absolute'
  /** relative to an output section that does not exist yet */
  | 'unmade'
  /** section ids: more than one when it is not known yet which */
  | readonly number[]

interface HomeValue {
  readonly home: Home
  /** undefined: not known yet */
  readonly number: bigint | undefined
}

/** Section ids by the id of the symbol that stands for them. */
export function scriptHomes(program: Program): ReadonlyMap<number, readonly number[]> {
  const homes = new Homes(program)
  // Names are known that the first walk defines further down.
  homes.walk(program.plan)
  homes.walk(program.plan)
  const found = new Map<number, readonly number[]>()
  for (const [id, { home }] of homes.values) if (typeof home !== 'string') found.set(id, home)
  return found
}

class Homes {
  readonly values = new Map<number, HomeValue>()
  private readonly program: Program
  private inside = false

  constructor(program: Program) {
    this.program = program
  }

  walk(plan: LayoutPlan): void {
    for (const statement of plan.statements) {
      this.inside = false
      if (statement.kind === 'assign') this.assign(statement)
      if (statement.kind !== 'output-section') continue
      this.inside = true
      for (const item of statement.items) if (item.kind === 'assign') this.assign(item)
    }
  }

  private assign(statement: AssignStatement): void {
    const { symbols } = this.program
    const id = symbols.names.findText(statement.symbol)
    if (statement.symbol === '.' || id < 0 || symbols.state[id] !== SymbolState.Script) return
    let value = this.fold(statement.value)
    if (statement.operator !== '=') {
      const before = this.symbol(statement.symbol)
      if (value === undefined || before === undefined) return
      value = this.binary(statement.operator.slice(0, -1) as '+', before, value)
    }
    if (value === undefined) return
    const home = value.home !== 'plain' ? value.home : this.inside ? 'unmade' : 'absolute'
    this.values.set(id, { home, number: value.number })
  }

  private get literal(): Home {
    return this.inside || this.program.plan.features.saneExpressions ? 'plain' : 'absolute'
  }

  private get dotHome(): Home {
    return this.inside ? 'unmade' : 'absolute'
  }

  private symbol(name: string): HomeValue | undefined {
    const { symbols } = this.program
    const id = symbols.names.findText(name)
    if (id < 0) return undefined
    const known = this.values.get(id)
    if (known !== undefined) return known.home === 'absolute' ? { home: this.literal, number: known.number } : known
    const isObject = symbols.state[id] === SymbolState.Defined
    if (!isObject && (symbols.flags[id]! & SymbolFlag.ObjectDefinition) === 0) return undefined
    const section = symbols.section[id]!
    const number = symbols.wide.get(id) ?? u64(BigInt(symbols.value[id]!))
    return { home: section < 0 ? this.literal : [section], number }
  }

  private fold(e: Expression): HomeValue | undefined {
    switch (e.op) {
      case 'number':
        return { home: this.literal, number: e.value }
      case 'symbol':
        return this.symbol(e.name)
      case 'dot':
      case 'origin':
      case 'segment-start':
      case 'section-start':
        return { home: this.dotHome, number: undefined }
      case 'unary': {
        const value = this.fold(e.operand)
        if (value?.number === undefined || e.operator === '+') return value
        const { home, number } = value
        if (e.operator === '-') return { home, number: u64(-number) }
        return { home, number: e.operator === '~' ? u64(~number) : number === 0n ? 1n : 0n }
      }
      case 'binary': {
        const left = this.fold(e.left)
        const right = left && this.fold(e.right)
        return left && right && this.binary(e.operator, left, right)
      }
      case 'conditional': {
        const test = this.fold(e.test)
        if (test === undefined) return undefined
        return test.number === undefined ? this.either(e) : this.fold(test.number !== 0n ? e.yes : e.no)
      }
      case 'absolute':
      case 'next': {
        const value = this.fold(e.operand)
        return value && { home: 'absolute', number: e.op === 'absolute' ? value.number : undefined }
      }
      case 'log2ceil': {
        const value = this.fold(e.operand)
        const { number } = value ?? {}
        return value && { home: 'plain', number: number === undefined ? undefined : BigInt(log2Ceiling(number)) }
      }
      case 'align-dot':
        return this.fold(e.operand) && { home: this.dotHome, number: undefined }
      case 'align':
      case 'max':
      case 'min':
        return this.pair(e.op, this.fold(e.left), this.fold(e.right))
      // Nothing has a size yet.
      case 'sizeof':
      case 'sizeof-headers':
        return { home: 'plain', number: 0n }
      case 'alignof':
      case 'defined':
      case 'length':
      case 'constant':
        return { home: 'plain', number: undefined }
      case 'assert':
        return this.fold(e.value)
      // Without addresses these have no value.
      case 'addr':
      case 'loadaddr':
      case 'data-segment-align':
      case 'data-segment-relro-end':
      case 'data-segment-end':
        return undefined
    }
  }

  /** Both branches count while it is open which applies. */
  private either(e: Expression & { readonly op: 'conditional' }): HomeValue | undefined {
    const yes = this.fold(e.yes)
    const no = this.fold(e.no)
    const sections = [yes, no].flatMap(value =>
      value === undefined || typeof value.home === 'string' ? [] : value.home,
    )
    if (sections.length > 0) return { home: sections, number: undefined }
    return yes && no && { home: yes.home, number: undefined }
  }

  private binary(
    operator: Parameters<typeof applyBinary>[0],
    left: HomeValue,
    right: HomeValue,
  ): HomeValue | undefined {
    const known = left.number !== undefined && right.number !== undefined
    const number = known ? applyBinary(operator, left.number, right.number) : undefined
    if (known && number === undefined) return { home: 'plain', number: right.number }
    if (comparisons.has(operator)) return { home: 'plain', number }
    return { home: this.reconcile(left.home, right.home, this.literal), number }
  }

  private pair(
    op: 'align' | 'max' | 'min',
    left: HomeValue | undefined,
    right: HomeValue | undefined,
  ): HomeValue | undefined {
    if (left === undefined || right === undefined) return undefined
    const home = this.reconcile(left.home, right.home, left.home)
    const [a, b] = [left.number, right.number]
    if (a === undefined || b === undefined) return { home, number: undefined }
    if (op === 'align') return { home, number: alignUp(a, b) }
    return { home, number: a > b === (op === 'max') ? a : b }
  }

  /** Where a value of two others belongs; `same`: when both belong to one section. */
  private reconcile(left: Home, right: Home, same: Home): Home {
    if (String(left) === String(right)) return same
    if (left === 'plain') return right
    return right === 'plain' ? left : 'absolute'
  }
}

const comparisons: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=', '&&', '||'])
