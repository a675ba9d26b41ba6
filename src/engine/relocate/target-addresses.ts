/**
 * Final addresses of the symbols of one file after another, as columns by symbol index, so that the relocation loop
 * treats locals and globals alike and looks nothing up twice.
 */
import { STT_SECTION } from '../../elf/constants.ts'
import type { EditedContents } from '../contents/contents.ts'
import type { Needs } from '../records/needs.ts'
import { ContentKind, type Layout, type Live, SymbolHome } from '../records/placement.ts'
import type { InputFile, Program } from '../records/program.ts'
import { SymbolState } from '../records/tables.ts'
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
  private readonly classes: Uint8Array
  /** address of .iplt */
  private readonly stubs: number

  constructor(program: Program, live: Live, contents: EditedContents, needs: Needs, layout: Layout) {
    this.program = program
    this.contents = contents
    this.layout = layout
    this.needs = needs
    this.stubs = needs.sections.indirectStubs < 0 ? 0 : layout.addressOf[needs.sections.indirectStubs]!
    const { count } = program.sections
    this.classes = new Uint8Array(count)
    for (let id = 0; id < count; id++) {
      if (live[id] !== 1) this.classes[id] = SectionClass.Dropped
      else if (
        contents.merged.rowOf[id]! >= 0 ||
        contents.frames.rowOf[id]! >= 0 ||
        contents.kind[id] === ContentKind.Shortened ||
        contents.kind[id] === ContentKind.FunctionTable
      )
        this.classes[id] = SectionClass.Edited
      else if (layout.outputOf[id]! < 0 && contents.size[id]! > 0 && (program.sections.state[id]! & 32) === 0)
        this.classes[id] = SectionClass.Dropped
    }
  }

  /** Fills the columns for the symbols of `file`. */
  prepare(file: InputFile): void {
    const { count, firstGlobal } = file.symbolTable
    if (this.address.length < count) this.reserve(count)
    if (file.bits === 64 && file.littleEndian) this.prepareLocals64(file)
    else for (let index = 0; index < firstGlobal; index++) this.local(file, index)
    const { globals } = file
    const { symbolValue: values, symbolHome: homes, wideSymbols } = this.layout
    const { state } = this.program.symbols
    const { address, kind } = this
    const hasWide = wideSymbols.size > 0
    for (let index = firstGlobal; index < count; index++) {
      const id = globals[index - firstGlobal]!
      address[index] = values[id]!
      kind[index] = TargetKind.Plain
      if (homes[id] === SymbolHome.Undefined) {
        address[index] = 0
        const how = state[id]
        if (how === SymbolState.Undefined) kind[index] = TargetKind.Undefined
        else if (how === SymbolState.Defined || how === SymbolState.Script) kind[index] = TargetKind.Dropped
      } else if (hasWide && wideSymbols.has(id)) kind[index] = TargetKind.Wide
    }
    if (this.needs.stubs.length > 0) this.replaceIndirect(file)
    if (this.loader === undefined) return
    const { canonical } = this.loader
    for (let index = firstGlobal; index < count; index++) {
      const id = globals[index - firstGlobal]!
      if (canonical[id] === 1) this.address[index] = this.loader.callTarget(id, 0)
    }
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
    const { address, kind, classes } = this
    for (let index = 0, at = offset; index < firstGlobal; index++, at += 24) {
      const shndx = view.getUint16(at + 6, true)
      if (
        shndx !== 0 &&
        shndx < sectionCount &&
        classes[firstSection + shndx] === SectionClass.Normal &&
        shndx < 0xff00
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
    switch (this.classes[place]) {
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

  /** Indirect functions are known by the address of their stub. */
  private replaceIndirect(file: InputFile): void {
    const { stubOf, localBase } = this.needs
    const { count, firstGlobal } = file.symbolTable
    const base = localBase[file.id]!
    if (this.isStub === undefined) {
      this.isStub = new Uint8Array(this.program.symbols.names.count)
      for (const key of stubOf.keys())
        if (key >= 0) this.isStub[key] = 1
        else this.localStubs.push(key)
    }
    for (const key of this.localStubs) {
      const index = -1 - key - base
      if (index >= 0 && index < firstGlobal) this.address[index] = this.stubAddress(key)
    }
    const { isStub } = this
    const { globals } = file
    for (let index = firstGlobal; index < count; index++) {
      const id = globals[index - firstGlobal]!
      if (isStub[id] === 1) this.address[index] = this.stubAddress(id)
    }
  }

  /** by symbol id: 1 when the symbol has a stub; made when first needed */
  private isStub: Uint8Array | undefined
  /** keys of local symbols with stubs */
  private readonly localStubs: number[] = []
}
