/**
 * Relocations by a symbol's own address, or the distance to it: stubs of indirect functions, what the loader has to do for
 * a symbol, and what cannot be in an output that may be loaded anywhere.
 */
import { needsPositionIndependence } from '../../diag/catalogue/dynamic.ts'
import type { Report } from '../../diag/report.ts'
import { SHF_EXECINSTR, SHF_WRITE, STT_GNU_IFUNC } from '../../elf/constants.ts'
import { formulaCodes, TargetFact } from '../../target/target.ts'
import { Use } from '../dynamic/reference-uses.ts'
import type { SymbolKey } from '../records/needs.ts'
import type { Live } from '../records/placement.ts'
import type { InputFile, Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import { SymbolFlag, SymbolState } from '../records/tables.ts'
import { referencePlace } from '../references/report-undefined.ts'
import { symbolText } from './relocation-errors.ts'
import { RelocationTable } from './relocation-table.ts'
import { IndirectUse, type Wanted } from './settle-needs.ts'
import { symbolPlace, symbolType } from './symbol-reader.ts'
import { targetFacts } from './target-facts.ts'

/** What one relocation is about; filled anew for each. */
export class Reference {
  section = 0
  row = 0
  type = 0
  symbol = 0
  file!: InputFile
  private readonly program: Program
  private known: RelocationTable | undefined
  private knownSection = -1

  constructor(program: Program) {
    this.program = program
  }

  /** the table that the row is in */
  get table(): RelocationTable {
    if (this.knownSection !== this.section || this.known === undefined) {
      this.known = new RelocationTable(this.program, this.program.sections.relocations[this.section]!)
      this.knownSection = this.section
    }
    return this.known
  }
}

export class DirectReferences {
  private readonly program: Program
  private readonly live: Live
  private readonly request: LinkRequest
  private readonly wanted: Wanted
  private readonly report: Report
  private readonly isPositionIndependent: boolean
  /** formula codes by relocation type */
  private readonly formulas: Uint8Array
  private readonly localBase: Float64Array

  /**
   * @param formulas by relocation type; bits that hold anywhere count as a distance: they need no relocation either
   * @param localBase see Needs.localBase
   */
  constructor(
    program: Program,
    live: Live,
    request: LinkRequest,
    wanted: Wanted,
    formulas: Uint8Array,
    localBase: Float64Array,
    report: Report,
  ) {
    this.program = program
    this.live = live
    this.request = request
    this.wanted = wanted
    this.formulas = formulas
    this.localBase = localBase
    this.report = report
    this.isPositionIndependent = request.kind === 'shared' || request.kind === 'pie'
  }

  /** @param code one of the formulas from S+A to S+A-GOT */
  add(reference: Reference, code: number): void {
    const { file, section, row, type, symbol } = reference
    const first = file.symbolTable.firstGlobal
    const { symbols, sections, arch } = this.program
    const flags = sections.flags[section]!
    const isCall = code === formulaCodes['L+A-P'] || code === formulaCodes['L+A-GOT']
    const isWord = type === arch.wellKnown.word || arch.relocationColumns.word[type] === 1
    let isIndirect = false
    if (symbol >= first) {
      const id = file.globals[symbol - first]!
      if ((symbols.flags[id]! & SymbolFlag.Preemptible) !== 0 && this.wanted.uses !== undefined) {
        this.elsewhere(reference, id, isCall, code === formulaCodes['S+A'] && isWord)
        return
      }
      isIndirect = symbols.type[id] === STT_GNU_IFUNC && symbols.state[id] === SymbolState.Defined
    } else isIndirect = symbolType(file, symbol) === STT_GNU_IFUNC
    if (!isIndirect) {
      if (this.isPositionIndependent) this.ownAddress(reference, code, isWord)
      return
    }
    const key = this.key(file, symbol)
    const isData = (flags & SHF_WRITE) !== 0 && (flags & SHF_EXECINSTR) === 0
    if (isWord && isData) {
      this.wanted.use(key, IndirectUse.Address)
      const { table } = reference
      this.wanted.places.push({ section, offset: table.offset(row), symbol: key, addend: table.addend(row) })
    } else {
      this.wanted.use(key, isCall ? IndirectUse.Stub : IndirectUse.Stub | IndirectUse.Address)
      if (!this.isPositionIndependent || code !== formulaCodes['S+A']) return
      if (isWord) this.wanted.uses!.ownWord((flags & SHF_WRITE) !== 0)
      else this.refuse(reference)
    }
  }

  /** In an output that may be loaded anywhere: the address of something in it. */
  private ownAddress(reference: Reference, code: number, isWord: boolean): void {
    if (code !== formulaCodes['S+A'] && code !== formulaCodes['S+A-P']) return
    const { file, symbol } = reference
    const facts = targetFacts(this.program, file, symbol)
    const isNumber = (facts & (TargetFact.Absolute | TargetFact.UndefinedWeak)) !== 0
    if (code === formulaCodes['S+A-P']) {
      if (isNumber) this.refuse(reference, 'the distance to a number that does not move is not known')
      return
    }
    if (isNumber || this.isGone(file, symbol) || facts === 0) return
    if (isWord) this.wanted.uses!.ownWord((this.program.sections.flags[reference.section]! & SHF_WRITE) !== 0)
    else this.refuse(reference)
  }

  /** A symbol that the loader decides about. */
  private elsewhere(reference: Reference, id: number, isCall: boolean, isWord: boolean): void {
    const uses = this.wanted.uses!
    uses.meet(id, (this.program.sections.flags[reference.section]! & SHF_EXECINSTR) !== 0)
    if (isCall) {
      const prefix = this.program.arch.plt.prefix?.types[reference.type] === 1
      uses.uses[id]! |= prefix ? Use.Call | Use.Prefix : Use.Call
      return
    }
    const isWritable = (this.program.sections.flags[reference.section]! & SHF_WRITE) !== 0
    if (isWord) {
      uses.word(id, isWritable)
      return
    }
    const isNarrow = this.isPositionIndependent && this.formulas[reference.type] === formulaCodes['S+A']
    if (this.request.kind === 'shared' && reference.type === this.program.arch.wellKnown.distance) {
      uses.word(id, isWritable)
      return
    }
    if (this.request.kind === 'shared' || isNarrow) {
      this.refuse(reference)
      return
    }
    uses.uses[id]! |= Use.Address
  }

  /** Its section is not in the output: the place becomes 0. */
  private isGone(file: InputFile, symbol: number): boolean {
    const { symbols } = this.program
    const first = file.symbolTable.firstGlobal
    if (symbol < first) {
      const place = symbolPlace(file, symbol)
      return place >= 0 && this.live[place] !== 1
    }
    const id = file.globals[symbol - first]!
    return (
      symbols.state[id] === SymbolState.Defined && symbols.section[id]! >= 0 && this.live[symbols.section[id]!] !== 1
    )
  }

  /** The output may not be loaded anywhere with this. */
  refuse(reference: Reference, hint?: string): void {
    const { file, section, table, row, type, symbol } = reference
    const isShared = this.request.kind === 'shared'
    this.report.add(
      needsPositionIndependence({
        type: this.program.arch.relocations.get(type)?.name ?? String(type),
        symbol: symbolText(this.program, file, symbol),
        output: isShared ? 'a shared object' : 'a PIE object',
        hint: hint ?? `recompile with ${isShared ? '-fPIC' : '-fPIE'}`,
      }),
      referencePlace(this.program, file, section, table.offset(row)),
    )
  }

  key(file: InputFile, symbol: number): SymbolKey {
    const first = file.symbolTable.firstGlobal
    return symbol >= first ? file.globals[symbol - first]! : -1 - (this.localBase[file.id]! + symbol)
  }
}
