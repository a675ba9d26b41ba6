/**
 * Applies relocations in place in the output image. The usual ones, nearly all of a large link, are a kernel's
 * (usual-rows.ts); this loop does what it leaves, row by row in order, and everything of architectures with tables or
 * instructions that it does not know: columns indexed by small integers, numbers as doubles (exact below 2^53, and
 * addresses of the high half are small negative numbers), a switch on the formula's code, no objects.
 */
import type { Report } from '../../diag/report.ts'
import { SHF_ALLOC, SHF_EXECINSTR } from '../../elf/constants.ts'
import { Left } from '../../kernels/relocate.ts'
import { checkCodes, formulaCodes, OutputTrait } from '../../target/target.ts'
import type { EditedContents } from '../contents/contents.ts'
import type { Needs } from '../records/needs.ts'
import { ContentKind, type Layout, type Live } from '../records/placement.ts'
import type { InputFile, Program } from '../records/program.ts'
import type { ImageProgress } from '../write/write-sections.ts'
import { GotSlots, gotAddress } from './got-slots.ts'
import { KnownFacts } from './known-facts.ts'
import { linkEdited } from './link-edited.ts'
import { LoaderWords, type LoaderWork } from './loader-words.ts'
import { writeWord } from './plain-words.ts'
import { RareFormulas } from './rare-formulas.ts'
import { RelocationErrors } from './relocation-errors.ts'
import { RelocationTable, readStoredAddend } from './relocation-table.ts'
import { symbolPlace, symbolValue } from './symbol-reader.ts'
import { TargetAddresses, TargetKind } from './target-addresses.ts'
import { threadBase } from './thread-storage.ts'
import { writeTombstone } from './tombstone.ts'
import { type RelocationInputs, UsualRows } from './usual-rows.ts'
import type { Veneers } from './veneers.ts'

/**
 * Relocates every section of the output; sections must have been copied into `image`.
 * @param work what is left to the loader; undefined: there is none
 * @param progress of the contents; undefined: everything is there
 */
export function applyRelocations(
  program: Program,
  live: Live,
  contents: EditedContents,
  needs: Needs,
  layout: Layout,
  work: LoaderWork | undefined,
  image: Uint8Array,
  report: Report,
  progress?: ImageProgress,
  veneers?: Veneers,
): void {
  const inputs = { program, live, contents, needs, layout, image }
  const usual = progress?.usual ?? new UsualRows(inputs, work, veneers === undefined)
  const relocator = new Relocator(inputs, work, usual, report, veneers)
  progress?.finish()
  usual.finish()
  progress?.relocated(usual.left)
  for (const file of program.files) {
    if (file.kind !== 'object' || !usual.hasLeft(file)) continue
    relocator.file(file)
    progress?.settle(file.id)
  }
  progress?.settle(program.files.length - 1)
  linkEdited(contents, layout, image)
}

/** Does the symbol name the place of another relocation? */
function isPair(code: number): boolean {
  return code === formulaCodes.pair || code === formulaCodes['pair:S+A'] || code === formulaCodes['pair:S+A-pointer']
}

class Relocator {
  private readonly veneers: Veneers | undefined
  private readonly program: Program
  private readonly contents: EditedContents
  private readonly needs: Needs
  private readonly layout: Layout
  private readonly image: Uint8Array
  private readonly view: DataView
  private readonly targets: TargetAddresses
  private readonly usual: UsualRows
  private readonly errors: RelocationErrors
  private readonly loader: LoaderWords | undefined
  private readonly isExecutable: boolean
  private readonly isFixed: boolean
  private readonly rare: RareFormulas
  /** sections with places that the start-up code fills */
  private readonly indirectSections: ReadonlySet<number>
  private readonly facts: KnownFacts

  /** address of the GOT as relocations count it; thread pointer; start of the TLS block */
  private readonly got: number
  private readonly threadPointer: number
  private readonly threadStart: number

