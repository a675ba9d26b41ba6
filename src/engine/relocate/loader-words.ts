/**
 * Words of address size that the loader completes: in an output that may be loaded anywhere, and those that refer to
 * symbols of other objects. Asked by the relocation loop for each such word of a loaded section.
 */
import { SHF_WRITE } from '../../elf/constants.ts'
import { unusual } from '../../kernels/relocate.ts'
import type { LoaderRelocations } from '../dynamic/loader-relocations.ts'
import type { DynamicTables } from '../dynamic/select.ts'
import { type DynamicNeeds, directStub, hasPrefix, stubOffset, WordKind } from '../records/needs.ts'
import { type Layout, type PlacedSection, SymbolHome } from '../records/placement.ts'
import type { InputFile, Program } from '../records/program.ts'
import { SymbolPlace, symbolPlace } from './symbol-reader.ts'

/** What the later stages share about the loader's work. */
export interface LoaderWork {
  readonly needs: DynamicNeeds
  readonly tables: DynamicTables
  readonly rows: LoaderRelocations
  /** addresses are final: the loader does not move the output */
  readonly isFixed: boolean
  /** the program itself, not a shared object */
  readonly isProgram: boolean
}

export class LoaderWords {
  private readonly program: Program
  private readonly layout: Layout
  private readonly work: LoaderWork
  private readonly stubs: number
  private readonly directStubs: number
  private readonly secondStubs: number
  /** after `complete` was true: what stands at the place where relocations have no addends of their own (REL) */
  stored = 0
  /** relocation of a word that holds the address of an import */
  private readonly wordType: number

  constructor(program: Program, layout: Layout, work: LoaderWork) {
    this.program = program
    this.layout = layout
    this.work = work
    const { sections } = work.tables
    this.stubs = layout.addressOf[sections.stubs]!
    this.secondStubs = layout.addressOf[sections.secondStubs]!
    this.directStubs = layout.addressOf[sections.directStubs]!
    const { word, globDat } = program.arch.wellKnown
    this.wordType = program.plan.dynamic?.slotsForWords ? globDat : word
  }

  /**
   * Makes the relocation for a word, if it needs one. False: its value is final.
   * @param place address of the word
   * @param value S+A
   */
  complete(
    file: InputFile,
    symbol: number,
    output: PlacedSection,
    place: number,
    value: number,
    addend: number,
  ): boolean {
    const { rows, tables } = this.work
    const { wellKnown } = this.program.arch
    const first = file.symbolTable.firstGlobal
    let kind: number = this.work.isFixed ? WordKind.Fixed : WordKind.Relative
    if (symbol >= first) {
      const id = file.globals[symbol - first]!
      kind = this.work.needs.wordKind[id]!
      const home = this.layout.symbolHome[id]!
      const isNumber = home === SymbolHome.Absolute || home === SymbolHome.Unlisted
      if (kind === WordKind.Relative && isNumber) kind = WordKind.Fixed
      if (kind === WordKind.Symbolic) rows.add(this.wordType, tables.indexOf.get(id) ?? 0, place, addend)
    } else if (!this.work.isFixed) {
      const home = symbolPlace(file, symbol)
      if (home === SymbolPlace.Absolute || home === SymbolPlace.Undefined) kind = WordKind.Fixed
    }
    if (kind === WordKind.Fixed) return false
    this.stored = kind === WordKind.Relative ? value : addend
    if (kind === WordKind.Relative) rows.add(wellKnown.relative, 0, place, value)
    if ((output.flags & SHF_WRITE) === 0) rows.textSections.add(output.name)
    return true
  }

  /** The same for a distance in a shared object: only the loader knows how far other objects are. */
  completeDistance(id: number, output: PlacedSection, place: number, addend: number): boolean {
    if (this.work.isProgram || this.work.needs.wordKind[id] !== WordKind.Symbolic) return false
    this.work.rows.add(this.program.arch.wellKnown.distance!, this.work.tables.indexOf.get(id) ?? 0, place, addend)
    this.stored = addend
    if ((output.flags & SHF_WRITE) === 0) this.work.rows.textSections.add(output.name)
    return true
  }

  /** Address that a call of the symbol goes to: its stub, or `address`. */
  callTarget(id: number, address: number): number {
    const stub = this.work.needs.stubOf[id]!
    if (stub < 0) return address
    const { plt } = this.work.needs
    if (stub >= directStub) return this.directStubs + (stub - directStub) * plt.directSize
    if (plt.second !== undefined) return this.secondStubs + stub * plt.second.entrySize
    return this.stubs + stubOffset(this.work.needs, stub)
  }

  /** The same for a branch of relocation type `type`, which may have to enter the stub by its prefix. */
  branchTarget(id: number, address: number, type: number): number {
    const { needs } = this.work
    const { prefix } = needs.plt
    const stub = needs.stubOf[id]!
    if (prefix === undefined || stub < 0 || stub >= directStub || prefix.types[type] !== 1 || !hasPrefix(needs, stub))
      return this.callTarget(id, address)
    return this.stubs + stubOffset(needs, stub) - prefix.size + prefix.entryBits
  }

  /** 1 by symbol id: the stub is the function's address in the whole program */
  get canonical(): Uint8Array {
    return this.work.needs.canonical
  }

  /** Fills `branchTarget` by symbol id: where branches to it go, out of reach where that depends on the branch. */
  branchTargets(branchTarget: Float64Array, target: Float64Array): Float64Array {
    const { stubs, directStubs, plt } = this.work.needs
    branchTarget.set(target)
    for (const id of stubs) branchTarget[id] = plt.prefix === undefined ? this.callTarget(id, 0) : unusual
    for (const id of directStubs) branchTarget[id] = this.callTarget(id, 0)
    return branchTarget
  }
}
