/**
 * Formulas that the relocation loop meets seldom: words of the GOT, pairs of relocations that share a number, sizes,
 * distances in the thread-local block.
 */
import { STT_SECTION } from '../../elf/constants.ts'
import { formulaCodes } from '../../target/target.ts'
import type { EditedContents } from '../contents/contents.ts'
import type { Layout } from '../records/placement.ts'
import type { InputFile, Program } from '../records/program.ts'
import type { GotSlots } from './got-slots.ts'
import type { RelocationErrors } from './relocation-errors.ts'
import { RelocationPairs } from './relocation-pairs.ts'
import type { RelocationTable } from './relocation-table.ts'
import { symbolPlace, symbolSize, symbolType, symbolValue } from './symbol-reader.ts'
import { type TargetAddresses, TargetKind } from './target-addresses.ts'

/** What is the same for the whole output. */
export interface FormulaFacts {
  readonly program: Program
  readonly layout: Layout
  readonly contents: EditedContents
  /** prepared for the file that is being relocated */
  readonly targets: TargetAddresses
  readonly errors: RelocationErrors
  readonly slots: GotSlots
  /** addresses are final: the loader does not move the output */
  readonly isFixed: boolean
  readonly threadPointer: number
  /** address of the thread-local block */
  readonly threadStart: number
  /** value of the symbol that short addresses count from (Shortening.pointerSymbol) */
  readonly pointer: number
  /** address of the GOT as relocations count it */
  readonly got: number
}

export class RareFormulas {
  private readonly facts: FormulaFacts
  private readonly pairs: RelocationPairs
  private file!: InputFile
  private section = 0

  constructor(facts: FormulaFacts) {
    this.facts = facts
    this.pairs = new RelocationPairs(facts.program)
  }

  /** The section whose relocations are asked about from now on. */
  enter(file: InputFile, section: number): void {
    this.file = file
    this.section = section
  }

  /** Distance in bytes between pages; `value` is the distance of the addresses. */
  inPages(value: number, code: number, place: number, page: number): number {
    if (code === formulaCodes['G+A']) return value + this.facts.got - Math.floor(this.facts.got / page) * page
    return (Math.floor((value + place) / page) - Math.floor(place / page)) * page
  }

  /**
   * The number of formula `code`; 0 after an error.
   * @param target S; `place` is the address of the place, `offset` its offset in the input section
   */
  value(
    code: number,
    symbol: number,
    target: number,
    addend: number,
    place: number,
    type: number,
    offset: number,
  ): number {
    const { file } = this
    switch (code) {
      case formulaCodes['TP-S+A']:
        return this.facts.threadPointer - target + addend
      case formulaCodes['DTP-TP+A']:
        return this.facts.threadStart - this.facts.threadPointer + addend
      case formulaCodes.pair:
      case formulaCodes['pair:S+A']:
        return this.opened(symbol, addend, type, offset, code)
      case formulaCodes['pair:S+A-pointer']:
        return this.opened(symbol, addend, type, offset, code) - this.facts.pointer
      case formulaCodes['S+A-pointer']:
        return target + addend - this.facts.pointer
      case formulaCodes.difference:
        return target + addend
      case formulaCodes['Z+A']: {
        const first = file.symbolTable.firstGlobal
        const size =
          symbol >= first ? this.facts.program.symbols.size[file.globals[symbol - first]!]! : symbolSize(file, symbol)
        return size + addend
      }
      case formulaCodes['tls-module']:
        return 1
      default: {
        const value = this.facts.slots.value(code, this.facts.targets.keyOf(file, symbol), addend, place)
        if (Number.isNaN(value)) this.facts.errors.notSupported(this.section, offset, type)
        return Number.isNaN(value) ? 0 : value
      }
    }
  }

  /**
   * The number of the relocation that stands where `symbol` points, or its S + A: a pair shares it. An addend of the
   * second one belongs to the target, unless the symbol is the section: then it says where the first one stands.
   */
  private opened(symbol: number, more: number, type: number, offset: number, asked: number): number {
    const { file } = this
    const { section } = this
    const row = this.pairs.ofSymbol(file, symbol, more, section)
    const table = this.pairs.table
    if (row < 0 || table === undefined || table.symbol(row) >= file.symbolTable.count) {
      this.facts.errors.alone(section, offset, type)
      return 0
    }
    if (symbolType(file, symbol) !== STT_SECTION) return this.openedBy(table, row, asked) + more
    return this.openedBy(table, row, asked)
  }

  private openedBy(table: RelocationTable, row: number, asked: number): number {
    const { file } = this
    const { section } = this
    const first = table.type(row)
    const other = table.symbol(row)
    let addend = table.addend(row)
    this.facts.targets.find(other)
    let target = this.facts.targets.address[other]!
    if (this.facts.targets.kind[other] === TargetKind.Edited) {
      // A string or record; one that is gone is reported where the pair opens.
      if (!this.facts.contents.move(symbolPlace(file, other), symbolValue(file, other) + addend)) return 0
      target = this.facts.layout.addressOf[this.facts.contents.movedSection]! + this.facts.contents.movedOffset
      addend = 0
    }
    if (asked === formulaCodes['pair:S+A'] || asked === formulaCodes['pair:S+A-pointer']) return target + addend
    this.facts.contents.move(section, table.offset(row))
    const place = this.facts.layout.addressOf[section]! + this.facts.contents.movedOffset
    const code = this.facts.program.arch.relocationColumns.formula[first]!
    if (code === formulaCodes['S+A-P']) {
      const { fields, relocationColumns } = this.facts.program.arch
      const distance = target + addend - place
      return !this.facts.isFixed || fields?.reaches?.(relocationColumns.codec[first]!, distance) !== false
        ? distance
        : target + addend
    }
    if (code === formulaCodes['S+A']) return target + addend
    return this.value(code, other, target, addend, place, first, table.offset(row))
  }
}