  // Set for the section that is being relocated.
  private current!: InputFile
  private section = 0
  /** set by `special`: the value of S, and whether the relocation is done */
  private special = 0
  private addend = 0

  constructor(
    inputs: RelocationInputs,
    work: LoaderWork | undefined,
    usual: UsualRows,
    report: Report,
    veneers: Veneers | undefined,
  ) {
    const { program, live, contents, needs, layout, image } = inputs
    this.program = program
    this.veneers = veneers
    this.usual = usual
    this.contents = contents
    this.needs = needs
    this.layout = layout
    this.image = image
    this.view = new DataView(image.buffer, image.byteOffset, image.byteLength)
    this.targets = new TargetAddresses(program, live, contents, needs, layout)
    this.facts = new KnownFacts(program)
    this.loader = work === undefined ? undefined : new LoaderWords(program, layout, work)
    this.targets.loader = this.loader
    this.errors = new RelocationErrors(program, layout, report)
    this.isFixed = (needs.traits & OutputTrait.Fixed) !== 0
    this.isExecutable = (needs.traits & OutputTrait.Executable) !== 0
    this.indirectSections = new Set(needs.indirectPlaces.map(place => place.section))
    this.got = gotAddress(program, needs, layout)
    const pointer = program.symbols.names.findText(program.arch.shortening?.pointerSymbol ?? '')
    const thread = threadBase(program.arch, layout)
    this.threadPointer = thread.pointer
    this.threadStart = thread.start
    this.rare = new RareFormulas({
      program,
      layout,
      contents,
      targets: this.targets,
      errors: this.errors,
      slots: new GotSlots(program, needs, layout, this.got),
      isFixed: this.isFixed,
      threadPointer: thread.pointer,
      threadStart: thread.start,
      pointer: pointer < 0 ? 0 : layout.symbolValue[pointer]!,
      got: this.got,
    })
  }

  /** Relocates what is left of a file. */
  file(file: InputFile): void {
    const { usual, targets, contents, program } = this
    const { relocations } = program.sections
    const { left: leftOf } = usual
    const end = file.firstSection + file.sectionCount
    let isPrepared = false
    for (let id = file.firstSection; id < end; id++) {
      const left = leftOf[id]!
      if (left === Left.Nothing) continue
      if (left === Left.All && !isPrepared) targets.prepare(file)
      else if (!isPrepared) targets.enter(file)
      isPrepared ||= left === Left.All
      const table = new RelocationTable(program, relocations[id]!)
      this.apply(file, id, table, contents.kind[id] !== ContentKind.Copy, left === Left.All)
    }
  }

