/**
 * One walk over the statements.
 *
 * A *sizing* walk moves the location counter, gives each output section its address, load address and size, and each
 * input section its offset. An *assigning* walk computes all symbols again from the addresses of the sizing walk before
 * it. GNU ld alternates the two; so do we, in fixpoint.ts.
 *
 * Inside an output section the location counter is kept as an offset (a double) while input sections are placed, by a
 * kernel; it becomes a 64-bit address only where a statement looks at it.
 */
import { distance, hex, u64 } from '../../base/words.ts'
import {
  backwardsDot,
  invalidAddress,
  invalidDot,
  invalidSymbolValue,
  notPowerOfTwo,
  sectionTooLarge,
} from '../../diag/catalogue/layout.ts'
import { inScript } from '../../diag/diagnostic.ts'
import { layoutRows } from '../../kernels/layout.ts'
import { alignUp } from '../../plan/expression.ts'
import type { AssertStatement, AssignStatement, Expression } from '../../plan/plan.ts'
import { EarlySection } from '../records/program.ts'
import { SymbolFlag, SymbolState } from '../records/tables.ts'
import { homeOfDot, keepsNothing, withOperator } from './assignment-forms.ts'
import { Content, isThreadBss } from './content-flags.ts'
import { absolute, type Evaluator, type Value } from './evaluate.ts'
import { followLoadCursor, trackLoad } from './load-addresses.ts'
import type { RegionFit } from './region-fit.ts'
import { checkRegion, checkRegionGiven, hasAddressExpression, regionByContent } from './regions.ts'
import { type LayoutState, type OutputState, PlacedRun, type ScriptSymbol } from './state.ts'
import { symbolTypeOf, typeInObject } from './symbol-types.ts'

export class Walker {
  private readonly state: LayoutState
  private readonly evaluator: Evaluator
  private readonly fit: RegionFit | undefined
  /** location counter outside sections */
  private dot = 0n
  /** last allocated output section that the walk passed: home of symbols assigned from the location counter */
  private currentOutput: OutputState | undefined
  /** `.` was assigned since: such symbols belong to the section that follows */
  private prefersNext = false
  /** the walk is inside an output section whose constraint does not hold */
  private inDropped = false
  private position = 0
  /** values of assignments and assertions outside sections; filled by the final walk */
  readonly values: { statement: AssignStatement | AssertStatement; value: bigint; after: number }[] = []
  /** values inside sections, by plan id */
  readonly innerValues = new Map<number, bigint>()

  /** `fit`: which sections stay where they are, when those without room go on to later rules */
  constructor(state: LayoutState, evaluator: Evaluator, fit?: RegionFit) {
    this.fit = fit
    this.state = state
    this.evaluator = evaluator
  }

  /** Gives addresses. `check`: report what is wrong with regions. */
  size(check: boolean): void {
    const { state } = this
    state.pass++
    if (state.phase !== 'mark') state.sizingPass++
    this.dot = 0n
    this.evaluator.lastOutput = undefined
    for (const item of state.sequence) {
      if (item.kind === 'assign') {
        const next = this.assign(item, state.absolute, this.dot)
        this.dot = next
        state.defaultRegion.current = next
      } else if (item.kind === 'output') this.sizeOutput(state.outputs[item.index]!, check)
      // An assertion is a statement like an assignment: sections without a region go on from here.
      else state.defaultRegion.current = this.dot
    }
  }

  /** Takes over the values that assignments have before the layout: circles of definitions start from them. */
  enterEarly(): void {
    const { state } = this
    for (const [id, { number, section, type }] of state.program.early ?? []) {
      const known = this.scriptSymbol(id)
      known.defined = true
      known.value = number
      if (section >= 0) known.section = state.inputPlace(section)
      else known.section = section === EarlySection.Unmade ? state.noSection : state.absolute
      known.type = type
      known.unlisted = false
    }
    for (const item of state.placement.sequence) {
      if (item.kind === 'assign') this.enterNew(item)
      else if (item.kind === 'output')
        for (const inner of state.outputs[item.index]!.placed.items) if (inner.kind === 'assign') this.enterNew(inner)
    }
    for (const { items, dropped } of state.placement.outputs)
      if (dropped)
        for (const item of items) {
          const id = item.kind === 'assign' ? this.evaluator.symbolId(item.symbol) : -1
          if (id >= 0) this.scriptSymbol(id).unlisted = true
        }
  }

