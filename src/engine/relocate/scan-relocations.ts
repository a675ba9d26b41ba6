/**
 * One pass over the relocations of everything that is loaded: which symbols need a word in the GOT, which indirect
 * functions need a stub. Rewrites that make a need go away are chosen here and again, alike, when relocating.
 *
 * Kernels pass over the tables; what is looked at here are the rows that they could not settle.
 */
import { threadModelNeedsProgram } from '../../diag/catalogue/dynamic.ts'
import { notSupportedYet } from '../../diag/catalogue/relocation.ts'
import type { Report } from '../../diag/report.ts'
import { SHF_ALLOC, SHF_EXECINSTR } from '../../elf/constants.ts'
import { foundWidth, Interest } from '../../kernels/scan.ts'
import { formulaCodes, TargetFact } from '../../target/target.ts'
import type { EditedContents } from '../contents/contents.ts'
import { placeCopies } from '../dynamic/copies.ts'
import type { DynamicSections } from '../dynamic/declare.ts'
import { ReferenceUses, sizeDynamic } from '../dynamic/reference-uses.ts'
import { type Needs, SlotKind, type SymbolKey } from '../records/needs.ts'
import { ContentKind, type Live } from '../records/placement.ts'
import type { Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import { SymbolFlag, SymbolState } from '../records/tables.ts'
import { referencePlace } from '../references/report-undefined.ts'
import { setSizes } from '../synthetic/sizes.ts'
import { DirectReferences, Reference } from './direct-references.ts'
import { symbolText } from './relocation-errors.ts'
import { markedSymbols, ScannedRows } from './scan-rows.ts'
import { IndirectUse, settleNeeds, Wanted } from './settle-needs.ts'
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
  const uses = dynamic === undefined ? undefined : new ReferenceUses(program, request, report)
  const wanted = new Wanted(uses)
  const scan = new Scan(program, live, contents, request, wanted, report)
  scan.run()
  const needs = settleNeeds(program, request, wanted, scan.localBase, scan.traits)
  const copies = dynamic === undefined ? [] : placeCopies(program, needs.dynamic!, dynamic, contents, report)
  if (dynamic !== undefined) sizeDynamic(program, contents, needs.dynamic!, dynamic, copies.length)
  setSizes(program, contents, needs, request, wanted.refersToGot)
  return dynamic === undefined ? needs : { ...needs, dynamic: { ...needs.dynamic!, copies } }
}

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

/** By the symbol's own address. */
function usesSymbol(code: number): boolean {
  return code >= formulaCodes['S+A'] && code <= formulaCodes['S+A-GOT']
}

class Scan {
  /** bits of OutputTrait */
  readonly traits: number
  /** see Needs.localBase */
  readonly localBase: Float64Array
  private readonly program: Program
  private readonly report: Report
  private readonly request: LinkRequest
  private readonly live: Live
  private readonly contents: EditedContents
  private readonly wanted: Wanted
  private readonly direct: DirectReferences
  /** formula codes by relocation type; bits that hold anywhere count as a distance: they need no relocation either */
  private readonly formulas: Uint8Array
  private readonly gotSymbol: number
  /** by symbol id: type of the relocation that called it last, where further ones want the same */
  private readonly lastCall: Uint16Array

  constructor(
    program: Program,
    live: Live,
    contents: EditedContents,
    request: LinkRequest,
    wanted: Wanted,
    report: Report,
  ) {
    this.program = program
    this.report = report
    this.request = request
    this.live = live
    this.contents = contents
    this.wanted = wanted
    this.traits = outputTraits(program, request)
    this.localBase = new Float64Array(program.files.length)
    let base = 0
    for (const file of program.files) {
      this.localBase[file.id] = base
      base += file.symbolTable.firstGlobal
    }
    this.gotSymbol = gotSymbol(program)
    this.lastCall = new Uint16Array(program.symbols.names.count)
    const { formula, keepsAnywhere } = program.arch.relocationColumns
    this.formulas = formula.map((code, type) =>
      code === formulaCodes['S+A'] && keepsAnywhere[type] === 1 ? formulaCodes['S+A-P'] : code,
    )
    this.direct = new DirectReferences(program, live, request, wanted, this.formulas, this.localBase, report)
  }

  /** Looks at all rows that need it, in the order of files, sections, rows. */
  run(): void {
    const { program, request } = this
    const isDynamic = this.wanted.uses !== undefined
    const movesAll = request.kind === 'shared' || request.kind === 'pie'
    const marksNumbers = isDynamic && movesAll
    const marks = markedSymbols(program, isDynamic, marksNumbers)
    if (this.gotSymbol >= 0) marks[this.gotSymbol] = 1
    const interests = this.interests(movesAll)
    const isOrdered = this.wanted.uses?.ordersByUse === true
    const calls = this.formulas.map(code => (!isOrdered && code === formulaCodes['L+A-P'] ? 1 : 0))
    const { wellKnown, relocationColumns } = program.arch
    const words = this.formulas.map((code, type) => {
      const isWord = type === wellKnown.word || relocationColumns.word[type] === 1
      return marksNumbers && isWord && code === formulaCodes['S+A'] ? 1 : 0
    })
    const choice = { interests, calls, words, traits: this.traits, marks, marksNumbers }
    const rows = new ScannedRows(program, this.live, this.contents, choice)
    const reference = new Reference(program)
    for (const file of program.files) {
      if (file.kind !== 'object') continue
      reference.file = file
      if (rows.isUsual(file)) {
        this.found(rows, reference, interests, calls)
        this.wanted.uses?.ownWords(rows.movedWords(file), rows.constantWords(file))
      } else this.file(reference, interests)
    }
  }

