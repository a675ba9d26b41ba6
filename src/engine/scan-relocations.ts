/**
 * One pass over the relocations of everything that is loaded: which symbols need a word in the GOT, which indirect
 * functions need a stub. Rewrites that make a need go away are chosen here and again, alike, when relocating.
 *
 * Indirect functions (STT_GNU_IFUNC) in a program without dynamic loader: the start-up code calls the resolvers named by
 * IRELATIVE relocations. A function that is called or whose address is taken in code gets a stub, and the stub is its
 * address; one that is only in writable data or in the GOT is filled in there.
 */
import { notSupportedYet } from '../diag/catalogue/relocation.ts'
import { inFile } from '../diag/diagnostic.ts'
import type { Report } from '../diag/report.ts'
import { SHF_ALLOC, SHF_EXECINSTR, SHF_WRITE, STT_GNU_IFUNC } from '../elf/constants.ts'
import { formulaCodes, TargetFact } from '../target/target.ts'
import { buildIdSize } from './build-id.ts'
import type { EditedContents } from './contents.ts'
import { type IndirectPlace, type Needs, SlotKind, type SymbolKey } from './records/needs.ts'
import { ContentKind, type Live } from './records/placement.ts'
import type { InputFile, Program } from './records/program.ts'
import type { LinkRequest } from './records/request.ts'
import { SymbolFlag, SymbolState } from './records/tables.ts'
import { RelocationTable } from './relocate/relocation-table.ts'
import { outputTraits, targetFacts } from './relocate/target-facts.ts'
import { findSynthetics } from './synthetic/declare.ts'
import { ehFrameHeaderSize } from './synthetic/eh-frame-header.ts'
import { propertyNote } from './synthetic/property-note.ts'
import { orderSlots } from './synthetic/slot-order.ts'

export function scanRelocations(
  program: Program,
  live: Live,
  contents: EditedContents,
  request: LinkRequest,
  report: Report,
): Needs {
  const scan = new Scan(program, request, report)
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
  setSizes(program, contents, needs, request)
  return needs
}

/** How an indirect function is used; bits. */
const Use = { Stub: 1, Got: 2, Address: 4 } as const

/** Which rows of a relocation type have to be looked at. */
const Interest = {
  None: 0,
  Any: 1,
  /** those against indirect functions */
  Indirect: 2,
} as const

class Scan {
  private readonly program: Program
  private readonly report: Report
  private readonly request: LinkRequest
  private readonly traits: number
  private readonly isShared: boolean
  /** Interest by relocation type */
  private readonly interesting: Uint8Array
  /** by symbol id: 1 for an indirect function */
  private readonly indirectOf: Uint8Array
  /** by file id: 1 when a local symbol is an indirect function */
  private readonly localIndirect: Uint8Array
  private readonly localBase: Float64Array
  private readonly wanted = new Map<SymbolKey, number>()
  private readonly wantedThread = new Set<SymbolKey>()
  private readonly indirect = new Map<SymbolKey, number>()
  private readonly places: IndirectPlace[] = []

  constructor(program: Program, request: LinkRequest, report: Report) {
    this.program = program
    this.report = report
    this.request = request
    this.traits = outputTraits(request)
    this.isShared = request.kind === 'shared'
    this.localBase = new Float64Array(program.files.length)
    let base = 0
    for (const file of program.files) {
      this.localBase[file.id] = base
      base += file.symbolTable.firstGlobal
    }
    this.interesting = new Uint8Array(256)
    this.indirectOf = new Uint8Array(program.symbols.names.count)
    this.localIndirect = new Uint8Array(program.files.length)
    const indirect = findIndirectFunctions(program, this.indirectOf, this.localIndirect)
    const { formula } = program.arch.relocationColumns
    for (let type = 0; type < 256; type++) {
      const code = formula[type]!
      const isPlain = code === formulaCodes.none || code === formulaCodes.unknown || code === formulaCodes['Z+A']
      const usesSymbol = code >= formulaCodes['S+A'] && code <= formulaCodes['S+A-GOT']
      if (usesSymbol) this.interesting[type] = indirect ? Interest.Indirect : Interest.None
      else this.interesting[type] = isPlain ? Interest.None : Interest.Any
    }
  }

  section(file: InputFile, id: number): void {
    const table = new RelocationTable(this.program, this.program.sections.relocations[id]!)
    if (file.bits === 64 && file.littleEndian && table.hasAddends) return this.section64(file, id, table)
    const { interesting } = this
    for (let row = 0; row < table.count; row++) {
      const type = table.type(row)
      if (type > 255 || interesting[type] === 0) continue // a type that is not known is reported when relocating
      const symbol = table.symbol(row)
      if (symbol >= file.symbolTable.count) continue
      if (this.relocation(file, id, table, row, type, symbol)) row++
    }
  }