  /** What the plan assigns and nothing has defined so far counts as never spoken of when the layout begins. */
  private enterNew({ symbol, provide }: AssignStatement): void {
    const { state } = this
    const { symbols, mayBeRead } = state.program
    const id = symbol === '.' ? -1 : this.evaluator.symbolId(symbol)
    if (id < 0 || symbols.state[id] !== SymbolState.Script || state.symbols.get(id)?.defined) return
    if ((symbols.flags[id]! & SymbolFlag.ObjectDefinition) !== 0 || (provide && mayBeRead?.has(id) === true)) return
    state.newNames.add(id)
  }

  /** Computes symbols; the final walk also checks assertions and keeps what the map shows. */
  assignAll(): void {
    const { state } = this
    const isFinal = state.phase === 'final'
    state.pass++
    this.dot = 0n
    this.currentOutput = undefined
    this.prefersNext = false
    this.evaluator.lastOutput = undefined
    let foundEnd = false
    let after = -1
    const { sequence } = state
    for (this.position = 0; this.position < sequence.length; this.position++) {
      const item = sequence[this.position]!
      if (item.kind === 'assert') {
        const value = this.assert(item, this.dot, state.absolute)
        if (isFinal) this.values.push({ statement: item, value, after })
      } else if (item.kind === 'assign') {
        if (item.symbol === '.') this.prefersNext = true
        else if (/^_*end$/.test(item.symbol)) foundEnd = true
        this.dot = this.assign(item, state.absolute, this.dot)
        if (isFinal) this.values.push({ statement: item, value: this.lastValue, after })
      } else {
        const output = state.outputs[item.index]!
        after = item.index
        output.afterEnd = foundEnd
        if (this.assignInside(output)) foundEnd = true
      }
    }
  }

  private sizeOutput(output: OutputState, check: boolean): void {
    const { state, evaluator } = this
    if (output.placed.dropped) return
    const explicit = this.explicitAddress(output)
    evaluator.lastOutput = output
    if (!output.created) return
    let start = this.dot
    let align = 0
    let moved = 0n
    if (!hasAddressExpression(output)) {
      const region = output.region
      if (
        region === undefined ||
        (region === state.defaultRegion && (output.content & (Content.Alloc | Content.Load)) !== 0)
      )
        output.region = regionByContent(state, output.content)
      if (check) checkRegionGiven(state, output)
      start = output.region!.current
      align = output.align
    } else {
      start = explicit
      align = this.statementAlign(output)
    }
    this.raiseAlign(output)
    if (!hasAddressExpression(output)) align = output.align
    if (align > 1) {
      const aligned = alignUp(start, BigInt(align))
      moved = aligned - start
      start = aligned
    }
    output.vma = start
    output.lma = start
    output.size = 0
    output.hasAddress = true
    this.sizeItems(output)
    this.padEnd(output)
    output.knownSize = output.size
    if (!output.ignored) this.dot = output.vma
    if (output.plan.loadAddress !== undefined)
      output.lma = evaluator.evaluateAbsolute(output.plan.loadAddress, this.dot) ?? output.lma
    else if (output.loadRegion !== undefined && output.loadRegion !== output.region && !output.plan.alignWithInput)
      followLoadCursor(state, output, this.statementAlign(output), moved)
    else followLoadCursor(state, output, align, moved)
    output.hasLoadAddress = true
    trackLoad(state, output, this.dot)
    if (output.ignored) return
    const room = isThreadBss(output.content) ? 0n : BigInt(output.size)
    this.dot = u64(this.dot + room)
    const end = output.plan.endAddress
    if (end !== undefined) this.dot = evaluator.evaluateAbsolute(end, this.dot) ?? this.dot
    const region = output.region
    if (region === undefined || (output.content & (Content.Alloc | Content.Load)) === 0) return
    region.current = this.dot
    if (check) checkRegion(state, output, region, hasAddressExpression(output), output.vma)
    const loadRegion = output.loadRegion
    if (loadRegion === undefined || loadRegion === region) return
    if ((output.content & Content.Load) === 0 && !output.plan.alignWithInput) return
    loadRegion.current = u64(output.lma + room)
    if (check) checkRegion(state, output, loadRegion, false, output.lma)
  }

