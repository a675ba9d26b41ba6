/** Words of the GOT that the loader completes, and the stubs of the PLT with their slots. */
import { outOfReachStub } from '../../diag/catalogue/dynamic.ts'
import { nowhere } from '../../diag/diagnostic.ts'
import type { Report } from '../../diag/report.ts'
import { relocationBytes } from '../../target/relocation-form.ts'
import { gotStartWords } from '../records/got-start.ts'
import { hasPrefix, type Needs, SlotKind, stubOffset } from '../records/needs.ts'
import { type Layout, SymbolHome } from '../records/placement.ts'
import type { Program } from '../records/program.ts'
import { SymbolFlag } from '../records/tables.ts'
import type { LoaderWork } from '../relocate/loader-words.ts'
import { SymbolPlace, symbolPlace } from '../relocate/symbol-reader.ts'
import type { TargetAddresses } from '../relocate/target-addresses.ts'
import type { ThreadBase } from '../relocate/thread-storage.ts'
import { setWord } from './loader-relocations.ts'

/**
 * Makes the relocation of a GOT word and returns what the word holds in the file.
 * @param place address of the word
 * @param value what it holds without a loader
 */
export function completeSlot(
  program: Program,
  layout: Layout,
  work: LoaderWork,
  targets: TargetAddresses,
  thread: ThreadBase,
  slot: Needs['slots'][number],
  place: number,
  value: number,
): number {
  const { rows, tables } = work
  const { wellKnown } = program.arch
  const { symbol, kind } = slot
  const isPreemptible = symbol >= 0 && (program.symbols.flags[symbol]! & SymbolFlag.Preemptible) !== 0
  const index = isPreemptible ? (tables.indexOf.get(symbol) ?? 0) : 0
  const isProgram = work.isProgram
  const storesAddends = program.arch.relocationForm === 'rel'
  const inBlock = (): number => targets.keyAddress(symbol) - thread.start
  switch (kind) {
    case SlotKind.Dynamic:
      return layout.outputOf[tables.sections.dynamic]! < 0 ? 0 : layout.addressOf[tables.sections.dynamic]!
    case SlotKind.Import:
      rows.add(wellKnown.globDat, index, place, 0, true)
      return 0
    case SlotKind.Address:
      if (work.isFixed || isNumber(program, layout, targets, symbol)) return value
      rows.add(wellKnown.relative, 0, place, value)
      return value
    case SlotKind.Stub:
      if (!work.isFixed) rows.add(wellKnown.relative, 0, place, value)
      return value
    case SlotKind.ThreadOffset:
      if (!isPreemptible && isProgram) return value
      rows.add(wellKnown.tlsThread, index, place, isPreemptible ? 0 : inBlock())
      return storesAddends && !isPreemptible ? inBlock() : 0
    case SlotKind.Module:
    case SlotKind.OwnModule:
      if (work.isFixed && !(kind === SlotKind.Module && isPreemptible)) return 1
      rows.add(wellKnown.tlsModule, kind === SlotKind.OwnModule ? 0 : index, place, 0)
      return 0
    case SlotKind.ModuleOffset:
      if (!isPreemptible) return inBlock() - (program.arch.threadOffsetBias ?? 0)
      rows.add(wellKnown.tlsOffset, index, place, 0)
      return 0
    case SlotKind.Descriptor:
      rows.add(wellKnown.tlsDescriptor, index, place, isPreemptible ? 0 : inBlock())
      return 0
    case SlotKind.DescriptorEnd:
      // Without addends in relocations, that of a descriptor stands in its second word.
      return storesAddends && !isPreemptible ? inBlock() : 0
    default:
      return value
  }
}

function isNumber(program: Program, layout: Layout, targets: TargetAddresses, symbol: number): boolean {
  if (symbol >= 0) return layout.symbolHome[symbol]! < 0
  const { file, index } = targets.localOf(symbol)
  return symbolPlace(file, index) === SymbolPlace.Absolute || program.files.length === 0
}

