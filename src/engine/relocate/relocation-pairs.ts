/**
 * Relocations that come in pairs which share a number: the second one names the place of the first by a symbol (RISC-V:
 * %pcrel_lo names the label of its auipc). Found through an index of one section at a time, made when first asked for.
 */
import { STT_SECTION } from '../../elf/constants.ts'
import type { InputFile, Program } from '../records/program.ts'
import { RelocationTable } from './relocation-table.ts'
import { symbolPlace, symbolType, symbolValue } from './symbol-reader.ts'

export class RelocationPairs {
  /** the table of the section last asked for */
  table: RelocationTable | undefined
  private readonly program: Program
  private section = -1
  private readonly rowOf = new Map<number, number>()

  constructor(program: Program) {
    this.program = program
  }

  /** Row in `table` of the relocation that opens a pair at `offset` (bytes) of a section, -1: there is none. */
  find(section: number, offset: number): number {
    if (section !== this.section) this.index(section)
    return this.rowOf.get(offset) ?? -1
  }

  /** The same for a symbol of `file` with its addend; -1 also where it points to another section than `section`. */
  ofSymbol(file: InputFile, symbol: number, addend: number, section: number): number {
    if (symbol >= file.symbolTable.count || symbolPlace(file, symbol) !== section) return -1
    const isSection = symbolType(file, symbol) === STT_SECTION
    return this.find(section, symbolValue(file, symbol) + (isSection ? addend : 0))
  }

  /** What the second half in `row` adds to the target. */
  addendOf(file: InputFile, table: RelocationTable, row: number): number {
    return symbolType(file, table.symbol(row)) === STT_SECTION ? 0 : table.addend(row)
  }

  private index(section: number): void {
    this.section = section
    this.rowOf.clear()
    const id = this.program.sections.relocations[section]!
    this.table = id < 0 ? undefined : new RelocationTable(this.program, id)
    if (this.table === undefined) return
    const { opens } = this.program.arch.relocationColumns
    for (let row = 0; row < this.table.count; row++)
      if (opens[this.table.type(row)] === 1) this.rowOf.set(this.table.offset(row), row)
  }
}