  /** Address expression of a section, evaluated even when the section does not exist: it moves the location counter. */
  private explicitAddress(output: OutputState): bigint {
    const { placed, plan } = output
    if (placed.fixedAddress !== undefined) return (this.dot = placed.fixedAddress)
    if (plan.address === undefined) return this.dot
    const value = this.evaluator.evaluateAbsolute(plan.address, this.dot)
    if (value !== undefined) this.dot = value
    else if (this.state.phase !== 'mark' && this.state.firstTime(plan.address))
      this.state.report.add(invalidAddress({ section: output.name }), inScript(plan.address.span))
    return this.dot
  }

  /** ALIGN behind the colon, a power of two, 1 when absent. */
  private statementAlign(output: OutputState): number {
    return this.power(output.plan.align, output, 'alignment')
  }

  private power(expression: Expression | undefined, output: OutputState, what: string): number {
    if (expression === undefined) return 1
    const value = this.evaluator.evaluateAbsolute(expression, this.dot)
    if (value === undefined) {
      if (this.state.phase !== 'mark' && this.state.firstTime(expression))
        this.state.report.add(notPowerOfTwo({ what, section: output.name }), inScript(expression.span))
      return 1
    }
    let power = 1
    while (BigInt(power) < value && power < 2 ** 52) power *= 2
    return power
  }

  private raiseAlign(output: OutputState): void {
    if (output.takesSubalign) return
    let align = output.plan.subalign === undefined ? output.placed.align : output.align
    const own = this.statementAlign(output)
    if (own > align) align = own
    if (align > output.align) output.align = align
  }

  private sizeItems(output: OutputState): void {
    const { items } = output.placed
    this.fit?.begin()
    const subalign = output.plan.subalign === undefined ? 0 : this.power(output.plan.subalign, output, 'subalignment')
    for (let i = 0; i < items.length; i++) {
      const item = items[i]!
      let at = output.itemEnd[i - 1] ?? 0
      if (i === 0) at = 0
      output.itemStart[i] = at
      switch (item.kind) {
        case 'inputs':
          at =
            this.fit?.place(this, output, i, item.ids, at, subalign) ??
            this.placeInputs(output, item.ids, at, subalign, i)
          break
        case 'data':
          this.evaluator.evaluate(item.value, this.state.absolute, u64(output.vma + BigInt(at)))
          at += item.size
          output.size = at
          break
        case 'string':
          at += item.bytes.length
          output.size = at
          break
        case 'assign':
          at = this.assignDuringSizing(output, item, at)
          break
        case 'object-symbols':
          output.content |= Content.Keep
          break
        case 'assert':
        case 'fill':
        case 'constructors':
        case 'linker-version':
          break
      }
      output.itemEnd[i] = at
    }
  }

  private assignDuringSizing(output: OutputState, item: AssignStatement, at: number): number {
    const before = u64(output.vma + BigInt(at))
    const after = this.assign(item, output, before)
    if (item.symbol !== '.' && (!item.provide || this.state.provided.has(item.id))) output.assignsSymbols = true
    if (output.ignored || after === before) return at
    const moved = at + distance(after, before)
    if (!Number.isSafeInteger(moved)) {
      if (this.state.firstTime(item))
        this.state.report.add(sectionTooLarge({ section: output.name }), inScript(item.span))
      return at
    }
    output.size = moved
    const kind = output.plan.type?.kind
    if (kind !== 'dsect' && kind !== 'copy' && kind !== 'info' && kind !== 'overlay') output.content |= Content.Alloc
    return moved
  }

  /**
   * Offsets of the input sections of one rule. Returns the offset behind the last.
   * @param item index of the rule's item, where its sections are the same in every pass: what moves by a multiple of all
   * alignments keeps its offsets
   */
  placeInputs(output: OutputState, ids: Int32Array, from: number, subalign: number, item = -1): number {
    const low = Number(output.vma & 0xffff_ffffn)
    const before = item < 0 ? undefined : output.runs[item]
    const after = before?.fits(from, low, subalign) ? before : this.placeRun(output, ids, from, low, subalign, item)
    const largest = Math.max(output.align, after.largest)
    // Inputs placed with SUBALIGN take ALIGN's place; only an explicit address still follows ALIGN.
    output.takesSubalign ||= subalign > 0 && this.state.movesAny(ids)
    output.align = output.takesSubalign ? subalign : largest
    if (after.end > output.size) output.size = after.end
    return after.end
  }

