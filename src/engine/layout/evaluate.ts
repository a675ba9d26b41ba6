/**
 * Script expressions to values.
 *
 * The problem: the same expression means different things in different places. `. + 4` inside an output section is an
 * offset from the section's start, outside it is an address; `a - b` of two symbols of one section is a plain number,
 * `a + 4` still belongs to the section and moves with it. And expressions are evaluated while addresses are still
 * moving, so "not known yet" is a value too.
 *
 * GNU ld's rule: a value is (number, section), where the section may be "none at all" (a plain number), "absolute" or
 * an output section. The location counter and symbols carry a section. Literals are plain numbers inside an output
 * section, absolute outside it (plain everywhere with SANE_EXPR). A binary operator with operands of two different
 * sections first makes both absolute; with a plain number on one side the other side's section stays; with the same
 * section on both sides, + - * & | ^ << >> / % give what a literal in that place is. Comparisons, && || and LOG2CEIL (of the
 * bare number) always give plain numbers. Who uses
 * the value adds the section's start, or keeps it relative. Operators between literals make a literal.
 * Arithmetic is modulo 2^64; / and % are signed, comparisons and >> unsigned.
 */
import { hex, log2Ceiling, u64 } from '../../base/words.ts'
import {
  assertionFailed,
  badSegmentFunction,
  divisionByZero,
  droppedSymbol,
  undefinedRegion,
  undefinedSection,
  undefinedSymbolInScript,
} from '../../diag/catalogue/layout.ts'
import { inScript, type Note } from '../../diag/diagnostic.ts'
import { alignUp, applyBinary, foldConstant, printExpression, visitExpression } from '../../plan/expression.ts'
import type { BinaryOperator, Expression } from '../../plan/plan.ts'
import { isEdited } from '../records/placement.ts'
import { SymbolFlag, SymbolState } from '../records/tables.ts'
import { dataSegmentAlign, dataSegmentEnd, dataSegmentRelroEnd, usesRelro } from './data-segment.ts'
import { linkerSymbolPlace } from './linker-places.ts'
import type { LayoutState, OutputState, ScriptSymbol } from './state.ts'

/** A value: a number with the section it is relative to. Section undefined: a plain number. */
export interface Value {
  readonly number: bigint
  readonly section: OutputState | undefined
}

export class Evaluator {
  readonly state: LayoutState
  /** location counter, an address */
  dot = 0n
  /** section the expression stands in; `absolute` outside, `noSection` in one that does not exist (yet) */
  context: OutputState
  /** output section statement that was met last: for NEXT_SECTION */
  lastOutput: OutputState | undefined
  assigningDot = false
  /** name being assigned; cleared when its own old value is used */
  assigning: string | undefined
  /** the value came from the location counter outside sections */
  fromDot = false
  /** id of the symbol that the expression read, -1 for none, -2 for several */
  source = -1
  /** bytes of ELF header and program headers */
  readonly headerBytes: () => number
  private readonly ids = new Map<string, number>()
  private readonly sane: boolean

  constructor(state: LayoutState, headerBytes: () => number) {
    this.state = state
    this.context = state.absolute
    this.headerBytes = headerBytes
    this.sane = state.program.plan.features.saneExpressions
  }

  /** Value of an expression at `dot` in `context`; undefined: not known (yet). */
  evaluate(expression: Expression, context: OutputState, dot: bigint): Value | undefined {
    this.context = context
    this.dot = dot
    this.fromDot = false
    this.source = -1
    return this.fold(expression)
  }

  /** Value as an address or number: relative values have their section's start added. */
  evaluateAbsolute(expression: Expression, dot: bigint): bigint | undefined {
    const value = this.evaluate(expression, this.state.absolute, dot)
    return value === undefined ? undefined : absolute(value)
  }

  symbolId(name: string): number {
    let id = this.ids.get(name)
    if (id === undefined) this.ids.set(name, (id = this.state.program.symbols.names.findText(name)))
    return id
  }