  /** @param isWhole all rows are left */
  private apply(file: InputFile, id: number, table: RelocationTable, isMoved: boolean, isWhole: boolean): void {
    this.current = file
    this.section = id
    this.rare.enter(file, id)
    const { arch, sections } = this.program
    const {
      formula: formulas,
      bytes: widths,
      check: checks,
      relax,
      codec: codecs,
      page: pages,
      lowerHalfIn: halves,
      word: words,
    } = arch.relocationColumns
    const { fields } = arch
    const { address, kind } = this.targets
    const { layout, view } = this
    const output = layout.outputs[layout.outputOf[id]!]!
    const size = sections.size[id]!
    const base = output.fileOffset + layout.offsetOf[id]!
    const isAlloc = (sections.flags[id]! & SHF_ALLOC) !== 0
    const isCode = (sections.flags[id]! & SHF_EXECINSTR) !== 0
    const sectionAddress = layout.addressOf[id]!
    const little = arch.littleEndian
    const source = file.view
    const isFast = table.isUsual
    const symbolCount = file.symbolTable.count
    const { count, start } = table
    const loader = isAlloc ? this.loader : undefined
    const routes = this.veneers?.routesOf(id)
    const firstGlobal = file.symbolTable.firstGlobal
    const places = this.indirectSections.has(id) ? this.needs.indirectAt : undefined
    const offsetFromThread = this.threadPointer
    const wordType = arch.wellKnown.word
    const distanceType = arch.wellKnown.distance ?? -1
    const storesAddends = arch.relocationForm === 'rel'
    const isRelaxed = this.isExecutable && isCode && arch.relaxation?.relaxesLocalDynamic === true
    const offsetFromBlock = isRelaxed ? this.threadPointer : this.threadStart + (arch.threadOffsetBias ?? 0)

    const { targets, usual } = this
    const rows = sections.relocations[id]!
    for (let row = -1; ; ) {
      row = isWhole ? row + 1 : usual.next(file, rows, row + 1, count)
      if (row >= count) break
      let offset: number
      let type: number
      let symbol: number
      let addend: number
      if (isFast) {
        const at = start + row * 24
        offset = source.getUint32(at, true)
        type = source.getUint32(at + 8, true)
        symbol = source.getUint32(at + 12, true)
        addend = source.getInt32(at + 20, true) * 0x1_0000_0000 + source.getUint32(at + 16, true)
        if (source.getUint32(at + 4, true) !== 0) offset = Infinity
      } else {
        offset = table.offset(row)
        type = table.type(row)
        symbol = table.symbol(row)
        addend = table.addend(row)
      }
      let code = type < formulas.length ? formulas[type]! : formulaCodes.unknown
      if (code === formulaCodes.none) continue
      if (code >= formulaCodes.loader || symbol >= symbolCount) {
        this.errors.malformed(id, offset, type, symbol, symbolCount)
        continue
      }
      const width = widths[type]!
      if (offset + width > size) {
        this.errors.outside(id, offset, type, size)
        continue
      }
      let place = offset
      if (isMoved) {
        if (!this.contents.move(id, offset)) continue
        place = this.contents.movedOffset
      }
      let codec = codecs[type]!
      if (!table.hasAddends)
        addend =
          codec === 0 ? readStoredAddend(view, base + place, width, little) : fields!.read(codec, view, base + place)
      if (halves[type] !== 0 && !table.hasAddends) addend += table.lowerHalf(row)
      const veneer = routes?.get(row)
      if (veneer !== undefined) {
        const distance = this.veneers!.entry(id, veneer, layout) - arch.veneers!.bias[type]! - (sectionAddress + place)
        if (!fields!.write(codec, view, base + place, distance, sectionAddress + place))
          this.errors.unfit(id, offset, type, symbol, distance, codec)
        continue
      }
      let check = checks[type]!
      let bytes = width
      let page = pages[type]!
      if (relax[type] === 1) {
        const rewrite = this.rewrite(table, row, type, symbol, base + place, base, base + size, addend)
        if (rewrite < 0) continue
        if (rewrite > 0) {
          const relaxation = arch.relaxation!
          code = relaxation.formula[rewrite]!
          check = relaxation.check[rewrite]!
          place += relaxation.shift[rewrite]!
          addend += relaxation.bias[rewrite]!
          if (relaxation.swallows[rewrite] === 1) row++
          if (code === formulaCodes.none) continue
          bytes = relaxation.bytes === undefined ? 4 : relaxation.bytes[rewrite]!
          codec = relaxation.codec === undefined ? 0 : relaxation.codec[rewrite]!
          page = relaxation.page === undefined ? 0 : relaxation.page[rewrite]!
        } else if (code === formulaCodes.mark) continue
      }
      targets.find(symbol)
      let target = address[symbol]!
      if (kind[symbol] !== TargetKind.Plain) {
        if (kind[symbol] === TargetKind.Wide) {
          this.wide(symbol, addend, base + place, sectionAddress + place, code, bytes, check, offset, type)
          continue
        }
        if (!isPair(code)) {
          if (!this.resolve(symbol, addend, base + place, bytes, isAlloc)) continue
          target = this.special
          addend = this.addend
        }
      }
      let value: number
      switch (code) {
        case formulaCodes['S+A']:
          value = target + addend
          if (places?.has(id * 0x1_0000_0000 + offset)) {
            if (storesAddends) this.small(base + place, this.resolverAddress(symbol) + addend, bytes, checkCodes.none)
            continue // the start-up code fills it
          }
          if (
            loader !== undefined &&
            (type === wordType || words[type] === 1) &&
            loader.complete(file, symbol, output, sectionAddress + place, value, addend)
          ) {
            if (storesAddends) this.small(base + place, loader.stored, bytes, checkCodes.none)
            continue
          }
          break
        case formulaCodes['L+A-P']:
          if (loader !== undefined && symbol >= firstGlobal)
            target = loader.branchTarget(file.globals[symbol - firstGlobal]!, target, type)
          value = target + addend - (sectionAddress + place)
          break
        case formulaCodes['S+A-P']:
          value = target + addend - (sectionAddress + place)
          if (
            type === distanceType &&
            loader !== undefined &&
            symbol >= firstGlobal &&
            loader.completeDistance(file.globals[symbol - firstGlobal]!, output, sectionAddress + place, addend)
          ) {
            if (storesAddends) this.small(base + place, loader.stored, bytes, checkCodes.none)
            continue
          }
          break
        case formulaCodes['L+A-GOT']:
          if (loader !== undefined && symbol >= firstGlobal)
            target = loader.callTarget(file.globals[symbol - firstGlobal]!, target)
          value = target + addend - this.got
          break
        case formulaCodes['S+A-GOT']:
          value = target + addend - this.got
          break
        case formulaCodes['GOT+A-P']:
          value = this.got + addend - (sectionAddress + place)
          break
        case formulaCodes['GOT+A']:
          value = this.got + addend
          break
        case formulaCodes['S+A-TP']:
          value = target + addend - offsetFromThread
          break
        case formulaCodes['S+A-DTP']:
          value = target + addend - offsetFromBlock
          break
        default:
          value = this.rare.value(code, symbol, target, addend, sectionAddress + place, type, offset)
      }
      const to = base + place
      if (codec !== 0) {
        if (isMoved && place + bytes > this.contents.size[id]!) {
          this.errors.outside(id, offset, type, this.contents.size[id]!)
          continue
        }
        if (page !== 0) value = this.rare.inPages(value, code, sectionAddress + place, 2 ** page)
        if (
          !fields!.write(codec, view, to, value, sectionAddress + place) &&
          !this.countsFromZero(code, codec, to, value + sectionAddress + place)
        )
          this.errors.unfit(id, offset, type, symbol, value, codec)
        continue
      }
      if (bytes === 4) {
        if (value > 0x7fff_ffff || value < -0x8000_0000) {
          const fits =
            check === checkCodes.none ||
            (check === checkCodes.unsigned && value >= 0 && value <= 0xffff_ffff) ||
            (check === checkCodes.either && value >= 0 && value <= 0xffff_ffff)
          if (!fits) {
            this.errors.overflow(id, offset, type, symbol, value, check, bytes)
            continue
          }
        } else if (value < 0 && check === checkCodes.unsigned) {
          this.errors.overflow(id, offset, type, symbol, value, check, bytes)
          continue
        }
        view.setInt32(to, value | 0, little)
      } else if (bytes === 8) {
        if (!(value <= 0x1f_ffff_ffff_ffff && value >= -0x1f_ffff_ffff_ffff)) {
          this.wide(symbol, addend, to, sectionAddress + place, code, bytes, check, offset, type)
          continue
        }
        view.setInt32(little ? to : to + 4, value | 0, little)
        view.setInt32(little ? to + 4 : to, Math.floor(value / 0x1_0000_0000), little)
      } else if (bytes !== 0 && !this.small(to, value, bytes, check)) {
        this.errors.overflow(id, offset, type, symbol, value, check, bytes)
      }
    }
  }

