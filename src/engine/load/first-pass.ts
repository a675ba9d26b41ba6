/**
 * Assignments while files are read.
 *
 * GNU ld carries out a script's assignments once where the script stands among the inputs, before it lays out anything: all
 * as if outside sections at address 0, with the symbols of the objects read so far, which are offsets in their sections.
 * What has no value then (the location of a section, a name that no object has defined yet) makes the whole expression
 * unknown; both operands of an operator are read all the same, and what is read is wanted from then on. An unknown value
 * makes a name that nobody spoke of before 0, and leaves any other undefined. An object that defines such a name later takes
 * it back. These values decide which PROVIDE applies, and circles of definitions start from them.
 */
import { log2Ceiling, u64 } from '../../base/words.ts'
import { divisionByZero } from '../../diag/catalogue/layout.ts'
import { inScript } from '../../diag/diagnostic.ts'
import { STB_GLOBAL } from '../../elf/constants.ts'
import { alignUp, applyBinary } from '../../plan/expression.ts'
import type { AssignStatement, BinaryOperator, Expression } from '../../plan/plan.ts'
import { SymbolFlag, SymbolState } from '../records/tables.ts'
import type { Loading } from './loading.ts'

/** A value is absolute, or an offset in an input section (its id, 0 or more); a plain number has no section at all. */
const absolute = -1
const plain = -2

interface Value {
  readonly number: bigint
  readonly section: number
}

export class FirstPass {
  readonly loading: Loading
  /** name being assigned; cleared when its own old value is used, which is not allowed before the last pass */
  private assigning: string | undefined
  /** id of the symbol that the expression read, -1 for none, -2 for several */
  private source = -1

  constructor(loading: Loading) {
    this.loading = loading
  }

  /** True when a definition is made, that is when the statement does not build on a value of its own name. */
  enter(statement: AssignStatement): boolean {
    const { names } = this.loading.symbols
    const before = names.findText(statement.symbol)
    if (statement.provide && !(before >= 0 && this.isWanted(before))) return false
    this.assigning = statement.symbol
    this.source = -1
    const value = this.fold(assignedValue(statement))
    if (this.assigning === undefined) return false
    this.assigning = undefined
    // What is provided now stays so, whatever objects define; without a value the name stays wanted, also by the next PROVIDE.
    if (statement.provide) this.loading.provided.add(statement.id)
    const isNew = before < 0 || this.isNew(before)
    if (value === undefined && !isNew) return !statement.provide
    this.define(statement, value ?? { number: 0n, section: absolute })
    return true
  }

  /** Reads an expression for the names it wants. */
  read(e: Expression): void {
    this.fold(e)
  }

  private define({ symbol }: AssignStatement, { number, section }: Value): void {
    const { early, symbols } = this.loading
    const id = symbols.names.internText(symbol)
    symbols.grow()
    const type = this.source >= 0 ? this.typeOf(this.source) : this.typeOf(id)
    early.set(id, { number, section: section === plain ? absolute : section, type })
  }

  private typeOf(id: number): number {
    const { early, symbols } = this.loading
    const known = early.get(id)
    if (known !== undefined) return known.type
    return this.isObject(id) ? symbols.type[id]! : 0
  }

  private isObject(id: number): boolean {
    const { state, flags } = this.loading.symbols
    return state[id] === SymbolState.Defined || (flags[id]! & SymbolFlag.ObjectDefinition) !== 0
  }

  /** Nobody spoke of it so far. */
  private isNew(id: number): boolean {
    return this.loading.symbols.state[id] === SymbolState.Unknown
  }

  /** Somebody reads it and nothing defines it. */
  private isWanted(id: number): boolean {
    const state = this.loading.symbols.state[id]!
    return state === SymbolState.Undefined || state === SymbolState.UndefinedWeak
  }

  private symbol(name: string): Value | undefined {
    const { early, symbols } = this.loading
    const id = symbols.names.internText(name)
    symbols.grow()
    this.source = this.source === -1 ? id : -2
    const known = early.get(id) ?? this.objectValue(id)
    if (known === undefined && this.isNew(id)) {
      symbols.state[id] = SymbolState.Undefined
      symbols.binding[id] = STB_GLOBAL
    }
    // `x = x + 1` counts once per pass, so only an absolute x that the script made may be used.
    if (this.assigning === name && !(early.has(id) && known?.section === absolute)) this.assigning = undefined
    if (known?.section === absolute && this.isSane) return { number: known.number, section: plain }
    return known
  }

  private objectValue(id: number): Value | undefined {
    const { symbols } = this.loading
    if (!this.isObject(id)) return undefined
    const number = symbols.wide.get(id) ?? BigInt.asUintN(64, BigInt(symbols.value[id]!))
    return { number, section: symbols.section[id]! < 0 ? absolute : symbols.section[id]! }
  }