  private fold(e: Expression): Value | undefined {
    const { state } = this
    if (isLiteral(e)) {
      const number = foldConstant(e)
      if (number !== undefined) return { number, section: this.literalSection() }
    }
    switch (e.op) {
      case 'number':
        return undefined
      case 'dot':
        return this.fromAddress(this.dot)
      case 'symbol':
        return this.foldSymbol(e.name, e)
      case 'unary': {
        const value = this.fold(e.operand)
        if (value === undefined) return undefined
        if (e.operator === '+') return value
        if (e.operator === '-') return { number: u64(-value.number), section: value.section }
        if (e.operator === '~') return { number: u64(~value.number), section: value.section }
        return { number: value.number === 0n ? 1n : 0n, section: value.section }
      }
      case 'binary':
        return this.foldBinary(e.operator, this.fold(e.left), e.right, e)
      case 'conditional': {
        const { source } = this
        const test = this.fold(e.test)
        this.source = source
        if (test === undefined) return undefined
        return this.fold(test.number !== 0n ? e.yes : e.no)
      }
      case 'absolute': {
        const value = this.fold(e.operand)
        return value === undefined ? undefined : this.makeAbsolute(value)
      }
      case 'log2ceil': {
        const value = this.fold(e.operand)
        if (value === undefined) return undefined
        return { number: BigInt(log2Ceiling(value.number)), section: undefined }
      }
      case 'next': {
        const value = this.fold(e.operand)
        if (value === undefined) return undefined
        return { number: alignUp(this.dot, this.makeAbsolute(value).number), section: state.absolute }
      }
      case 'align-dot': {
        const value = this.fold(e.operand)
        return value === undefined ? undefined : this.fromAddress(alignUp(this.dot, value.number))
      }
      case 'data-segment-end': {
        const value = this.fold(e.operand)
        if (value === undefined || !this.outside()) return this.segmentMisuse(e, value)
        const end = dataSegmentEnd(state.dataSegment, value.number)
        return end === undefined ? undefined : { number: end, section: value.section }
      }
      case 'align':
      case 'max':
      case 'min':
      case 'data-segment-align':
      case 'data-segment-relro-end':
        return this.foldPair(e)
      case 'addr':
      case 'loadaddr':
        return this.foldAddress(e)
      case 'sizeof':
      case 'alignof': {
        const output = this.findSection(e.section)
        if (output === undefined) {
          this.reportSection(e.section, e)
          return { number: 0n, section: undefined }
        }
        const number = e.op === 'sizeof' ? output.knownSize : output.align
        return { number: output.created ? BigInt(number) : 0n, section: undefined }
      }
      case 'sizeof-headers':
        return { number: BigInt(this.headerBytes()), section: undefined }
      case 'defined':
        return { number: this.isDefined(e.name) ? 1n : 0n, section: undefined }
      case 'origin':
      case 'length': {
        const region = state.findRegion(e.region)
        if (region === undefined) {
          if (state.firstTime(e)) state.report.add(undefinedRegion({ region: e.region }), inScript(e.span))
          return undefined
        }
        if (e.op === 'origin') return this.fromAddress(region.origin)
        return { number: region.length, section: undefined }
      }
      case 'constant':
        return {
          number: BigInt(e.name === 'MAXPAGESIZE' ? state.maxPageSize : state.commonPageSize),
          section: undefined,
        }
      case 'segment-start': {
        const start = state.request.segmentStarts.get(e.segment)
        if (start !== undefined) return this.fromAddress(start)
        if (e.segment === 'text-segment' && state.request.imageBase !== undefined)
          return this.fromAddress(state.request.imageBase)
        // The fallback's bare number is taken for an address, also when it is relative to a section.
        const value = this.fold(e.fallback)
        return value === undefined ? undefined : this.fromAddress(value.number)
      }
      case 'section-start': {
        const start = state.request.sectionStarts.get(e.section)
        return start === undefined ? this.fold(e.fallback) : this.fromAddress(start)
      }
      case 'assert': {
        const value = this.fold(e.value)
        if (state.phase === 'final' && (value === undefined || value.number === 0n) && state.firstTime(e))
          this.reportAssertion(e.value, e.message, e)
        return value
      }
    }
  }

  private literalSection(): OutputState | undefined {
    return this.outside() && !this.sane ? this.state.absolute : undefined
  }

  private outside(): boolean {
    return this.context === this.state.absolute
  }

  /** An address seen from the section the expression stands in. */
  private fromAddress(address: bigint): Value {
    const { context } = this
    this.fromDot = true
    return { number: u64(address - context.vma), section: context }
  }

  private makeAbsolute(value: Value): Value {
    this.fromDot = false
    return { number: absolute(value), section: this.state.absolute }
  }

  private foldBinary(
    operator: BinaryOperator,
    left: Value | undefined,
    rightExpression: Expression,
    e: Expression,
  ): Value | undefined {
    // Both are read, also when the first has no value: what is read is wanted.
    const right = this.fold(rightExpression)
    if (left === undefined || right === undefined) return undefined
    const [a, b, section] = this.reconcile(left, right)
    const result = applyBinary(operator, a, b)
    if (result === undefined) {
      if (this.state.phase !== 'mark' && this.state.firstTime(e))
        this.state.report.add(divisionByZero({ operator }), inScript(e.span))
      return { number: b, section: undefined }
    }
    if (comparisons.has(operator)) return { number: result, section: undefined }
    return { number: result, section: section.both ? this.literalSection() : section.of }
  }