  /** Address of an indirect function itself, not of its stub. */
  private resolverAddress(symbol: number): number {
    const { targets } = this
    const shown = targets.address[symbol]!
    const resolver = targets.keyAddress(targets.keyOf(this.current, symbol))
    targets.address[symbol] = shown
    return resolver
  }

  private small(at: number, value: number, bytes: number, check: number): boolean {
    return writeWord(this.view, at, value, bytes, check, this.program.arch)
  }

  /** The rewrite to carry out, 0 for none, -1 after an error. The instruction is rewritten, its value is not written. */
  private rewrite(
    table: RelocationTable,
    row: number,
    type: number,
    symbol: number,
    at: number,
    start: number,
    end: number,
    addend: number,
  ): number {
    const relaxation = this.program.arch.relaxation
    if (relaxation === undefined) return 0
    const file = this.current
    const facts = this.facts.of(file, symbol)
    const chosen = this.contents.shortened.sections.get(this.section)?.rewrites[row] ?? 0
    if (chosen !== 0) {
      const field = relaxation.bytes?.[chosen] ?? 4
      if (at + field <= start + this.contents.size[this.section]!) relaxation.rewrite(chosen, this.image, at)
      return chosen
    }
    const next = row + 1 < table.count
    const rewrite = relaxation.choose(
      type,
      this.image,
      at,
      start,
      end,
      facts,
      this.needs.traits,
      addend,
      next ? table.type(row + 1) : -1,
      next ? table.offset(row + 1) - table.offset(row) : 0,
    )
    if (rewrite === relaxation.refused) {
      this.errors.refused(this.section, table.offset(row), type, symbol)
      return -1
    }
    if (rewrite !== 0) relaxation.rewrite(rewrite, this.image, at)
    return rewrite
  }