  /** Interest by relocation type */
  private interests(movesAll: boolean): Uint8Array {
    return this.formulas.map(code => {
      switch (code) {
        case formulaCodes.none:
        case formulaCodes.unknown: // reported when relocating
        case formulaCodes['Z+A']:
        case formulaCodes.difference:
        case formulaCodes.pair:
          return Interest.None
        case formulaCodes['S+A']:
          // What may be loaded anywhere has a relocation for every address in it.
          return movesAll ? Interest.Any : Interest.Marked
        default:
          return usesSymbol(code) ? Interest.Marked : Interest.Any
      }
    })
  }

  /** The rows of a file that kernels found. */
  private found(rows: ScannedRows, reference: Reference, interests: Uint8Array, calls: Uint8Array): void {
    const { found, start, end } = rows.of(reference.file)
    const { kind, frames } = this.contents
    const { globals, symbolTable } = reference.file
    const { firstGlobal } = symbolTable
    let swallowedSection = -1
    let swallowedRow = -1
    for (let at = start; at < end; at += foundWidth) {
      const section = found[at]!
      const row = found[at + 1]!
      if (row < 0) {
        this.section(reference, section, interests)
        continue
      }
      if (row === swallowedRow && section === swallowedSection) continue
      const type = found[at + 2]!
      const symbol = found[at + 3]!
      const isFrame = kind[section] === ContentKind.EhFrame
      if (!isFrame && calls[type] === 1 && symbol >= firstGlobal) {
        const id = globals[symbol - firstGlobal]!
        if (this.lastCall[id] === type) continue
        this.lastCall[id] = type
      }
      reference.section = section
      reference.row = row
      reference.type = type
      reference.symbol = symbol
      if (isFrame && !frames.move(section, reference.table.offset(row))) continue
      if (!this.relocation(reference)) continue
      swallowedSection = section
      swallowedRow = row + 1
    }
  }

  /** A file whose tables kernels do not read. */
  private file(reference: Reference, interests: Uint8Array): void {
    const { live, contents } = this
    const { relocations, flags } = this.program.sections
    const { firstSection, sectionCount } = reference.file
    for (let id = firstSection; id < firstSection + sectionCount; id++) {
      if (live[id] !== 1 || relocations[id]! < 0 || (flags[id]! & SHF_ALLOC) === 0) continue
      const kind = contents.kind[id]
      if (kind === ContentKind.Copy || kind === ContentKind.EhFrame) this.section(reference, id, interests)
    }
  }

  private section(reference: Reference, id: number, interests: Uint8Array): void {
    reference.section = id
    const { file, table } = reference
    const isFrame = this.contents.kind[id] === ContentKind.EhFrame
    for (let row = 0; row < table.count; row++) {
      const type = table.type(row)
      if (type >= interests.length || interests[type] === Interest.None) continue
      const symbol = table.symbol(row)
      if (symbol >= file.symbolTable.count) continue
      if (isFrame && !this.contents.frames.move(id, table.offset(row))) continue
      reference.row = row
      reference.type = type
      reference.symbol = symbol
      if (this.relocation(reference)) row++
    }
  }

  /** True when the next relocation belongs to a rewritten sequence. */
  private relocation(reference: Reference): boolean {
    const { file, section, row, type, symbol } = reference
    const { wanted } = this
    const { arch, sections } = this.program
    let code = this.formulas[type]!
    if (this.gotSymbol >= 0 && this.direct.key(file, symbol) === this.gotSymbol) this.wanted.refersToGot = true
    if (usesSymbol(code)) {
      this.direct.add(reference, code)
      return false
    }
    const facts = targetFacts(this.program, file, symbol)
    const { relaxation } = arch
    let swallows = false
    if (relaxation !== undefined && arch.relocationColumns.relax[type] === 1) {
      const { table } = reference
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
    const key = this.direct.key(file, symbol)
    switch (code) {
      case formulaCodes['G+A']:
      case formulaCodes['GOT+G+A']:
      case formulaCodes['GOT+G+A-P']:
        if ((facts & TargetFact.Ifunc) !== 0) wanted.use(key, IndirectUse.Got)
        else if (this.isPreemptible(key)) {
          wanted.words.set(key, SlotKind.Import)
          wanted.uses?.meet(key, this.isCode(section))
        } else wanted.words.set(key, SlotKind.Address)
        break
      case formulaCodes['tls-ie+A']:
      case formulaCodes['GOT+tls-ie+A']:
      case formulaCodes['GOT+tls-ie+A-P']:
        wanted.thread.add(key)
        break
      case formulaCodes['tls-gd+A']:
      case formulaCodes['GOT+tls-gd+A']:
      case formulaCodes['GOT+tls-gd+A-P']:
        wanted.pairs.add(key)
        break
      case formulaCodes['tls-ld+A']:
      case formulaCodes['GOT+tls-ld+A']:
      case formulaCodes['GOT+tls-ld+A-P']:
        wanted.ownModule = true
        break
      case formulaCodes['tls-desc+A']:
      case formulaCodes['GOT+tls-desc+A']:
      case formulaCodes['GOT+tls-desc+A-P']:
        wanted.descriptors.add(key)
        if (wanted.uses === undefined) this.refuseDescriptor(reference)
        break
      case formulaCodes['S+A-TP']:
      case formulaCodes['TP-S+A']:
        if (this.request.kind === 'shared' || this.isPreemptible(key)) this.refuseThreadModel(reference)
        break
      case formulaCodes['S+A-DTP']:
        if (this.isPreemptible(key) && this.program.symbols.state[key] !== SymbolState.Defined)
          this.direct.refuse(reference, 'the variable is in another object; compile with another -ftls-model')
        break
      case formulaCodes['tls-module']:
        if (wanted.uses !== undefined) this.direct.refuse(reference, 'tsld makes no such relocation for data')
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