  /** Brings two values to one section. `both`: neither was a plain number, so arithmetic gives a plain number. */
  private reconcile(
    left: Value,
    right: Value,
  ): [bigint, bigint, { readonly of: OutputState | undefined; readonly both: boolean }] {
    if (left.section === right.section) return [left.number, right.number, { of: left.section, both: true }]
    if (left.section !== undefined && right.section !== undefined) {
      this.fromDot = false
      return [absolute(left), absolute(right), { of: this.state.absolute, both: true }]
    }
    return [left.number, right.number, { of: left.section ?? right.section, both: false }]
  }

  private foldPair(e: Expression & { readonly left: Expression; readonly right: Expression }): Value | undefined {
    const left = this.fold(e.left)
    const right = this.fold(e.right)
    if (left === undefined || right === undefined) return undefined
    const [a, b, section] = this.reconcile(left, right)
    if (e.op === 'align') return { number: alignUp(a, b), section: section.of }
    if (e.op === 'max') return { number: a > b ? a : b, section: section.of }
    if (e.op === 'min') return { number: a < b ? a : b, section: section.of }
    const { state } = this
    const segment = state.dataSegment
    if (e.op === 'data-segment-relro-end') segment.relroOffset = a
    if (!this.outside()) return this.segmentMisuse(e, left)
    const number =
      e.op === 'data-segment-align'
        ? dataSegmentAlign(segment, this.dot, a, b, usesRelro(this.state))
        : dataSegmentRelroEnd(segment, a, b)
    return number === undefined ? undefined : { number, section: section.of }
  }

  private segmentMisuse(e: Expression, value: Value | undefined): undefined {
    if (value !== undefined && !this.outside() && this.state.phase !== 'mark' && this.state.firstTime(e))
      this.state.report.add(badSegmentFunction({ expression: printExpression(e) }), inScript(e.span))
    return undefined
  }

  private foldAddress(e: Expression & { readonly op: 'addr' | 'loadaddr' | 'sizeof' | 'alignof' }): Value | undefined {
    const output = this.findSection(e.section)
    if (output === undefined) {
      this.reportSection(e.section, e)
      return undefined
    }
    if (e.op === 'addr') return output.hasAddress ? { number: 0n, section: output } : undefined
    // GNU ld forgets about the location counter where the load address has an expression of its own.
    if (output.plan.loadAddress !== undefined) this.fromDot = false
    return output.hasLoadAddress ? { number: output.lma, section: this.state.absolute } : undefined
  }

  private findSection(name: string): OutputState | undefined {
    const output = this.state.findOutput(name)
    if (output !== undefined || name !== 'NEXT_SECTION') return output
    const { outputs } = this.state
    const from = this.lastOutput === undefined ? 0 : this.lastOutput.placed.index + 1
    for (let i = from; i < outputs.length; i++) if (outputs[i]!.created) return outputs[i]
    return this.state.absolute
  }

  private reportSection(section: string, e: Expression): void {
    if (this.state.phase === 'final' && this.state.firstTime(e))
      this.state.report.add(undefinedSection({ section }), inScript(e.span))
  }

  private foldSymbol(name: string, e: Expression): Value | undefined {
    const { state } = this
    const id = this.symbolId(name)
    this.source = this.source === -1 && id >= 0 ? id : -2
    if (id >= 0 && state.program.mayBeRead?.has(id) === true) state.read.add(id)
    const value = id < 0 ? undefined : this.symbolValue(id)
    if (value === 'nowhere') {
      // GNU ld takes the bare offset; that is hardly what was meant.
      if (state.phase === 'final' && state.firstTime(e))
        state.report.add(droppedSymbol({ symbol: name }), inScript(e.span))
      return { number: this.bareValue(id), section: this.literalSection() }
    }
    if (value === undefined) {
      if (id >= 0) state.newNames.delete(id)
      const needed = state.phase === 'final' || (state.phase !== 'mark' && this.assigningDot)
      if (needed && state.firstTime(e)) state.report.add(undefinedSymbolInScript({ symbol: name }), inScript(e.span))
    }
    if (this.assigning === name && !this.mayUseItself(id)) this.assigning = undefined
    if (value === undefined) return undefined
    if (value.section === state.absolute && (!this.outside() || this.sane))
      return { number: value.number, section: undefined }
    return value
  }

  /** `x = x + 1` counts once per pass, so only an absolute x assigned earlier in this pass may be used. */
  private mayUseItself(id: number): boolean {
    const script = this.state.symbols.get(id)
    return script?.defined === true && script.section === this.state.absolute && script.pass === this.state.pass
  }

