/** Contents of the sections that the linker makes, when every address is known. */
import { gotOutOfOutput, stubOutOfReach } from '../../diag/catalogue/relocation.ts'
import type { Report } from '../../diag/report.ts'
import { NT_GNU_BUILD_ID, SHT_NOBITS } from '../../elf/constants.ts'
import { relocationBytes } from '../../target/relocation-form.ts'
import type { EditedContents } from '../contents/contents.ts'
import { completeSlot, writeStubs } from '../dynamic/write-slots.ts'
import { type Needs, SlotKind } from '../records/needs.ts'
import type { Layout } from '../records/placement.ts'
import type { Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import type { LoaderWork } from '../relocate/loader-words.ts'
import { TargetAddresses } from '../relocate/target-addresses.ts'
import { threadBase } from '../relocate/thread-storage.ts'
import { buildIdSize } from '../write/build-id.ts'
import { writeEhFrameHeader } from './eh-frame-header.ts'
import { propertyNote } from './property-note.ts'

export function writeSynthetics(
  program: Program,
  contents: EditedContents,
  needs: Needs,
  layout: Layout,
  request: LinkRequest,
  work: LoaderWork | undefined,
  image: Uint8Array,
  report: Report,
): void {
  const live = new Uint8Array(program.sections.count).fill(1)
  const writer = new SyntheticWriter(program, contents, needs, layout, image, report, live, work)
  writer.got()
  writer.indirect()
  if (work !== undefined) writeStubs(image, program, needs, layout, work, section => writer.place(section), report)
  const { sections } = needs
  const header = writer.place(sections.ehFrameHeader)
  if (header >= 0)
    writeEhFrameHeader(image, header, layout.addressOf[sections.ehFrameHeader]!, program, contents.frames, layout)
  const properties = writer.place(sections.properties)
  if (properties >= 0) image.set(propertyNote(program), properties)
  const attributes = writer.place(sections.attributes)
  if (attributes >= 0 && program.attributes !== undefined) image.set(program.attributes.bytes, attributes)
  const buildId = writer.place(sections.buildId)
  if (buildId >= 0) {
    const view = new DataView(image.buffer, image.byteOffset, image.byteLength)
    view.setUint32(buildId, 4, program.arch.littleEndian)
    view.setUint32(buildId + 4, buildIdSize(request), program.arch.littleEndian)
    view.setUint32(buildId + 8, NT_GNU_BUILD_ID, program.arch.littleEndian)
    image.set([0x47, 0x4e, 0x55, 0], buildId + 12)
  }
}

class SyntheticWriter {
  private readonly program: Program
  private readonly contents: EditedContents
  private readonly needs: Needs
  private readonly layout: Layout
  private readonly image: Uint8Array
  private readonly view: DataView
  private readonly report: Report
  private readonly targets: TargetAddresses
  private readonly wordBytes: number
  private readonly work: LoaderWork | undefined

  constructor(
    program: Program,
    contents: EditedContents,
    needs: Needs,
    layout: Layout,
    image: Uint8Array,
    report: Report,
    live: Uint8Array,
    work: LoaderWork | undefined,
  ) {
    this.work = work
    this.program = program
    this.contents = contents
    this.needs = needs
    this.layout = layout
    this.image = image
    this.view = new DataView(image.buffer, image.byteOffset, image.byteLength)
    this.report = report
    this.targets = new TargetAddresses(program, live, contents, needs, layout)
    this.wordBytes = program.arch.bits / 8
  }

  /** File offset of one of the linker's sections, -1 when it has no bytes in the output. */
  place(section: number): number {
    if (section < 0 || this.contents.size[section] === 0) return -1
    const home = this.layout.outputOf[section]!
    if (home < 0) {
      const name = this.program.sectionNames.text(this.program.sections.name[section]!)
      if (
        !name.startsWith('.note') &&
        section !== this.needs.sections.attributes &&
        name !== '.eh_frame_hdr' &&
        name !== '.got.plt'
      )
        this.report.add(gotOutOfOutput({ section: name }))
      return -1
    }
    const output = this.layout.outputs[home]!
    return output.type === SHT_NOBITS ? -1 : output.fileOffset + this.layout.offsetOf[section]!
  }

  /** Where offsets in the GOT count from. */
  private gotAddress(): number {
    const { gotPlt, got } = this.needs.sections
    const section = gotPlt >= 0 && this.layout.outputOf[gotPlt]! >= 0 ? gotPlt : got
    return section < 0 ? 0 : this.layout.addressOf[section]!
  }

  got(): void {
    const { needs, work } = this
    const { gotPltStart = 0 } = this.program.arch
    const start = gotPltStart === 0 ? -1 : this.place(needs.sections.gotPlt)
    if (start >= 0) this.word(start, gotPltStart)
    const at = this.place(needs.sections.got)
    if (at < 0) return
    const thread = threadBase(this.program.arch, this.layout)
    const address = this.layout.addressOf[needs.sections.got]!
    const storesAddends = this.program.arch.relocationForm === 'rel'
    needs.slots.forEach((slot, i) => {
      let value = 0
      const isAlone = work === undefined
      if (slot.kind === SlotKind.Address) value = this.targets.keyAddress(slot.symbol)
      else if (slot.kind === SlotKind.Stub) value = this.targets.stubAddress(slot.symbol)
      else if (slot.kind === SlotKind.ThreadOffset) value = this.targets.keyAddress(slot.symbol) - thread.pointer
      else if (isAlone && (slot.kind === SlotKind.Module || slot.kind === SlotKind.OwnModule)) value = 1
      else if (isAlone && slot.kind === SlotKind.ModuleOffset)
        value = this.targets.keyAddress(slot.symbol) - thread.start - (this.program.arch.threadOffsetBias ?? 0)
      else if (slot.kind === SlotKind.Indirect && storesAddends) value = this.targets.keyAddress(slot.symbol)
      if (work !== undefined)
        value = completeSlot(
          this.program,
          this.layout,
          work,
          this.targets,
          thread,
          slot,
          address + i * this.wordBytes,
          value,
        )
      this.word(at + i * this.wordBytes, value, slot.kind === SlotKind.Address ? slot.symbol : -1)
    })
  }

  /** Stubs of indirect functions, their slots, and the relocations that the start-up code carries out. */
  indirect(): void {
    const { needs, layout, program } = this
    const { sections } = needs
    const shape = needs.stubShape
    const rowBytes = relocationBytes(program.arch)
    const storesAddends = program.arch.relocationForm === 'rel'
    const gotPlt = this.gotAddress()
    const stubsAt = this.place(sections.indirectStubs)
    const slotsAt = this.place(sections.indirectSlots)
    let row = this.place(sections.indirectRelocations)
    const { work } = this
    const relocation = (address: number, symbol: number, addend: number): void => {
      if (work === undefined) inTable(address, symbol, addend)
      else work.rows.add(program.arch.wellKnown.irelative, 0, address, this.targets.keyAddress(symbol) + addend)
    }
    const inTable = (address: number, symbol: number, addend: number): void => {
      if (row < 0) return
      const resolver = this.targets.keyAddress(symbol)
      this.word(row, address)
      if (this.wordBytes === 8) {
        this.view.setUint32(
          row + (program.arch.littleEndian ? 8 : 12),
          program.arch.wellKnown.irelative,
          program.arch.littleEndian,
        )
        this.view.setUint32(row + (program.arch.littleEndian ? 12 : 8), 0, program.arch.littleEndian)
      } else this.view.setUint32(row + 4, program.arch.wellKnown.irelative, program.arch.littleEndian)
      if (!storesAddends) this.word(row + 2 * this.wordBytes, resolver + addend)
      row += rowBytes
    }
    for (const place of needs.indirectPlaces)
      relocation(layout.addressOf[place.section]! + place.offset, place.symbol, place.addend)
    const gotAddress = sections.got < 0 ? 0 : layout.addressOf[sections.got]!
    needs.slots.forEach((slot, i) => {
      if (slot.kind === SlotKind.Indirect) relocation(gotAddress + i * this.wordBytes, slot.symbol, 0)
    })
    if (stubsAt < 0 || slotsAt < 0) return
    const stubAddress = layout.addressOf[sections.indirectStubs]!
    const slotAddress = layout.addressOf[sections.indirectSlots]!
    needs.stubs.forEach((symbol, i) => {
      const stub = stubAddress + i * shape.indirectSize
      const slot = slotAddress + i * this.wordBytes
      if (!shape.writeIndirect(this.image, stubsAt + i * shape.indirectSize, stub, slot, gotPlt))
        this.report.add(stubOutOfReach({ stub: '.iplt' }))
      const first = storesAddends ? this.targets.keyAddress(symbol) : stub + shape.indirectResume
      this.word(slotsAt + i * this.wordBytes, first)
    })
    if (work !== undefined && program.arch.indirectApart) {
      needs.stubs.forEach((symbol, i) => void relocation(slotAddress + i * this.wordBytes, symbol, 0))
      return
    }
    if (work !== undefined) {
      // With a loader they stand behind the slots of the PLT.
      const table = this.place(work.tables.sections.stubRelocations)
      row = table < 0 ? -1 : table + work.needs.stubs.length * rowBytes
    }
    if (shape.ascending) {
      needs.stubs.forEach((symbol, i) => void inTable(slotAddress + i * this.wordBytes, symbol, 0))
      return
    }
    // GNU ld fills its table from the end, locals first.
    const globals = needs.stubs.filter(symbol => symbol >= 0).length
    for (let i = globals - 1; i >= 0; i--) inTable(slotAddress + i * this.wordBytes, needs.stubs[i]!, 0)
    for (let i = needs.stubs.length - 1; i >= globals; i--)
      inTable(slotAddress + i * this.wordBytes, needs.stubs[i]!, 0)
  }

  private word(at: number, value: number, symbol = -1): void {
    const little = this.program.arch.littleEndian
    if (this.wordBytes === 4) {
      this.view.setInt32(at, value | 0, little)
      return
    }
    const exact = symbol < 0 ? undefined : this.layout.wideSymbols.get(symbol)
    if (exact !== undefined) this.view.setBigUint64(at, exact, little)
    else {
      this.view.setInt32(little ? at : at + 4, value | 0, little)
      this.view.setInt32(little ? at + 4 : at, Math.floor(value / 0x1_0000_0000), little)
    }
  }
}