  /** A target that is not plain: sets `special` and `addend`. False when nothing more is to be done at the place. */
  private resolve(symbol: number, addend: number, at: number, bytes: number, isAlloc: boolean): boolean {
    const file = this.current
    this.addend = addend
    switch (this.targets.kind[symbol]) {
      case TargetKind.Edited: {
        // The addend says which string or record is meant, whatever the form of the relocation.
        if (!this.contents.moveTarget(symbolPlace(file, symbol), symbolValue(file, symbol) + addend)) {
          this.errors.dropped(this.section, at, symbol, isAlloc)
          writeTombstone(this.program, this.section, this.image, at, bytes)
          return false
        }
        this.special = this.layout.addressOf[this.contents.movedSection]! + this.contents.movedOffset
        this.addend = 0
        return true
      }
      case TargetKind.Dropped:
        this.errors.dropped(this.section, at, symbol, isAlloc)
        writeTombstone(this.program, this.section, this.image, at, bytes)
        return false
      default:
        this.special = 0
        return true
    }
  }

  /** A distance that does not fit became an address, which does. */
  private countsFromZero(code: number, codec: number, at: number, address: number): boolean {
    if (!this.isFixed || code !== formulaCodes['S+A-P']) return false
    return this.program.arch.fields!.writeAddress?.(codec, this.view, at, address) === true
  }

  /** Values that a double cannot hold. */
  private wide(
    symbol: number,
    addend: number,
    at: number,
    place: number,
    code: number,
    bytes: number,
    check: number,
    offset: number,
    type: number,
  ): void {
    const file = this.current
    const first = file.symbolTable.firstGlobal
    const exact = symbol >= first ? this.layout.wideSymbols.get(file.globals[symbol - first]!) : undefined
    let value = (exact ?? BigInt(this.targets.address[symbol]!)) + BigInt(addend)
    if (code === formulaCodes['S+A-P'] || code === formulaCodes['L+A-P']) value -= BigInt(place)
    else if (code === formulaCodes['S+A-GOT']) value -= BigInt(this.got)
    else if (code !== formulaCodes['S+A']) {
      this.errors.notSupported(this.section, offset, type)
      return
    }
    const signed = BigInt.asIntN(64, value)
    if (bytes === 8) this.view.setBigInt64(at, signed, this.program.arch.littleEndian)
    else this.errors.overflow(this.section, offset, type, symbol, Number(signed), check, bytes)
  }
}