  private placeRun(
    output: OutputState,
    ids: Int32Array,
    start: number,
    low: number,
    subalign: number,
    item: number,
  ): PlacedRun {
    const { inputRun, program, hasFixedSizes } = this.state
    const { kernels } = program.compute
    const { end, largest } = inputRun
    end[0] = start
    largest[0] = 0
    for (let from = 0; from < ids.length; from += layoutRows)
      kernels.placeInputRun(inputRun, ids, from, Math.min(from + layoutRows, ids.length), end[0]!, low, subalign)
    const placed = new PlacedRun(start, low, subalign, end[0]!, largest[0]!)
    if (item >= 0 && hasFixedSizes) output.runs[item] = placed
    return placed
  }

  /** @end_align and @end_pad. */
  private padEnd(output: OutputState): void {
    const { extra } = output.plan
    if (extra === undefined || output.size === 0) return
    if (extra.endPad !== undefined) output.size += Number(this.evaluator.evaluateAbsolute(extra.endPad, this.dot) ?? 0n)
    if (extra.endAlign === undefined) return
    const align = this.evaluator.evaluateAbsolute(extra.endAlign, this.dot) ?? 1n
    const end = u64(output.vma + BigInt(output.size))
    output.size += distance(alignUp(end, align), end)
  }

  /** Assignments, data and assertions inside a section. True when a symbol called `end` was assigned. */
  private assignInside(output: OutputState): boolean {
    const { state } = this
    const isFinal = state.phase === 'final'
    let foundEnd = false
    if (output.created && !output.ignored && (output.content & Content.Alloc) !== 0) {
      this.currentOutput = output
      this.prefersNext = false
    }
    // The first walk comes before inputs are assigned: no section exists, data alone moves the location counter.
    const isMark = state.phase === 'mark'
    const exists = output.created && !isMark
    const start = exists ? output.vma : this.dot
    this.evaluator.lastOutput = output
    const context = exists ? output : state.noSection
    const { items } = output.placed
    let marked = 0
    this.inDropped = output.placed.dropped === true
    for (let i = 0; i < items.length; i++) {
      const item = items[i]!
      const dot = u64(start + BigInt(exists ? output.itemStart[i]! : marked))
      if (item.kind === 'assign') {
        if (/^_*end$/.test(item.symbol)) foundEnd = true
        this.assign(item, context, dot)
        if (isFinal) this.innerValues.set(item.id, this.lastValue)
      } else if (item.kind === 'assert') {
        const value = this.assert(item, dot, context)
        if (isFinal) this.innerValues.set(item.id, value)
      } else if (item.kind === 'data') {
        const value = this.evaluator.evaluate(item.value, state.absolute, dot)
        if (isFinal) this.keepData(item.id, item.value, value)
        marked += item.size
      } else if (item.kind === 'string') marked += item.bytes.length
    }
    this.inDropped = false
    if (isMark || output.placed.dropped) this.dot = u64(start + BigInt(marked))
    if (output.ignored || !exists) return foundEnd
    this.dot = isThreadBss(output.content) ? output.vma : u64(output.vma + BigInt(output.size))
    const end = output.plan.endAddress
    if (end !== undefined) this.dot = this.evaluator.evaluateAbsolute(end, this.dot) ?? this.dot
    return foundEnd
  }

  private keepData(id: number, expression: Expression, value: Value | undefined): void {
    if (value !== undefined) this.innerValues.set(id, absolute(value))
    else if (this.state.firstTime(expression))
      this.state.report.add(invalidSymbolValue({ symbol: 'this data' }), inScript(expression.span))
  }

  private assert(item: AssertStatement, dot: bigint, context: OutputState): bigint {
    const value = this.evaluator.evaluate(item.value, context, dot)
    const isZero = value === undefined || value.number === 0n
    if (isZero && this.state.phase === 'final' && this.state.firstTime(item))
      this.evaluator.reportAssertion(item.value, item.message, item)
    return value === undefined ? 0n : absolute(value)
  }

  /** value of the last assignment, for the map file */
  private lastValue = 0n

  /** Carries out an assignment; returns the location counter behind it. */
  private assign(statement: AssignStatement, context: OutputState, dot: bigint): bigint {
    this.lastValue = 0n
    return statement.symbol === '.'
      ? this.assignDot(statement, context, dot)
      : this.assignSymbol(statement, context, dot)
  }