  private isDefined(name: string): boolean {
    const id = this.loading.symbols.names.findText(name)
    if (id < 0) return false
    return this.loading.symbols.state[id]! >= SymbolState.Defined
  }

  private get isSane(): boolean {
    return this.loading.plan.features.saneExpressions
  }

  private literal(number: bigint): Value {
    return { number, section: this.isSane ? plain : absolute }
  }

  private fold(e: Expression): Value | undefined {
    switch (e.op) {
      case 'number':
        return this.literal(e.value)
      case 'symbol':
        return this.symbol(e.name)
      case 'dot':
        return { number: 0n, section: absolute }
      case 'defined':
        return { number: this.isDefined(e.name) ? 1n : 0n, section: plain }
      case 'conditional': {
        const { source } = this
        const test = this.fold(e.test)
        this.source = source
        if (test === undefined) return undefined
        return this.fold(test.number !== 0n ? e.yes : e.no)
      }
      case 'unary': {
        const value = this.fold(e.operand)
        if (value === undefined || e.operator === '+') return value
        const { number, section } = value
        if (e.operator === '-') return { number: u64(-number), section }
        return { number: e.operator === '~' ? u64(~number) : number === 0n ? 1n : 0n, section }
      }
      case 'binary':
        return this.binary(e)
      case 'align':
      case 'max':
      case 'min': {
        const pair = this.pair(e.left, e.right)
        if (pair === undefined) return undefined
        const [a, b, section] = pair
        if (e.op === 'align') return { number: alignUp(a, b), section }
        return { number: (e.op === 'max') === a > b ? a : b, section }
      }
      case 'absolute': {
        const value = this.fold(e.operand)
        return value && { number: value.number, section: absolute }
      }
      case 'log2ceil': {
        const value = this.fold(e.operand)
        return value && { number: BigInt(log2Ceiling(value.number)), section: plain }
      }
      case 'constant':
        return this.pageSize(e.name)
      // The regions get their bounds when all files are read.
      case 'origin':
        return { number: 0n, section: absolute }
      case 'length':
        return { number: 0xffff_ffff_ffff_ffffn, section: plain }
      case 'segment-start': {
        const value = this.fold(e.fallback)
        const { imageBase, segmentStarts } = this.loading.request
        const base = e.segment === 'text-segment' ? imageBase : undefined
        const number = segmentStarts.get(e.segment) ?? base ?? value?.number
        return number === undefined ? undefined : { number, section: absolute }
      }
      case 'section-start': {
        const start = this.loading.request.sectionStarts.get(e.section)
        return start === undefined ? this.fold(e.fallback) : { number: start, section: absolute }
      }
      case 'assert':
        return this.fold(e.value)
      // Nothing has a place yet.
      case 'align-dot':
      case 'next':
      case 'data-segment-end':
        this.fold(e.operand)
        return undefined
      case 'data-segment-align':
      case 'data-segment-relro-end':
        this.fold(e.left)
        this.fold(e.right)
        return undefined
      default:
        return undefined
    }
  }

  private binary(e: Expression & { readonly op: 'binary' }): Value | undefined {
    const pair = this.pair(e.left, e.right)
    if (pair === undefined) return undefined
    const [a, b, section, isOfOne] = pair
    const number = applyBinary(e.operator, a, b)
    if (number === undefined) {
      this.loading.report.add(divisionByZero({ operator: e.operator }), inScript(e.span))
      return undefined
    }
    if (givesTruth.has(e.operator)) return { number, section: plain }
    return isOfOne ? { number, section } : this.literal(number)
  }

  /** Both operands in one section, and whether only one of them has a section. */
  private pair(left: Expression, right: Expression): [bigint, bigint, number, boolean] | undefined {
    const a = this.fold(left)
    const b = this.fold(right)
    if (a === undefined || b === undefined) return undefined
    if (a.section === b.section) return [a.number, b.number, a.section, false]
    if (a.section !== plain && b.section !== plain) return [a.number, b.number, absolute, false]
    return [a.number, b.number, a.section === plain ? b.section : a.section, true]
  }

  private pageSize(name: 'MAXPAGESIZE' | 'COMMONPAGESIZE'): Value | undefined {
    const { arch, plan, request } = this.loading
    const largest = request.maxPageSize ?? plan.target.pageSize ?? arch?.maxPageSize
    const bytes = name === 'MAXPAGESIZE' ? largest : (request.commonPageSize ?? arch?.commonPageSize)
    return bytes === undefined ? undefined : { number: BigInt(bytes), section: plain }
  }
}

const givesTruth: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=', '&&', '||'])

/** What is assigned: `x += e` is `x + e`. */
function assignedValue({ operator, symbol, value, span }: AssignStatement): Expression {
  if (operator === '=') return value
  const left: Expression = { op: 'symbol', name: symbol, span }
  return { op: 'binary', operator: operator.slice(0, -1) as BinaryOperator, left, right: value, span }
}
