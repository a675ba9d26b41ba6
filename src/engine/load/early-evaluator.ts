/**
 * Script expressions before anything has an address, by the rules of layout/evaluate.ts: a value is absolute or relative to an
 * input section, where `.` counts from 0 and output sections do not exist yet. Both operands of an operator are read, also
 * when the first has no value; what is read is wanted from then on.
 */
import { log2Ceiling, u64 } from '../../base/words.ts'
import { divisionByZero } from '../../diag/catalogue/layout.ts'
import { inScript, nowhere } from '../../diag/diagnostic.ts'
import { Report } from '../../diag/report.ts'
import { STB_GLOBAL } from '../../elf/constants.ts'
import { isFailure } from '../../host.ts'
import { detectKind } from '../../input/detect.ts'
import { readElfHeader } from '../../input/elf-file.ts'
import { alignUp, applyBinary } from '../../plan/expression.ts'
import type { Expression } from '../../plan/plan.ts'
import type { Arch } from '../../target/target.ts'
import {
  asksForRelro,
  dataSegmentAlign,
  dataSegmentEnd,
  dataSegmentRelroEnd,
  newDataSegment,
} from '../layout/data-segment.ts'
import { EarlySection } from '../records/program.ts'
import type { CommandInput } from '../records/request.ts'
import { SymbolFlag, SymbolState } from '../records/tables.ts'
import type { Loading } from './loading.ts'

/** Instead of a section: a plain number has none. */
export const plain = -3

/** `section`: `plain`, a value of EarlySection, or the id of an input section. */
export interface Value {
  readonly number: bigint
  readonly section: number
}

/** Bounds of a memory region. */
export interface Bounds {
  readonly origin: bigint
  readonly length: bigint
}

export class EarlyEvaluator {
  readonly loading: Loading
  /** all files are read: `.` moves, and ALIGN has a value */
  isLaterWalk = false
  /** location counter */
  dot = 0n
  /** what the expression stands in */
  context: number = EarlySection.Absolute
  /** name being assigned; cleared when its own old value is used, which is not allowed before the last pass */
  assigning: string | undefined
  /** id of the symbol that the expression read, -1 for none, -2 for several */
  source = -1
  /** ids of symbols that were assigned in this pass */
  readonly assigned = new Set<number>()
  /** by name; regions get their bounds when all files are read */
  readonly bounds = new Map<string, Bounds>()
  private readonly segment = newDataSegment()

  constructor(loading: Loading) {
    this.loading = loading
  }

  /** An object defines the symbol, whatever the script makes of it. */
  isObject(id: number): boolean {
    const { state, flags } = this.loading.symbols
    return state[id] === SymbolState.Defined || (flags[id]! & SymbolFlag.ObjectDefinition) !== 0
  }

  private symbol(name: string): Value | undefined {
    const { early, symbols } = this.loading
    const id = symbols.names.internText(name)
    symbols.grow()
    this.source = this.source === -1 ? id : -2
    const script = early.get(id)
    const known = script ?? this.objectValue(id)
    if (known === undefined && symbols.state[id] === SymbolState.Unknown) {
      symbols.state[id] = SymbolState.Undefined
      symbols.binding[id] = STB_GLOBAL
    }
    // `x = x + 1` counts once per pass, so only an absolute x that the script made in this one may be used.
    const isUsable = script?.section === EarlySection.Absolute && this.assigned.has(id)
    if (this.assigning === name && !isUsable) this.assigning = undefined
    if (known?.section === EarlySection.Absolute && (this.isSane || this.context !== EarlySection.Absolute))
      return { number: known.number, section: plain }
    return known
  }

  private objectValue(id: number): Value | undefined {
    const { commons, symbols } = this.loading
    if (!this.isObject(id)) return undefined
    const section = symbols.section[id]!
    if (section < 0 && commons.includes(id)) return undefined
    const number = symbols.wide.get(id) ?? BigInt.asUintN(64, BigInt(symbols.value[id]!))
    return { number, section: section < 0 ? EarlySection.Absolute : section }
  }

  private isDefined(name: string): boolean {
    const { early, symbols } = this.loading
    const id = symbols.names.findText(name)
    if (id < 0) return false
    if (early.has(id) && this.assigned.has(id)) return true
    return this.isObject(id) || (symbols.state[id]! >= SymbolState.Defined && symbols.state[id] !== SymbolState.Script)
  }

  /** DATA_SEGMENT_ALIGN and its relatives work in the walk behind all files, outside output sections. */
  private get inSegment(): boolean {
    return this.isLaterWalk && this.context === EarlySection.Absolute
  }

  private get isSane(): boolean {
    return this.loading.plan.features.saneExpressions
  }

