/**
 * Chooses the bytes of code that go away (Arch.shortening), on addresses that were solved without deleting them, again
 * and again until nothing changes: a shorter way here brings something else into reach. What was chosen stays chosen, so
 * this ends. Last, bytes that the assembler put in for alignment are deleted where they are too many.
 */
import { alignmentNeedsBytes } from '../../diag/catalogue/relocation.ts'
import type { Report } from '../../diag/report.ts'
import { SHF_ALLOC, STT_GNU_IFUNC, STT_SECTION } from '../../elf/constants.ts'
import type { Shortening, ShorteningSite } from '../../target/code-changes.ts'
import { formulaCodes, TargetFact } from '../../target/target.ts'
import type { EditedContents } from '../contents/contents.ts'
import type { ShortenedSection } from '../contents/shortened-sections.ts'
import type { Needs } from '../records/needs.ts'
import { ContentKind, isEdited, type Layout, type Live, SymbolHome } from '../records/placement.ts'
import type { InputFile, Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import { SymbolState } from '../records/tables.ts'
import { referencePlace } from '../references/report-undefined.ts'
import { LoaderWords, type LoaderWork } from './loader-words.ts'
import { RelocationPairs } from './relocation-pairs.ts'
import { RelocationTable } from './relocation-table.ts'
import { SymbolPlace, symbolPlace, symbolSize, symbolType, symbolValue } from './symbol-reader.ts'
import { TargetAddresses } from './target-addresses.ts'
import { targetFacts } from './target-facts.ts'
import { threadBase } from './thread-storage.ts'

/** More rounds than any program needs; the choices made so far are right, only later ones are missed. */
const mostRounds = 30
/** Bytes for alignment depend on nothing but the section's own address, unless a script aligns it less. */
const mostAlignRounds = 6

/**
 * Shortens, solving the layout as often as that takes.
 * @param solve addresses for the sizes in `contents`; undefined after an error
 * @param work what the loader completes, with the stubs that calls go to
 * @returns false: nothing is deleted in this output
 */
export function shortenSections(
  program: Program,
  live: Live,
  contents: EditedContents,
  needs: Needs,
  request: LinkRequest,
  work: LoaderWork | undefined,
  solve: () => Layout | undefined,
  report: Report,
): boolean {
  const { shortening } = program.arch
  if (shortening === undefined) return false
  const shortener = new Shortener(program, live, contents, needs, request, work, shortening)
  const found = shortener.collect()
  if (found === Found.Nothing) return false
  if (shortener.mayShorten && found === Found.Code)
    for (let round = 0; round < mostRounds; round++) {
      const layout = solve()
      if (layout === undefined) return true
      if (!shortener.round(layout)) break
    }
  let layout: Layout | undefined
  for (let round = 0; round < mostAlignRounds; round++) {
    if (!shortener.align(layout, undefined)) break
    layout = solve()
    if (layout === undefined) return true
  }
  shortener.align(layout, report)
  return true
}

/** What `collect` found. */
const Found = { Nothing: 0, Alignment: 1, Code: 2 } as const

/** Rows of a section that may still be shortened, and the rows whose targets decide: themselves, or what opens their pair. */
interface Choices {
  readonly rows: Int32Array
  readonly subjects: Int32Array
  count: number
}

interface RowsToCut {
  /** in order of their places */
  readonly rows: Int32Array
  /** some of them are alignments */
  readonly aligns: boolean
}

class Shortener {
  private readonly program: Program
  private readonly live: Live
  private readonly contents: EditedContents
  private readonly needs: Needs
  private readonly request: LinkRequest
  private readonly work: LoaderWork | undefined
  private readonly shortening: Shortening
  private readonly pairs: RelocationPairs
  private readonly ids: number[] = []
  private readonly site: ShorteningSite
  private readonly pointer: number
  /** by section */
  private readonly cutRows = new Map<number, RowsToCut>()
  private readonly choices = new Map<number, Choices>()
  readonly mayShorten: boolean

  constructor(
    program: Program,
    live: Live,
    contents: EditedContents,
    needs: Needs,
    request: LinkRequest,
    work: LoaderWork | undefined,
    shortening: Shortening,
  ) {
    this.program = program
    this.live = live
    this.contents = contents
    this.needs = needs
    this.request = request
    this.work = work
    this.shortening = shortening
    this.pairs = new RelocationPairs(program)
    this.mayShorten = request.relax && !request.emitRelocations
    this.pointer = program.symbols.names.findText(shortening.pointerSymbol)
    this.site = {
      type: 0,
      code: new Uint8Array(0),
      at: 0,
      end: 0,
      machineFlags: 0,
      facts: 0,
      traits: needs.traits,
      place: 0,
      value: 0,
      threadOffset: 0,
      targetFlags: 0,
      slack: 0,
      pointer: NaN,
      pointerSlack: 0,
      partner: 0,
      pageSlack: 0,
    }
  }

  /** Sections with something to delete get columns of their own. */
  collect(): number {
    const { program, contents } = this
    const { sections, files } = program
    let found: number = Found.Nothing
    for (const file of files) {
      if (file.kind !== 'object') continue
      for (let id = file.firstSection; id < file.firstSection + file.sectionCount; id++) {
        if (this.live[id] !== 1 || sections.relocations[id]! < 0 || (sections.flags[id]! & SHF_ALLOC) === 0) continue
        if (contents.kind[id] !== ContentKind.Copy) continue
        const table = new RelocationTable(program, sections.relocations[id]!)
        const here = this.kindOf(table)
        if (here === Found.Nothing) continue
        found = Math.max(found, here)
        contents.kind[id] = ContentKind.Shortened
        this.ids.push(id)
        contents.shortened.sections.set(id, emptyCuts(table.count))
        const choices = here === Found.Code && this.mayShorten ? this.choicesOf(id, file, table) : undefined
        if (choices !== undefined) this.choices.set(id, choices)
        this.cutRows.set(id, this.rowsToCut(table, choices))
      }
    }
    return found
  }

  private kindOf(table: RelocationTable): number {
    const { permission, alignment } = this.shortening
    let found: number = Found.Nothing
    for (let row = 0; row < table.count; row++) {
      const type = table.type(row)
      if (type === permission) return Found.Code
      if (type === alignment) found = Found.Alignment
    }
    return found
  }

  /** Rows at which bytes may be deleted, by place: those that may be shortened, and alignments. */
  private rowsToCut(table: RelocationTable, choices: Choices | undefined): RowsToCut {
    const rows: number[] = []
    let next = 0
    let aligns = false
    let isSorted = true
    for (let row = 0; row < table.count; row++) {
      const isAlignment = table.type(row) === this.shortening.alignment
      const isChoice = choices !== undefined && next < choices.count && choices.rows[next] === row
      if (isChoice) next++
      if (!isAlignment && !isChoice) continue
      aligns ||= isAlignment
      isSorted &&= rows.length === 0 || table.offset(rows[rows.length - 1]!) <= table.offset(row)
      rows.push(row)
    }
    if (!isSorted) rows.sort((a, b) => table.offset(a) - table.offset(b) || a - b)
    return { rows: Int32Array.from(rows), aligns }
  }

  /** Rows that may be shortened, in order. A pair of which one half may not be stays as it is. */
  private choicesOf(id: number, file: InputFile, table: RelocationTable): Choices {
    const { formula, opens, relax } = this.program.arch.relocationColumns
    const { permission } = this.shortening
    const size = this.program.sections.size[id]!
    const openers = new Map<number, number>()
    const pinned = new Set<number>()
    let count = 0
    for (let row = 0; row < table.count; row++) {
      const type = table.type(row)
      if (type >= formula.length || relax[type] !== 1) continue
      const isFree = isPermitted(table, row, permission) && table.offset(row) < size
      if (isFree) count++
      if (formula[type] !== formulaCodes.pair) continue
      const opener = this.pairs.ofSymbol(file, table.symbol(row), table.addend(row), id)
      if (opener < 0) continue
      openers.set(row, opener)
      if (!isFree) pinned.add(opener)
    }
    const rows = new Int32Array(count)
    const subjects = new Int32Array(count)
    count = 0
    for (let row = 0; row < table.count; row++) {
      const type = table.type(row)
      if (type >= formula.length || relax[type] !== 1) continue
      if (!isPermitted(table, row, permission) || table.offset(row) >= size) continue
      const isPair = formula[type] === formulaCodes.pair
      const subject = isPair ? (openers.get(row) ?? -1) : row
      if (subject < 0 || pinned.has(subject)) continue
      if (isPair && relax[table.type(subject)] !== 1) continue
      if (!isPair && opens[type] === 1 && !isPermitted(table, row, permission)) continue
      rows[count] = row
      subjects[count++] = subject
    }
    return { rows, subjects, count }
  }

  /** One look at everything with the addresses of `layout`; true when something more goes away. */
  round(layout: Layout): boolean {
    const { program, contents } = this
    const targets = new TargetAddresses(program, this.live, contents, this.needs, layout)
    if (this.work !== undefined) targets.loader = new LoaderWords(program, layout, this.work)
    this.readLayout(layout)
    let isChanged = false
    const { sections, files } = program
    for (const id of this.ids) {
      const choices = this.choices.get(id)
      if (choices === undefined || choices.count === 0 || layout.outputOf[id]! < 0) continue
      if (!this.section(id, files[sections.file[id]!]!, choices, layout, targets)) continue
      // At once, as GNU ld: sections behind this one already see its symbols where they go, and the section where it was.
      this.cut(id, undefined, undefined)
      contents.size[id] = contents.shortened.sizeOf(id)
      isChanged = true
    }
    return isChanged
  }

  /** Deletes what is too much for alignment; true when that changes a size. Addresses matter below a section's alignment. */
  align(layout: Layout | undefined, report: Report | undefined): boolean {
    const { contents } = this
    let isChanged = false
    for (const id of this.ids) {
      if (!this.cutRows.get(id)!.aligns) continue
      this.cut(id, layout, report, true)
      const size = contents.shortened.sizeOf(id)
      if (size === contents.size[id]) continue
      contents.size[id] = size
      isChanged = true
    }
    return isChanged || layout === undefined
  }

  private thread = 0
  private pointerSection = -1
  private largest = 1
  private nearPointer = 1

  private readLayout(layout: Layout): void {
    const { site, pointer, program } = this
    this.thread = threadBase(program.arch, layout).pointer
    const isThere = pointer >= 0 && layout.symbolHome[pointer] !== SymbolHome.Undefined
    site.pointer = isThere && this.request.kind !== 'shared' ? layout.symbolValue[pointer]! : NaN
    this.pointerSection = isThere ? layout.symbolHome[pointer]! : -1
    this.largest = 1
    this.nearPointer = 1
    for (const output of layout.outputs) {
      this.largest = Math.max(this.largest, output.align)
      const distance = Number(BigInt.asIntN(64, output.address)) - site.pointer
      const isNear = (each: number): boolean => each >= -0x800 && each <= 0x7ff
      if (isNear(distance) || isNear(distance + output.size))
        this.nearPointer = Math.max(this.nearPointer, output.align)
    }
    site.pageSlack = program.arch.maxPageSize * (this.request.z.has('norelro') ? 1 : 2)
  }

  private section(id: number, file: InputFile, choices: Choices, layout: Layout, targets: TargetAddresses): boolean {
    const { program, contents, shortening, site } = this
    const { sections, arch } = program
    const table = new RelocationTable(program, sections.relocations[id]!)
    const { rewrites } = contents.shortened.sections.get(id)!
    const { rows, subjects } = choices
    site.code = file.bytes
    site.machineFlags = file.machineFlags
    site.end = sections.offset[id]! + sections.size[id]!
    const address = layout.addressOf[id]!
    let isChanged = false
    let left = 0
    for (let i = 0; i < choices.count; i++) {
      const row = rows[i]!
      const subject = subjects[i]!
      rows[left] = row
      subjects[left++] = subject
      site.partner = subject === row ? 0 : rewrites[subject]!
      if (subject !== row && site.partner === 0) continue
      site.type = table.type(row)
      site.at = sections.offset[id]! + table.offset(row)
      contents.shortened.move(id, table.offset(subject))
      site.place = address + contents.shortened.movedOffset
      const more = subject === row ? 0 : this.pairs.addendOf(file, table, row)
      if (!this.target(file, table.symbol(subject), table.addend(subject) + more, id, layout, targets)) continue
      const rewrite = shortening.choose(site)
      if (rewrite === 0 || rewrite === arch.relaxation!.refused) continue
      rewrites[row] = rewrite
      left--
      if (shortening.cut[rewrite]! > 0) isChanged = true
    }
    choices.count = left
    return isChanged
  }

  /** What the site has to know of the symbol. False: leave the relocation alone. */
  private target(
    file: InputFile,
    symbol: number,
    addend: number,
    id: number,
    layout: Layout,
    targets: TargetAddresses,
  ): boolean {
    const { program, site } = this
    const { symbols, sections } = program
    if (symbol >= file.symbolTable.count) return false
    const first = file.symbolTable.firstGlobal
    const key = symbol >= first ? file.globals[symbol - first]! : -1
    const address =
      key >= 0 ? this.globalAddress(key, layout, targets) : this.localAddress(file, symbol, addend, layout, targets)
    if (Number.isNaN(address)) return false
    site.value = address + addend
    const section = key >= 0 ? symbols.section[key]! : symbolPlace(file, symbol)
    const isDefined = section >= 0 && (key < 0 || symbols.state[key] === SymbolState.Defined)
    let home = isDefined ? layout.outputOf[section]! : key >= 0 ? layout.symbolHome[key]! : -1
    site.facts = targetFacts(program, file, symbol)
    const isMissing = key >= 0 && symbols.state[key] === SymbolState.UndefinedWeak && site.value === addend
    // Nobody has to define it, and no stub stands for it: code that needs its address now finds 0.
    if (isMissing && this.request.kind === 'exec') site.facts |= TargetFact.UndefinedWeak
    // What the loader decides about is reached through a stub, or not at all.
    const isElsewhere = site.facts === 0 || (site.facts & TargetFact.Ifunc) !== 0
    if (isElsewhere) {
      if (key < 0 || targets.loader === undefined) {
        if ((site.facts & TargetFact.Ifunc) === 0) return false
      } else if (!this.hasStub(key) && (site.facts & TargetFact.Ifunc) === 0) return false
      home = -1
    }
    site.targetFlags = isElsewhere ? codeFlags : isDefined ? sections.flags[section]! : 0
    site.threadOffset = site.value - this.thread
    const here = layout.outputOf[id]!
    site.slack = home === here ? layout.outputs[here]!.align : this.largest
    const size = key >= 0 ? symbols.size[key]! : symbolSize(file, symbol)
    const moves = home >= 0 && home === this.pointerSection ? layout.outputs[home]!.align : this.nearPointer
    site.pointerSlack = moves + Math.max(size - addend, 0)
    return true
  }

  /** Where the code reaches a global symbol now, with the bytes that are deleted so far; NaN: nowhere that counts. */
  private globalAddress(id: number, layout: Layout, targets: TargetAddresses): number {
    const { symbols } = this.program
    if (this.hasStub(id)) return targets.loader!.callTarget(id, 0)
    if (layout.wideSymbols.has(id)) return NaN
    const section = symbols.section[id]!
    if (symbols.state[id] !== SymbolState.Defined || section < 0) {
      if (layout.symbolHome[id] !== SymbolHome.Undefined) return layout.symbolValue[id]!
      return symbols.state[id] === SymbolState.UndefinedWeak ? 0 : NaN
    }
    if (this.live[section] !== 1) return NaN
    if (symbols.type[id] === STT_GNU_IFUNC) return targets.stubAddress(id)
    return this.placeAddress(section, symbols.value[id]!, layout)
  }

  private localAddress(
    file: InputFile,
    symbol: number,
    addend: number,
    layout: Layout,
    targets: TargetAddresses,
  ): number {
    const section = symbolPlace(file, symbol)
    const value = symbolValue(file, symbol)
    if (section < 0) return section === SymbolPlace.Absolute ? value : NaN
    if (this.live[section] !== 1) return NaN
    const type = symbolType(file, symbol)
    if (type === STT_GNU_IFUNC) return targets.stubAddress(targets.keyOf(file, symbol))
    // With a section symbol the addend says what is meant.
    if (type === STT_SECTION) return this.placeAddress(section, value + addend, layout) - addend
    return this.placeAddress(section, value, layout)
  }

  private placeAddress(section: number, offset: number, layout: Layout): number {
    const { contents } = this
    if (!isEdited(contents.kind[section]!)) return layout.addressOf[section]! + offset
    if (!contents.move(section, offset)) return NaN
    return layout.addressOf[contents.movedSection]! + contents.movedOffset
  }

  /** Calls of a symbol (by id, or negative) go to a stub of the PLT. */
  private hasStub(key: number): boolean {
    return key >= 0 && (this.work?.needs.stubOf[key] ?? -1) >= 0
  }

  /** Makes the deleted ranges anew from the choices; with `isLast`, those of alignments too. */
  private cut(id: number, layout: Layout | undefined, report: Report | undefined, isLast = false): void {
    const { program, contents, shortening } = this
    const { sections } = program
    const table = new RelocationTable(program, sections.relocations[id]!)
    const cuts = contents.shortened.sections.get(id)!
    const size = sections.size[id]!
    const { rows } = this.cutRows.get(id)!
    let room = cuts.starts.length
    let end = 0
    let removed = 0
    const address = layout === undefined || layout.outputOf[id]! < 0 ? 0 : layout.addressOf[id]!
    cuts.count = 0
    for (let at = 0; at < rows.length; at++) {
      const row = rows[at]!
      let start = table.offset(row)
      let length = 0
      let padding = 0
      const rewrite = cuts.rewrites[row]!
      if (rewrite !== 0) {
        start += shortening.cutAt[rewrite]!
        length = shortening.cut[rewrite]!
      } else if (isLast && table.type(row) === shortening.alignment) {
        const present = table.addend(row)
        if (!(present > 0 && present <= size - start)) continue
        let alignment = 2
        while (alignment <= present) alignment *= 2
        const place = address + start - removed
        padding = (alignment - (place % alignment)) % alignment
        if (padding > present) {
          if (report !== undefined) this.tooFew(report, id, start, padding, present)
          padding = present
        }
        length = present - padding
        start += padding
      }
      if (length === 0) continue
      if (start < end || start + length > size) continue // damaged: places that overlap
      if (cuts.count === room) {
        room = Math.max(8, room * 2)
        grow(cuts, room)
      }
      cuts.starts[cuts.count] = start
      cuts.ends[cuts.count] = start + length
      cuts.before[cuts.count] = removed
      cuts.padding[cuts.count++] = padding
      end = start + length
      removed += length
    }
  }

  private tooFew(report: Report, id: number, offset: number, needed: number, present: number): void {
    const file = this.program.files[this.program.sections.file[id]!]!
    report.add(alignmentNeedsBytes({ needed, present }), referencePlace(this.program, file, id, offset))
  }
}

/** Stands for the section of a stub. */
const codeFlags = 4

function isPermitted(table: RelocationTable, row: number, permission: number): boolean {
  return row + 1 < table.count && table.type(row + 1) === permission && table.offset(row + 1) === table.offset(row)
}

function emptyCuts(rows: number): ShortenedSection {
  const none = new Float64Array(0)
  return { rewrites: new Uint8Array(rows), starts: none, ends: none, before: none, padding: none, count: 0 }
}

function grow(cuts: ShortenedSection, room: number): void {
  const larger = (from: Float64Array): Float64Array => {
    const to = new Float64Array(room)
    to.set(from)
    return to
  }
  cuts.starts = larger(cuts.starts)
  cuts.ends = larger(cuts.ends)
  cuts.before = larger(cuts.before)
  cuts.padding = larger(cuts.padding)
}