  /** Where a symbol is so far; undefined: not defined; 'nowhere': in a section that is not in the output. */
  symbolValue(id: number): Value | 'nowhere' | undefined {
    const { state } = this
    const { symbols } = state.program
    const script = state.symbols.get(id)
    if (script?.defined) {
      const { inputSection } = script.section
      if (inputSection < 0) return { number: script.value, section: script.section }
      return placeInSection(state, inputSection, Number(BigInt.asIntN(64, script.value)), script.value)
    }
    switch (symbols.state[id]) {
      case SymbolState.Script: {
        const made = state.program.linkerSymbols.find(each => each.symbol === id)
        return made === undefined ? this.objectValue(id) : linkerSymbolPlace(state, made)
      }
      case SymbolState.Defined:
        return this.definedPlace(id)
      case SymbolState.Shared:
        return { number: 0n, section: state.absolute }
      default:
        return this.objectValue(id)
    }
  }

  private bareValue(id: number): bigint {
    const { symbols } = this.state.program
    const script = this.state.symbols.get(id)
    if (script?.defined) return script.value
    return symbols.wide.get(id) ?? u64(BigInt(symbols.value[id]!))
  }

  /** The object's value of a symbol that the script defines too. */
  private objectValue(id: number): Value | 'nowhere' | undefined {
    const given = this.state.program.symbols.flags[id]! & SymbolFlag.ObjectDefinition
    return given === 0 ? undefined : this.definedPlace(id)
  }

  private definedPlace(id: number): Value | 'nowhere' {
    const { state } = this
    const { symbols } = state.program
    const section = symbols.section[id]!
    const own = symbols.wide.get(id) ?? BigInt.asUintN(64, BigInt(symbols.value[id]!))
    if (section < 0) return { number: own, section: state.absolute }
    return placeInSection(state, section, symbols.value[id]!, own)
  }

  private isDefined(name: string): boolean {
    const id = this.symbolId(name)
    if (id < 0) return false
    const { symbols } = this.state.program
    if ((symbols.flags[id]! & SymbolFlag.ObjectDefinition) !== 0) return true
    const script = this.state.symbols.get(id)
    if (script?.defined) return script.pass === this.state.pass
    const known = symbols.state[id]
    return known === SymbolState.Defined || known === SymbolState.Common
  }

  /** The failed expression and what its parts were worth. */
  reportAssertion(expression: Expression, message: string, whole: { readonly span: Expression['span'] }): void {
    const parts: string[] = []
    visitExpression(expression, part => {
      if (part.op === 'number' || part === expression || parts.length > 8) return
      if (part.op === 'binary' || part.op === 'unary' || part.op === 'conditional') return
      const value = this.fold(part)
      const text = printExpression(part)
      if (value !== undefined && !parts.some(known => known.startsWith(`${text} = `)))
        parts.push(`${text} = ${hex(absolute(value))}`)
    })
    const notes: Note[] = [{ text: `the expression is ${printExpression(expression)}` }]
    if (parts.length > 0) notes.push({ text: `where ${parts.join(', ')}` })
    this.state.report.add(assertionFailed({ message }), inScript(whole.span), notes)
  }
}

/** GNU ld makes one literal of operators between literals while it reads the script. */
function isLiteral(e: Expression): boolean {
  switch (e.op) {
    case 'number':
      return true
    case 'unary':
    case 'log2ceil':
      return isLiteral(e.operand)
    case 'binary':
    case 'max':
    case 'min':
      return isLiteral(e.left) && isLiteral(e.right)
    case 'conditional':
      return isLiteral(e.test) && isLiteral(e.yes) && isLiteral(e.no)
    default:
      return false
  }
}

const comparisons: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=', '&&', '||'])

export function absolute(value: Value): bigint {
  return value.section === undefined ? value.number : u64(value.number + value.section.vma)
}

/** Value of byte `offset` of an input section, relative to its output section. */
export function placeInSection(state: LayoutState, section: number, offset: number, exact: bigint): Value | 'nowhere' {
  const { contents, placement } = state
  let at = section
  let number = exact
  const kind = contents.kind[section]
  if (isEdited(kind!)) {
    if (!contents.move(section, offset)) return 'nowhere'
    at = contents.movedSection
    number = BigInt(contents.movedOffset)
  }
  const index = placement.outputOf[at]!
  if (index < 0) return 'nowhere'
  return { number: u64(number + BigInt(state.offsetOf[at]!)), section: state.outputs[index] }
}

export type { ScriptSymbol }