/**
 * Writes .plt, .plt.got, the slots in .got.plt and .rela.plt.
 * @param placeOf file offset of one of the linker's sections, -1: it has no bytes in the output
 */
export function writeStubs(
  image: Uint8Array,
  program: Program,
  needs: Needs,
  layout: Layout,
  work: LoaderWork,
  placeOf: (section: number) => number,
  report: Report,
): void {
  const { arch } = program
  const { littleEndian: little, wellKnown } = arch
  const { plt } = work.needs
  const { sections, indexOf } = work.tables
  const word = arch.bits / 8
  const rowBytes = relocationBytes(arch)
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength)
  const put = (at: number, value: number): void => {
    if (word === 8) setWord(view, at, value, little)
    else view.setInt32(at, value | 0, little)
  }
  const gotAt = placeOf(needs.sections.gotPlt)
  const gotAddress = layout.addressOf[needs.sections.gotPlt]!
  const hasFirst = program.plan.dynamic?.emptyFirstSlot !== true && gotStartWords(program) === 0
  if (gotAt >= 0 && hasFirst && layout.outputOf[sections.dynamic]! >= 0) put(gotAt, layout.addressOf[sections.dynamic]!)
  const stubsAt = placeOf(sections.stubs)
  const relocationsAt = placeOf(sections.stubRelocations)
  const header = layout.addressOf[sections.stubs]!
  const secondAt = placeOf(sections.secondStubs)
  const secondAddress = layout.addressOf[sections.secondStubs]!
  let reaches = true
  if (stubsAt >= 0 && gotAt >= 0) {
    reaches = plt.writeHeader(image, stubsAt, header, gotAddress)
    work.needs.stubs.forEach((id, i) => {
      const offset = stubOffset(work.needs, i)
      if (plt.prefix !== undefined && hasPrefix(work.needs, i))
        plt.prefix.write(image, stubsAt + offset - plt.prefix.size)
      const slot = (arch.gotHeaderWords + i) * word
      reaches =
        plt.writeEntry(image, stubsAt + offset, header + offset, gotAddress + slot, i, header, gotAddress) && reaches
      const second = i * (plt.second?.entrySize ?? 0)
      if (plt.second !== undefined && secondAt >= 0)
        reaches =
          plt.second.write(image, secondAt + second, secondAddress + second, gotAddress + slot, gotAddress) && reaches
      put(gotAt + slot, plt.resumesInHeader ? header : header + offset + plt.resume)
      if (relocationsAt < 0) return
      const row = relocationsAt + i * rowBytes
      put(row, gotAddress + slot)
      const index = indexOf.get(id) ?? 0
      if (word === 8) {
        view.setUint32(row + (little ? 8 : 12), wellKnown.jumpSlot, little)
        view.setUint32(row + (little ? 12 : 8), index, little)
      } else view.setUint32(row + 4, ((index << 8) | wellKnown.jumpSlot) >>> 0, little)
      if (arch.relocationForm === 'rela') put(row + 2 * word, 0)
    })
  }
  if (!reaches) report.add(outOfReachStub({ section: '.plt' }), nowhere)
  const directAt = placeOf(sections.directStubs)
  if (directAt < 0) return
  const directAddress = layout.addressOf[sections.directStubs]!
  const slots = layout.addressOf[needs.sections.got]!
  work.needs.directStubs.forEach((id, i) => {
    const offset = i * plt.directSize
    const slot = slots + (needs.gotOf.get(id) ?? 0) * word
    if (!plt.writeDirect(image, directAt + offset, directAddress + offset, slot, gotAddress))
      report.add(outOfReachStub({ section: '.plt.got' }), nowhere)
  })
}

/** COPY relocations: the loader fetches the first contents of the variables. */
export function addCopies(program: Program, layout: Layout, work: LoaderWork): void {
  for (const id of work.needs.copies) {
    if (layout.symbolHome[id] === SymbolHome.Undefined) continue
    work.rows.add(program.arch.wellKnown.copy, work.tables.indexOf.get(id) ?? 0, layout.symbolValue[id]!, 0)
  }
}