  private assignDot(statement: AssignStatement, context: OutputState, dot: bigint): bigint {
    const { state, evaluator } = this
    evaluator.assigningDot = true
    const value = evaluator.evaluate(withOperator(statement), context, dot)
    evaluator.assigningDot = false
    const inside = context !== state.absolute
    if (state.phase === 'mark' && inside && !(value?.number === 0n && keepsNothing(statement, this.isZero)))
      context.content |= Content.Keep
    if (value === undefined || context === state.noSection) {
      if (state.phase !== 'mark' && !state.report.failed && state.firstTime(statement))
        state.report.add(
          invalidDot({}),
          inScript(statement.span),
          this.inDropped ? [{ text: 'the output section is left out, since its constraint does not hold' }] : [],
        )
      return dot
    }
    const isLaterPhase = state.phase === 'assigning' || state.phase === 'final'
    this.lastValue = value.section === undefined ? u64(value.number + context.vma) : absolute(value)
    if (inside && isLaterPhase) return dot
    const next = this.lastValue
    if (inside && next < dot) {
      if (state.phase !== 'mark' && state.firstTime(statement))
        state.report.add(
          backwardsDot({ section: context.name, from: hex(dot - context.vma), to: hex(u64(next - context.vma)) }),
          inScript(statement.span),
        )
      return dot
    }
    return next
  }

  /** A name that the script made 0, absolute, in this pass. */
  private readonly isZero = (name: string): boolean => {
    const known = this.state.symbols.get(this.evaluator.symbolId(name))
    return (
      known?.defined === true &&
      known.value === 0n &&
      known.section === this.state.absolute &&
      known.pass === this.state.pass
    )
  }

  private assignSymbol(statement: AssignStatement, context: OutputState, dot: bigint): bigint {
    const { state, evaluator } = this
    const id = evaluator.symbolId(statement.symbol)
    if (id < 0) return dot
    const { symbols } = state.program
    if (symbols.state[id] !== SymbolState.Script) return dot
    if (statement.provide && !this.mayProvide(id, statement.id)) return dot
    evaluator.assigning = statement.symbol
    let value = evaluator.evaluate(withOperator(statement), context, dot)
    const allowed = state.phase === 'final' || evaluator.assigning !== undefined
    evaluator.assigning = undefined
    if (!allowed) return dot
    if (statement.provide) state.provided.add(statement.id)
    // A name that nobody spoke of is 0 until its value is known, so that circles of definitions have a start.
    if (state.newNames.delete(id)) value ??= { number: 0n, section: undefined }
    if (value === undefined) {
      if (state.phase === 'final' && !state.report.failed && state.firstTime(statement))
        state.report.add(invalidSymbolValue({ symbol: statement.symbol }), inScript(statement.span))
      return dot
    }
    const section = value.section ?? context
    const known = this.scriptSymbol(id)
    known.type = symbolTypeOf(state, evaluator, known.type)
    known.defined = true
    known.value = value.number
    known.section = section
    known.pass = state.pass
    if (!this.inDropped) known.unlisted = false
    known.fromDot = evaluator.fromDot
    known.home =
      state.phase === 'final' && evaluator.fromDot && section === state.absolute
        ? homeOfDot(state, this.currentOutput, this.prefersNext, this.position)
        : undefined
    this.lastValue = u64(value.number + section.vma)
    return dot
  }

  /** A PROVIDE defines what nothing defined before; one that was carried out, even without a value, is an assignment. */
  private mayProvide(id: number, statement: number): boolean {
    const { program, provided } = this.state
    if (provided.has(statement)) return true
    const flags = program.symbols.flags[id]!
    if ((flags & SymbolFlag.Provided) === 0 || (flags & SymbolFlag.ObjectDefinition) !== 0) return false
    if (program.mayBeRead?.has(id) === true && !this.state.read.has(id)) return false
    const known = this.state.symbols.get(id)
    return known === undefined || !known.defined
  }

  private scriptSymbol(id: number): ScriptSymbol {
    const { state } = this
    let known = state.symbols.get(id)
    if (known === undefined) {
      known = {
        defined: false,
        value: 0n,
        section: state.absolute,
        pass: 0,
        fromDot: false,
        home: undefined,
        type: typeInObject(state, id),
        unlisted: true,
      }
      state.symbols.set(id, known)
    }
    return known
  }
}