  /** The usual case of `section`, reading the table without calls: most rows need nothing. */
  private section64(file: InputFile, id: number, table: RelocationTable): void {
    const { interesting, indirectOf } = this
    const { view, globals } = file
    const { count: symbolCount, firstGlobal } = file.symbolTable
    const localIndirect = this.localIndirect[file.id] === 1
    const { count, start } = table
    for (let row = 0, at = start; row < count; row++, at += 24) {
      const type = view.getUint32(at + 8, true)
      if (type > 255) continue
      const interest = interesting[type]!
      if (interest === Interest.None) continue
      const symbol = view.getUint32(at + 12, true)
      if (symbol >= symbolCount) continue
      if (interest === Interest.Indirect)
        if (symbol >= firstGlobal ? indirectOf[globals[symbol - firstGlobal]!] === 0 : !localIndirect) continue
      if (this.relocation(file, id, table, row, type, symbol)) {
        row++
        at += 24
      }
    }
  }

  /** True when the next relocation belongs to a rewritten sequence. */
  private relocation(
    file: InputFile,
    section: number,
    table: RelocationTable,
    row: number,
    type: number,
    symbol: number,
  ): boolean {
    const { arch, sections } = this.program
    const code = arch.relocationColumns.formula[type]!
    if (code >= formulaCodes['S+A'] && code <= formulaCodes['S+A-GOT']) {
      this.direct(file, section, table, row, type, symbol, code)
      return false
    }
    const facts = targetFacts(this.program, file, symbol, this.isShared)
    const { relaxation } = arch
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
        if (rewrite !== 0) return relaxation.swallows[rewrite] === 1
      }
    }
    const key = this.key(file, symbol)
    switch (code) {
      case formulaCodes['G+A']:
      case formulaCodes['GOT+G+A-P']:
        if ((facts & TargetFact.Ifunc) !== 0) this.use(key, Use.Got)
        else this.wanted.set(key, SlotKind.Address)
        if ((facts & (TargetFact.Local | TargetFact.UndefinedWeak)) === 0) this.dynamic(file, symbol, type)
        break
      case formulaCodes['GOT+tls-ie+A-P']:
        this.wantedThread.add(key)
        break
      case formulaCodes['GOT+tls-gd+A-P']:
      case formulaCodes['GOT+tls-ld+A-P']:
      case formulaCodes['GOT+tls-desc+A-P']:
        this.dynamic(file, symbol, type)
        break
    }
    return false
  }

  /** A relocation by the symbol's own address: only indirect functions need anything for it. */
  private direct(
    file: InputFile,
    section: number,
    table: RelocationTable,
    row: number,
    type: number,
    symbol: number,
    code: number,
  ): void {
    const first = file.symbolTable.firstGlobal
    const { symbols, sections, arch } = this.program
    if (symbol >= first) {
      const id = file.globals[symbol - first]!
      if (symbols.type[id] !== STT_GNU_IFUNC || symbols.state[id] !== SymbolState.Defined) return
    } else if (
      (file.view.getUint8(
        file.symbolTable.offset + symbol * (arch.bits === 64 ? 24 : 16) + (arch.bits === 64 ? 4 : 12),
      ) &
        15) !==
      STT_GNU_IFUNC
    )
      return
    const key = this.key(file, symbol)
    const flags = sections.flags[section]!
    const isData = (flags & SHF_WRITE) !== 0 && (flags & SHF_EXECINSTR) === 0
    if (type === arch.wellKnown.word && isData && this.request.kind === 'exec') {
      this.use(key, Use.Address)
      this.places.push({ section, offset: table.offset(row), symbol: key, addend: table.addend(row) })
    } else
      this.use(
        key,
        code === formulaCodes['L+A-P'] || code === formulaCodes['L+A-GOT'] ? Use.Stub : Use.Stub | Use.Address,
      )
  }

  private use(key: SymbolKey, bits: number): void {
    this.indirect.set(key, (this.indirect.get(key) ?? 0) | bits)
  }

  private key(file: InputFile, symbol: number): SymbolKey {
    const first = file.symbolTable.firstGlobal
    return symbol >= first ? file.globals[symbol - first]! : -1 - (this.localBase[file.id]! + symbol)
  }

  private dynamic(file: InputFile, symbol: number, type: number): void {
    const first = file.symbolTable.firstGlobal
    if (symbol >= first && this.program.symbols.state[file.globals[symbol - first]!] === SymbolState.Undefined) return
    const name = this.program.arch.relocations.get(type)?.name ?? String(type)
    this.report.add(
      notSupportedYet({ what: `${name} against a symbol that the dynamic loader has to find` }),
      file.archive === undefined ? inFile(file.name) : inFile(file.archive, file.name),
    )
  }

  finish(): Needs {
    const gotOf = new Map<SymbolKey, number>()
    const threadOf = new Map<SymbolKey, number>()
    const slots: { symbol: SymbolKey; kind: number }[] = []
    const stubOf = new Map<SymbolKey, number>()
    const stubs: SymbolKey[] = []
    const slot = (symbol: SymbolKey, kind: number): number => {
      slots.push({ symbol, kind })
      return slots.length - 1
    }
    const stubbed = [...this.indirect.keys()].filter(symbol => (this.indirect.get(symbol)! & Use.Stub) !== 0)
    for (const symbol of orderSlots(this.program, stubbed, false)) {
      stubOf.set(symbol, stubs.length)
      stubs.push(symbol)
    }
    const kinds = new Map<SymbolKey, number>(this.wanted)
    for (const [symbol, use] of this.indirect) {
      if ((use & Use.Got) === 0) continue
      // Where nobody compares addresses, the slot of the stub serves as the word of the GOT.
      if ((use & Use.Stub) === 0) kinds.set(symbol, SlotKind.Indirect)
      else if ((use & Use.Address) !== 0 && symbol >= 0) kinds.set(symbol, SlotKind.Stub)
    }
    for (const symbol of orderSlots(this.program, [...kinds.keys()], true))
      gotOf.set(symbol, slot(symbol, kinds.get(symbol)!))
    for (const symbol of orderSlots(this.program, [...this.wantedThread], true))
      threadOf.set(symbol, slot(symbol, SlotKind.ThreadOffset))
    const indirectPlaces = this.places.filter(place => !stubOf.has(place.symbol))
    return {
      sections: findSynthetics(this.program),
      localBase: this.localBase,
      gotOf,
      slots,
      threadOf,
      stubOf,
      stubs,
      indirectPlaces,
      indirectAt: new Set(indirectPlaces.map(place => place.section * 0x1_0000_0000 + place.offset)),
      traits: this.traits,
    }
  }
}