  private literal(number: bigint): Value {
    const isAbsolute = this.context === EarlySection.Absolute && !this.isSane
    return { number, section: isAbsolute ? EarlySection.Absolute : plain }
  }

  private address(number: bigint): Value {
    return { number, section: this.context }
  }

  /** Undefined: not known yet. */
  fold(e: Expression): Value | undefined {
    switch (e.op) {
      case 'number':
        return this.literal(e.value)
      case 'symbol':
        return this.symbol(e.name)
      case 'dot':
        return this.address(this.dot)
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
        return value && { number: value.number, section: EarlySection.Absolute }
      }
      case 'log2ceil': {
        const value = this.fold(e.operand)
        return value && { number: BigInt(log2Ceiling(value.number)), section: plain }
      }
      case 'align-dot':
      case 'next': {
        const value = this.fold(e.operand)
        if (value === undefined || !this.isLaterWalk) return undefined
        const number = alignUp(this.dot, value.number)
        return e.op === 'next' ? { number, section: EarlySection.Absolute } : this.address(number)
      }
      case 'constant':
        return this.pageSize(e.name)
      case 'origin':
        return this.address(this.bounds.get(e.region)?.origin ?? 0n)
      case 'length':
        return { number: this.bounds.get(e.region)?.length ?? noEnd, section: plain }
      case 'segment-start': {
        const value = this.fold(e.fallback)
        const { imageBase, segmentStarts } = this.loading.request
        const base = e.segment === 'text-segment' ? imageBase : undefined
        const number = segmentStarts.get(e.segment) ?? base ?? value?.number
        return number === undefined ? undefined : this.address(number)
      }
      case 'section-start': {
        const start = this.loading.request.sectionStarts.get(e.section)
        return start === undefined ? this.fold(e.fallback) : this.address(start)
      }
      case 'assert':
        return this.fold(e.value)
      case 'data-segment-end': {
        const value = this.fold(e.operand)
        if (value === undefined || !this.inSegment) return undefined
        const number = dataSegmentEnd(this.segment, value.number)
        return number === undefined ? undefined : { number, section: value.section }
      }
      case 'data-segment-align':
      case 'data-segment-relro-end': {
        const pair = this.pair(e.left, e.right)
        if (pair === undefined || !this.inSegment) return undefined
        const [a, b, section] = pair
        const number =
          e.op === 'data-segment-align'
            ? dataSegmentAlign(this.segment, this.dot, a, b, asksForRelro(this.loading.request))
            : dataSegmentRelroEnd(this.segment, a, b)
        return number === undefined ? undefined : { number, section }
      }
      case 'sizeof':
      case 'alignof':
      case 'sizeof-headers':
        return this.isLaterWalk ? { number: 0n, section: plain } : undefined
      case 'addr':
      case 'loadaddr':
        return undefined
    }
  }

  private binary(e: Expression & { readonly op: 'binary' }): Value | undefined {
    const pair = this.pair(e.left, e.right)
    if (pair === undefined) return undefined
    const [a, b, section, isOfOne] = pair
    const number = applyBinary(e.operator, a, b)
    if (number === undefined) {
      if (this.isLaterWalk) return isOfOne ? { number: b, section } : this.literal(b)
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
    if (a.section !== plain && b.section !== plain) return [a.number, b.number, EarlySection.Absolute, false]
    return [a.number, b.number, a.section === plain ? b.section : a.section, true]
  }

  private pageSize(name: 'MAXPAGESIZE' | 'COMMONPAGESIZE'): Value | undefined {
    const { plan, request } = this.loading
    const arch = this.loading.arch ?? firstArch(this.loading)
    const largest = request.maxPageSize ?? plan.target.pageSize ?? arch?.maxPageSize
    const bytes = name === 'MAXPAGESIZE' ? largest : (request.commonPageSize ?? arch?.commonPageSize)
    return bytes === undefined ? undefined : { number: BigInt(bytes), section: plain }
  }
}

/** The architecture of the first object among the inputs, where the script stands in front of all. */
function firstArch({ archs, host, request }: Loading): Arch | undefined {
  const files = (inputs: readonly CommandInput[]): readonly string[] =>
    inputs.flatMap(each => (each.kind === 'file' ? each.path : each.kind === 'group' ? files(each.members) : []))
  for (const path of files(request.inputs)) {
    const bytes = host.read(path)
    if (isFailure(bytes) || detectKind(bytes) !== 'elf') continue
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const header = readElfHeader(view, 0, bytes.length, nowhere, new Report())
    if (header !== undefined) return archs(header.machine, header.bits, header.littleEndian)
  }
  return undefined
}

/** LENGTH of a region that is not known. */
export const noEnd = 0xffff_ffff_ffff_ffffn

const givesTruth: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=', '&&', '||'])
