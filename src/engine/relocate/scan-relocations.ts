/**
 * One pass over the relocations of everything that is loaded: which symbols need a word in the GOT, which indirect
 * functions need a stub. Rewrites that make a need go away are chosen here and again, alike, when relocating.
 *
 * Indirect functions (STT_GNU_IFUNC) in a program without dynamic loader: the start-up code calls the resolvers named by
 * IRELATIVE relocations. A function that is called or whose address is taken in code gets a stub, and the stub is its
 * address; one that is only in writable data or in the GOT is filled in there.
 */
import { needsPositionIndependence, threadModelNeedsProgram } from '../../diag/catalogue/dynamic.ts'
import { notSupportedYet } from '../../diag/catalogue/relocation.ts'
import type { Report } from '../../diag/report.ts'
import { SHF_ALLOC, SHF_EXECINSTR, SHF_WRITE, STT_GNU_IFUNC } from '../../elf/constants.ts'
import { formulaCodes, type StubShape, TargetFact } from '../../target/target.ts'
import type { EditedContents } from '../contents/contents.ts'
import { placeCopies } from '../dynamic/copies.ts'
import type { DynamicSections } from '../dynamic/declare.ts'
import { slotNeedsLoader } from '../dynamic/got-relocations.ts'
import { isMarked, ReferenceUses, sizeDynamic, Use } from '../dynamic/reference-uses.ts'
import { gotStartWords } from '../records/got-start.ts'
import { type IndirectPlace, type Needs, SlotKind, type SymbolKey } from '../records/needs.ts'
import { ContentKind, type Live } from '../records/placement.ts'
import type { InputFile, Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import { SymbolFlag, SymbolState } from '../records/tables.ts'
import { referencePlace } from '../references/report-undefined.ts'
import { findSynthetics } from '../synthetic/declare.ts'
import { setSizes } from '../synthetic/sizes.ts'
import { orderSlots } from '../synthetic/slot-order.ts'
import { symbolText } from './relocation-errors.ts'
import { RelocationTable } from './relocation-table.ts'
import { findIndirectFunctions, markOthers } from './scan-interest.ts'
import { symbolPlace, symbolType } from './symbol-reader.ts'
import { outputTraits, targetFacts } from './target-facts.ts'

/** @param dynamic the sections of an output that a loader prepares */
export function scanRelocations(
  program: Program,
  live: Live,
  contents: EditedContents,
  request: LinkRequest,
  dynamic: DynamicSections | undefined,
  report: Report,
): Needs {
  const scan = new Scan(program, live, contents, request, dynamic !== undefined, report)
  const { sections, files } = program
  for (const file of files) {
    if (file.kind !== 'object') continue
    for (let id = file.firstSection; id < file.firstSection + file.sectionCount; id++) {
      if (live[id] !== 1 || sections.relocations[id]! < 0 || (sections.flags[id]! & SHF_ALLOC) === 0) continue
      const kind = contents.kind[id]
      if (kind === ContentKind.Copy || kind === ContentKind.EhFrame) scan.section(file, id)
    }
  }
  const needs = scan.finish()
  const copies = dynamic === undefined ? [] : placeCopies(program, needs.dynamic!, dynamic, contents, report)
  if (dynamic !== undefined) sizeDynamic(program, contents, needs.dynamic!, dynamic, copies.length)
  setSizes(program, contents, needs, request, scan.refersToGot)
  return dynamic === undefined ? needs : { ...needs, dynamic: { ...needs.dynamic!, copies } }
}

/** How an indirect function is used; bits. */
const IndirectUse = { Stub: 1, Got: 2, Address: 4 } as const

/** What one relocation is about; filled anew for each. */
interface Reference {
  file: InputFile
  section: number
  table: RelocationTable
  row: number
  type: number
  symbol: number
}

/** Which rows of a relocation type have to be looked at. */
const Interest = {
  None: 0,
  Any: 1,
  /** those against indirect functions */
  Indirect: 2,
} as const

function isThreadSlot(code: number): boolean {
  return (
    code === formulaCodes['GOT+tls-ie+A-P'] ||
    code === formulaCodes['GOT+tls-ie+A'] ||
    code === formulaCodes['tls-ie+A']
  )
}

function isAddressSlot(code: number): boolean {
  return code === formulaCodes['G+A'] || code === formulaCodes['GOT+G+A'] || code === formulaCodes['GOT+G+A-P']
}

class Scan {
  private readonly program: Program
  private readonly report: Report
  private readonly request: LinkRequest
  private readonly live: Live
  private readonly contents: EditedContents
  private readonly traits: number
  private readonly isPositionIndependent: boolean
  /** formula codes by relocation type; bits that hold anywhere count as a distance: they need no relocation either */
  private readonly formulas: Uint8Array
  /** Interest by relocation type */
  private readonly interesting: Uint8Array
  /** by symbol id: 1 for an indirect function and for what the loader or its absence makes special */
  private readonly indirectOf: Uint8Array
  /** by file id: 1 when a local symbol is an indirect function */
  private readonly localIndirect: Uint8Array
  private readonly localBase: Float64Array
  private readonly gotSymbol: number
  /** some relocation names the start of the GOT: the header of .got.plt stays */
  refersToGot = false
  private readonly wanted = new Map<SymbolKey, number>()
  private readonly wantedThread = new Set<SymbolKey>()
  private readonly wantedPairs = new Set<SymbolKey>()
  private readonly wantedDescriptors = new Set<SymbolKey>()
  private wantsOwnModule = false
  private readonly indirect = new Map<SymbolKey, number>()
  private readonly places: IndirectPlace[] = []
  /** undefined: the output has no dynamic section */
  private readonly uses: ReferenceUses | undefined

  constructor(
    program: Program,
    live: Live,
    contents: EditedContents,
    request: LinkRequest,
    isDynamic: boolean,
    report: Report,
  ) {
    this.program = program
    this.report = report
    this.request = request
    this.live = live
    this.contents = contents
    this.traits = outputTraits(program, request)
    this.isPositionIndependent = request.kind === 'shared' || request.kind === 'pie'
    this.uses = isDynamic ? new ReferenceUses(program, request, report) : undefined
    this.localBase = new Float64Array(program.files.length)
    let base = 0
    for (const file of program.files) {
      this.localBase[file.id] = base
      base += file.symbolTable.firstGlobal
    }
    this.interesting = new Uint8Array(program.arch.relocationColumns.formula.length)
    this.indirectOf = new Uint8Array(program.symbols.names.count)
    this.localIndirect = new Uint8Array(program.files.length)
    const indirect = findIndirectFunctions(program, this.indirectOf, this.localIndirect)
    const others = isDynamic && markOthers(program, this.isPositionIndependent, this.indirectOf, this.localIndirect)
    this.gotSymbol = gotSymbol(program)
    if (this.gotSymbol >= 0) this.indirectOf[this.gotSymbol] = 1
    const marked = others || this.gotSymbol >= 0
    const { formula, keepsAnywhere } = program.arch.relocationColumns
    this.formulas = formula.map((code, type) =>
      code === formulaCodes['S+A'] && keepsAnywhere[type] === 1 ? formulaCodes['S+A-P'] : code,
    )
    for (let type = 0; type < formula.length; type++) {
      const code = this.formulas[type]!
      const isPlain =
        code === formulaCodes.none ||
        code === formulaCodes.unknown ||
        code === formulaCodes['Z+A'] ||
        code === formulaCodes.difference ||
        code === formulaCodes.pair
      const usesSymbol = code >= formulaCodes['S+A'] && code <= formulaCodes['S+A-GOT']
      if (usesSymbol) {
        // What may be loaded anywhere has a relocation for every address in it.
        if (this.isPositionIndependent && code === formulaCodes['S+A']) this.interesting[type] = Interest.Any
        else this.interesting[type] = indirect || marked ? Interest.Indirect : Interest.None
      } else this.interesting[type] = isPlain ? Interest.None : Interest.Any
    }
  }

  section(file: InputFile, id: number): void {
    const table = new RelocationTable(this.program, this.program.sections.relocations[id]!)
    const isFrame = this.contents.kind[id] === ContentKind.EhFrame
    const reference: Reference = { file, section: id, table, row: 0, type: 0, symbol: 0 }
    if (table.isUsual && !isFrame) {
      this.section64(reference)
      return
    }
    const { interesting } = this
    for (let row = 0; row < table.count; row++) {
      const type = table.type(row)
      if (type >= interesting.length || interesting[type] === 0) continue // a type that is not known is reported when relocating
      const symbol = table.symbol(row)
      if (symbol >= file.symbolTable.count) continue
      if (isFrame && !this.contents.frames.move(id, table.offset(row))) continue
      reference.row = row
      reference.type = type
      reference.symbol = symbol
      if (this.relocation(reference)) row++
    }
  }

  /** The usual case of `section`, reading the table without calls: most rows need nothing. */
  private section64(reference: Reference): void {
    const { interesting, indirectOf } = this
    const { file, table } = reference
    const { view, globals } = file
    const { count: symbolCount, firstGlobal } = file.symbolTable
    const localIndirect = this.localIndirect[file.id] === 1
    const { count, start } = table
    for (let row = 0, at = start; row < count; row++, at += 24) {
      const type = view.getUint32(at + 8, true)
      if (type >= interesting.length) continue
      const interest = interesting[type]!
      if (interest === Interest.None) continue
      const symbol = view.getUint32(at + 12, true)
      if (symbol >= symbolCount) continue
      if (interest === Interest.Indirect)
        if (symbol >= firstGlobal ? indirectOf[globals[symbol - firstGlobal]!] === 0 : !localIndirect) continue
      reference.row = row
      reference.type = type
      reference.symbol = symbol
      if (this.relocation(reference)) {
        row++
        at += 24
      }
    }
  }

  /** True when the next relocation belongs to a rewritten sequence. */
  private relocation(reference: Reference): boolean {
    const { file, section, table, row, type, symbol } = reference
    const { arch, sections } = this.program
    let code = this.formulas[type]!
    if (this.gotSymbol >= 0 && this.key(file, symbol) === this.gotSymbol) this.refersToGot = true
    if (code >= formulaCodes['S+A'] && code <= formulaCodes['S+A-GOT']) {
      this.direct(reference, code)
      return false
    }
    const facts = targetFacts(this.program, file, symbol)
    const { relaxation } = arch
    let swallows = false
    if (relaxation !== undefined && arch.relocationColumns.relax[type] === 1) {
      const next = row + 1 < table.count ? row + 1 : -1
      const offset = table.offset(row)
      const start = sections.offset[section]!
      const size = sections.size[section]!
      if (offset < size) {
        const rewrite = relaxation.choose(
          type,
          file.bytes,
          start + offset,
          start,
          start + size,
          facts,
          this.traits,
          table.addend(row),
          next < 0 ? -1 : table.type(next),
          next < 0 ? 0 : table.offset(next) - offset,
        )
        if (rewrite === relaxation.refused) return false // reported when relocating
        if (rewrite !== 0) {
          swallows = relaxation.swallows[rewrite] === 1
          code = relaxation.formula[rewrite]!
          if (!isThreadSlot(code) && !isAddressSlot(code)) return swallows
        }
      }
    }
    const key = this.key(file, symbol)
    switch (code) {
      case formulaCodes['G+A']:
      case formulaCodes['GOT+G+A']:
      case formulaCodes['GOT+G+A-P']:
        if ((facts & TargetFact.Ifunc) !== 0) this.use(key, IndirectUse.Got)
        else if (this.isPreemptible(key)) {
          this.wanted.set(key, SlotKind.Import)
          this.uses?.meet(key, this.isCode(section))
        } else this.wanted.set(key, SlotKind.Address)
        break
      case formulaCodes['tls-ie+A']:
      case formulaCodes['GOT+tls-ie+A']:
      case formulaCodes['GOT+tls-ie+A-P']:
        this.wantedThread.add(key)
        break
      case formulaCodes['tls-gd+A']:
      case formulaCodes['GOT+tls-gd+A']:
      case formulaCodes['GOT+tls-gd+A-P']:
        this.wantedPairs.add(key)
        break
      case formulaCodes['tls-ld+A']:
      case formulaCodes['GOT+tls-ld+A']:
      case formulaCodes['GOT+tls-ld+A-P']:
        this.wantsOwnModule = true
        break
      case formulaCodes['tls-desc+A']:
      case formulaCodes['GOT+tls-desc+A']:
      case formulaCodes['GOT+tls-desc+A-P']:
        this.wantedDescriptors.add(key)
        if (this.uses === undefined) this.refuseDescriptor(reference)
        break
      case formulaCodes['S+A-TP']:
      case formulaCodes['TP-S+A']:
        if (this.request.kind === 'shared' || this.isPreemptible(key)) this.refuseThreadModel(reference)
        break
      case formulaCodes['S+A-DTP']:
        if (this.isPreemptible(key) && this.program.symbols.state[key] !== SymbolState.Defined)
          this.refuse(reference, 'the variable is in another object; compile with another -ftls-model')
        break
      case formulaCodes['tls-module']:
        if (this.uses !== undefined) this.refuse(reference, 'tsld makes no such relocation for data')
        break
    }
    return swallows
  }

  private isCode(section: number): boolean {
    return (this.program.sections.flags[section]! & SHF_EXECINSTR) !== 0
  }

  private isPreemptible(key: SymbolKey): boolean {
    return key >= 0 && (this.program.symbols.flags[key]! & SymbolFlag.Preemptible) !== 0
  }

  /** A relocation by the symbol's own address. */
  private direct(reference: Reference, code: number): void {
    const { file, section, table, row, type, symbol } = reference
    const first = file.symbolTable.firstGlobal
    const { symbols, sections, arch } = this.program
    const flags = sections.flags[section]!
    const isCall = code === formulaCodes['L+A-P'] || code === formulaCodes['L+A-GOT']
    const isWord = type === arch.wellKnown.word || arch.relocationColumns.word[type] === 1
    let isIndirect = false
    if (symbol >= first) {
      const id = file.globals[symbol - first]!
      if ((symbols.flags[id]! & SymbolFlag.Preemptible) !== 0 && this.uses !== undefined) {
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
      this.use(key, IndirectUse.Address)
      this.places.push({ section, offset: table.offset(row), symbol: key, addend: table.addend(row) })
    } else {
      this.use(key, isCall ? IndirectUse.Stub : IndirectUse.Stub | IndirectUse.Address)
      if (!this.isPositionIndependent || code !== formulaCodes['S+A']) return
      if (isWord) this.uses!.ownWord((flags & SHF_WRITE) !== 0)
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
    if (isWord) this.uses!.ownWord((this.program.sections.flags[reference.section]! & SHF_WRITE) !== 0)
    else this.refuse(reference)
  }

  /** A symbol that the loader decides about. */
  private elsewhere(reference: Reference, id: number, isCall: boolean, isWord: boolean): void {
    const uses = this.uses!
    uses.meet(id, this.isCode(reference.section))
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

  private use(key: SymbolKey, bits: number): void {
    this.indirect.set(key, (this.indirect.get(key) ?? 0) | bits)
  }

  private key(file: InputFile, symbol: number): SymbolKey {
    const first = file.symbolTable.firstGlobal
    return symbol >= first ? file.globals[symbol - first]! : -1 - (this.localBase[file.id]! + symbol)
  }

  private refuse(reference: Reference, hint?: string): void {
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

  /** Only a loader fills descriptors, and the architecture did not rewrite the instructions. */
  private refuseDescriptor(reference: Reference): void {
    const { file, section, table, row, type } = reference
    const name = this.program.arch.relocations.get(type)?.name ?? String(type)
    this.report.add(
      notSupportedYet({ what: `${name}: TLS descriptors in a static program; compile with another -mtls-dialect` }),
      referencePlace(this.program, file, section, table.offset(row)),
    )
  }

  private refuseThreadModel(reference: Reference): void {
    const { file, section, table, row, type, symbol } = reference
    this.report.add(
      threadModelNeedsProgram({
        type: this.program.arch.relocations.get(type)?.name ?? String(type),
        symbol: symbolText(this.program, file, symbol),
        output: this.request.kind === 'shared' ? 'a shared object' : 'a program whose variable is in a shared object',
      }),
      referencePlace(this.program, file, section, table.offset(row)),
    )
  }

  /** Is there anything that a GOT is made for? */
  private wantsGot(): boolean {
    if (this.uses !== undefined || this.refersToGot || this.wantsOwnModule) return true
    const { wanted, wantedThread, wantedPairs, wantedDescriptors, indirect } = this
    return wanted.size + wantedThread.size + wantedPairs.size + wantedDescriptors.size + indirect.size > 0
  }

  finish(): Needs {
    const gotOf = new Map<SymbolKey, number>()
    const threadOf = new Map<SymbolKey, number>()
    const pairOf = new Map<SymbolKey, number>()
    const descriptorOf = new Map<SymbolKey, number>()
    const slots: { symbol: SymbolKey; kind: number }[] = []
    const stubOf = new Map<SymbolKey, number>()
    const stubs: SymbolKey[] = []
    const slot = (symbol: SymbolKey, kind: number): number => {
      slots.push({ symbol, kind })
      return slots.length - 1
    }
    if (this.wantsGot())
      for (let word = 0; word < gotStartWords(this.program); word++)
        slot(0, word === 0 ? SlotKind.Dynamic : SlotKind.Zero)
    const stubbed = [...this.indirect.keys()].filter(symbol => (this.indirect.get(symbol)! & IndirectUse.Stub) !== 0)
    for (const symbol of orderSlots(this.program, stubbed, false)) {
      stubOf.set(symbol, stubs.length)
      stubs.push(symbol)
    }
    const needsRegister = this.isPositionIndependent && this.program.arch.positionIndependentStubs !== undefined
    const kinds = new Map<SymbolKey, number>(this.wanted)
    for (const [symbol, use] of this.indirect) {
      if ((use & IndirectUse.Got) === 0) continue
      // Where nobody compares addresses, the slot of the stub serves as the word of the GOT.
      // A stub that needs a register is no address for others.
      if ((use & IndirectUse.Stub) === 0 || needsRegister) kinds.set(symbol, SlotKind.Indirect)
      else if ((use & IndirectUse.Address) !== 0 && symbol >= 0) kinds.set(symbol, SlotKind.Stub)
    }
    const own = (symbol: SymbolKey): void => void gotOf.set(symbol, slot(symbol, kinds.get(symbol)!))
    const thread = (symbol: SymbolKey): void => void threadOf.set(symbol, slot(symbol, SlotKind.ThreadOffset))
    const pair = (symbol: SymbolKey): void => {
      pairOf.set(symbol, slot(symbol, SlotKind.Module))
      slot(symbol, SlotKind.ModuleOffset)
    }
    const descriptor = (symbol: SymbolKey): void => {
      descriptorOf.set(symbol, slot(symbol, SlotKind.Descriptor))
      slot(symbol, SlotKind.DescriptorEnd)
    }
    const inOrder = (symbols: Iterable<SymbolKey>): SymbolKey[] => orderSlots(this.program, [...symbols], true)
    if (this.program.arch.slotsBySymbol === true) {
      const all = new Set([...kinds.keys(), ...this.wantedThread, ...this.wantedPairs, ...this.wantedDescriptors])
      for (const symbol of inOrder(all)) {
        if (this.wantedPairs.has(symbol)) pair(symbol)
        if (this.wantedThread.has(symbol)) thread(symbol)
        if (kinds.has(symbol)) own(symbol)
        if (this.wantedDescriptors.has(symbol)) descriptor(symbol)
      }
    } else {
      for (const symbol of this.program.plan.dynamic?.importsByUse ? kinds.keys() : inOrder(kinds.keys())) own(symbol)
      for (const symbol of inOrder(this.wantedThread)) thread(symbol)
      for (const symbol of inOrder(this.wantedPairs)) pair(symbol)
      for (const symbol of inOrder(this.wantedDescriptors)) descriptor(symbol)
    }
    const ownModule = this.wantsOwnModule ? slot(0, SlotKind.OwnModule) : -1
    if (ownModule >= 0) slot(0, SlotKind.Zero)
    const indirectPlaces = this.places.filter(place => needsRegister || !stubOf.has(place.symbol))
    // A place whose function has a stub gets the stub's address, which moves with the output.
    if (this.uses !== undefined && this.isPositionIndependent)
      this.uses.relative += this.places.length - indirectPlaces.length
    const isShared = this.request.kind === 'shared'
    let slotRelocations = indirectPlaces.length
    let relativeSlots = 0
    for (const each of slots) {
      if (!slotNeedsLoader(this.program, each, this.request)) continue
      slotRelocations++
      if (each.kind === SlotKind.Address || each.kind === SlotKind.Stub) relativeSlots++
    }
    return {
      sections: findSynthetics(this.program),
      localBase: this.localBase,
      gotOf,
      slots,
      threadOf,
      pairOf,
      descriptorOf,
      ownModule,
      stubOf,
      stubs,
      indirectPlaces,
      indirectAt: new Set(indirectPlaces.map(place => place.section * 0x1_0000_0000 + place.offset)),
      traits: this.traits,
      stubShape: stubShape(this.program, this.isPositionIndependent),
      dynamic: this.uses?.settle(
        id => kinds.get(id) === SlotKind.Import,
        slotRelocations,
        relativeSlots,
        stubs.length,
        isShared && threadOf.size > 0,
      ),
    }
  }
}

function stubShape(program: Program, isPositionIndependent: boolean): StubShape {
  const { stubs, positionIndependentStubs, markedPlt } = program.arch
  if (markedPlt?.stubs !== undefined && isMarked(program)) return markedPlt.stubs
  return (isPositionIndependent ? positionIndependentStubs : undefined) ?? stubs
}

/**
 * Id of `_GLOBAL_OFFSET_TABLE_` when the linker defines it, or -1. Assemblers name it in every file that uses the GOT, so
 * only a relocation against it counts as a reference.
 */
function gotSymbol(program: Program): number {
  const { symbols } = program
  const id = symbols.names.findText('_GLOBAL_OFFSET_TABLE_')
  return id >= 0 && symbols.state[id] === SymbolState.Script ? id : -1
}