/** Marks indirect functions among the globals and the files that have local ones. False: there are none at all. */
function findIndirectFunctions(program: Program, indirectOf: Uint8Array, localIndirect: Uint8Array): boolean {
  const { type, state, names } = program.symbols
  let found = false
  for (let id = 0; id < names.count; id++)
    if (type[id] === STT_GNU_IFUNC && state[id] === SymbolState.Defined) {
      indirectOf[id] = 1
      found = true
    }
  const wide = program.arch.bits === 64
  const step = wide ? 24 : 16
  for (const file of program.files) {
    if (file.symbolTable.count === 0) continue
    const { bytes } = file
    const end = file.symbolTable.offset + file.symbolTable.firstGlobal * step
    for (let at = file.symbolTable.offset + (wide ? 4 : 12); at < end; at += step)
      if ((bytes[at]! & 15) === STT_GNU_IFUNC) {
        localIndirect[file.id] = 1
        found = true
        break
      }
  }
  return found
}

function setSizes(program: Program, contents: EditedContents, needs: Needs, request: LinkRequest): void {
  const { size } = contents
  const { sections } = needs
  const word = program.arch.bits / 8
  const set = (section: number, bytes: number): void => {
    if (section >= 0) size[section] = bytes
  }
  set(sections.got, needs.slots.length * word)
  set(sections.indirectStubs, needs.stubs.length * program.arch.stubs.indirectSize)
  set(sections.indirectSlots, needs.stubs.length * word)
  const usesGot = needs.slots.length > 0 || needs.stubs.length > 0 || refersToGot(program)
  set(sections.gotPlt, usesGot ? program.arch.gotHeaderWords * word : 0)
  const indirect = needs.slots.filter(slot => slot.kind === SlotKind.Indirect).length
  set(sections.indirectRelocations, (needs.stubs.length + indirect + needs.indirectPlaces.length) * 3 * word)
  set(sections.ehFrameHeader, ehFrameHeaderSize(contents.frames))
  set(sections.buildId, buildIdSize(request) > 0 ? 16 + buildIdSize(request) : 0)
  set(sections.properties, propertyNote(program).length)
}

/** A reference that is not weak keeps the header of .got.plt, whose start is the symbol's value. */
function refersToGot(program: Program): boolean {
  const { symbols } = program
  const id = symbols.names.findText('_GLOBAL_OFFSET_TABLE_')
  return id >= 0 && symbols.state[id] === SymbolState.Script && (symbols.flags[id]! & SymbolFlag.Referenced) !== 0
}
