/**
 * Final addresses of the symbols of one file after another, as columns by symbol index, so that the relocation loop
 * treats locals and globals alike and looks nothing up twice.
 */
import { STT_SECTION } from '../../elf/constants.ts'
import type { EditedContents } from '../contents/contents.ts'
import type { Needs } from '../records/needs.ts'
import { isEdited, type Layout, type Live, SymbolHome } from '../records/placement.ts'
import type { InputFile, Program } from '../records/program.ts'
import { SectionState, SymbolState } from '../records/tables.ts'
import type { LoaderWords } from './loader-words.ts'
import { SymbolPlace, symbolPlace, symbolType, symbolValue } from './symbol-reader.ts'

/** Values of TargetAddresses.kind. */
export const TargetKind = {
  /** `address` is the address */
  Plain: 0,
  /** section symbol of an edited section: where it leads depends on the addend */
  Edited: 1,
  /** its section is not in the output */
  Dropped: 2,
  /** nobody defines it; reported elsewhere */
  Undefined: 3,
  /** beyond 2^53: the exact value is in Layout.wideSymbols */
  Wide: 4,
} as const

/** How a section takes part; by section id. */
const SectionClass = { Normal: 0, Edited: 1, Dropped: 2 } as const

export class TargetAddresses {
  /** signed double by symbol index of the prepared file */
  address = new Float64Array(4096)
  /** TargetKind by symbol index */
  kind = new Uint8Array(4096)
  /** stubs that stand for functions of other objects; undefined: there are none */
  loader: LoaderWords | undefined
  private readonly program: Program
  private readonly contents: EditedContents
  private readonly layout: Layout
  private readonly needs: Needs
  private readonly live: Live
  /** address of .iplt */
  private readonly stubs: number

  constructor(program: Program, live: Live, contents: EditedContents, needs: Needs, layout: Layout) {
    this.program = program
    this.contents = contents
    this.layout = layout
    this.needs = needs
    this.stubs = needs.sections.indirectStubs < 0 ? 0 : layout.addressOf[needs.sections.indirectStubs]!
    this.live = live
  }

  private classOf(section: number): number {
    const { contents, layout, program } = this
    if (this.live[section] !== 1) return SectionClass.Dropped
    if (isEdited(contents.kind[section]!)) return SectionClass.Edited
    const isGone = layout.outputOf[section]! < 0 && contents.size[section]! > 0
    const isElsewhere = (program.sections.state[section]! & SectionState.JustSymbols) !== 0
    return isGone && !isElsewhere ? SectionClass.Dropped : SectionClass.Normal
  }

  /** Fills the columns for the symbols of `file`. */
  prepare(file: InputFile): void {
    this.enter(file)
    const { count, firstGlobal } = file.symbolTable
    if (file.bits === 64 && file.littleEndian) this.prepareLocals64(file)
    else for (let index = 0; index < firstGlobal; index++) this.local(file, index)
    for (let index = firstGlobal; index < count; index++) this.global(file, index)
    this.replaceIndirect(file)
    this.sparse = undefined
  }

  /** From now on `find` fills the columns for single symbols of `file`, none of which is an indirect function of its own. */
  enter(file: InputFile): void {
    const { count } = file.symbolTable
    if (this.address.length < count) this.reserve(count)
    this.sparse = file
  }

  /** Fills the columns for a symbol of the file that was entered; of one that was prepared they are filled. */
  find(index: number): void {
    const file = this.sparse
    if (file === undefined) return
    if (index < file.symbolTable.firstGlobal) this.local(file, index)
    else this.global(file, index)
  }

  private global(file: InputFile, index: number): void {
    const { address, kind, loader } = this
    const { symbolValue, symbolHome, wideSymbols } = this.layout
    const id = file.globals[index - file.symbolTable.firstGlobal]!
    address[index] = symbolValue[id]!
    kind[index] = TargetKind.Plain
    if (symbolHome[id] === SymbolHome.Undefined) {
      address[index] = 0
      const how = this.program.symbols.state[id]
      if (how === SymbolState.Undefined) kind[index] = TargetKind.Undefined
      else if (how === SymbolState.Defined || how === SymbolState.Script) kind[index] = TargetKind.Dropped
    } else if (wideSymbols.size > 0 && wideSymbols.has(id)) kind[index] = TargetKind.Wide
    if (this.needs.stubs.length > 0 && this.needs.stubOf.has(id)) address[index] = this.stubAddress(id)
    if (loader !== undefined && loader.canonical[id] === 1) address[index] = loader.callTarget(id, 0)
  }

  private reserve(count: number): void {
    this.address = new Float64Array(count * 2)
    this.kind = new Uint8Array(count * 2)
  }

  /** Address of a symbol key as signed double, without stubs. */
  keyAddress(key: number): number {
    if (key >= 0) return this.layout.symbolValue[key]!
    const { file, index } = this.localOf(key)
    if (index >= this.address.length) this.reserve(index + 1)
    this.local(file, index)
    return this.address[index]!
  }

  localOf(key: number): { file: InputFile; index: number } {
    const number = -1 - key
    const { localBase } = this.needs
    let low = 0
    let high = localBase.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (localBase[middle]! <= number) low = middle
      else high = middle - 1
    }
    // Files without symbols share their base with the next file; the last one of equals has the symbol.
    return { file: this.program.files[low]!, index: number - localBase[low]! }
  }

  stubAddress(key: number): number {
    const stub = this.needs.stubOf.get(key)
    return stub === undefined ? this.keyAddress(key) : this.stubs + stub * this.needs.stubShape.indirectSize
  }

  keyOf(file: InputFile, index: number): number {
    const first = file.symbolTable.firstGlobal
    return index >= first ? file.globals[index - first]! : -1 - (this.needs.localBase[file.id]! + index)
  }

  /** The usual case of `local`, reading the table without calls. */
  private prepareLocals64(file: InputFile): void {
    const { view, firstSection, sectionCount } = file
    const { firstGlobal, offset } = file.symbolTable
    const { addressOf } = this.layout
    const { address, kind } = this
    for (let index = 0, at = offset; index < firstGlobal; index++, at += 24) {
      const shndx = view.getUint16(at + 6, true)
      if (
        shndx !== 0 &&
        shndx < sectionCount &&
        shndx < 0xff00 &&
        this.classOf(firstSection + shndx) === SectionClass.Normal
      ) {
        address[index] =
          addressOf[firstSection + shndx]! + view.getInt32(at + 12, true) * 0x1_0000_0000 + view.getUint32(at + 8, true)
        kind[index] = TargetKind.Plain
      } else this.local(file, index)
    }
  }

  private local(file: InputFile, index: number): void {
    const place = symbolPlace(file, index)
    this.kind[index] = TargetKind.Plain
    this.address[index] = 0
    if (place < 0) {
      if (place === SymbolPlace.Absolute) this.address[index] = symbolValue(file, index)
      return
    }
    const value = symbolValue(file, index)
    switch (this.classOf(place)) {
      case SectionClass.Dropped:
        this.kind[index] = TargetKind.Dropped
        return
      case SectionClass.Edited:
        if (symbolType(file, index) === STT_SECTION) this.kind[index] = TargetKind.Edited
        else if (this.contents.moveTarget(place, value))
          this.address[index] = this.layout.addressOf[this.contents.movedSection]! + this.contents.movedOffset
        else this.kind[index] = TargetKind.Dropped
        return
      default:
        this.address[index] = this.layout.addressOf[place]! + value
    }
  }

  /** Indirect functions of the file alone are known by the address of their stub. */
  private replaceIndirect(file: InputFile): void {
    const { stubs, localBase } = this.needs
    const { firstGlobal } = file.symbolTable
    const base = localBase[file.id]!
    if (this.localStubs === undefined) this.localStubs = stubs.filter(key => key < 0)
    for (const key of this.localStubs) {
      const index = -1 - key - base
      if (index >= 0 && index < firstGlobal) this.address[index] = this.stubAddress(key)
    }
  }

  /** the file whose symbols `find` fills in; undefined: all of the file are there */
  private sparse: InputFile | undefined
  /** keys of local symbols with stubs; made when first needed */
  private localStubs: readonly number[] | undefined
}
