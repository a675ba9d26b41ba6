/**
 * Sequences of instructions that a fault of some processors makes unsafe (--fix-...): found by what the code looks like at
 * its address, changed in place or by moving one instruction into a veneer. Which they are is the architecture's matter.
 */
import { stubOutOfReach } from '../../diag/catalogue/relocation.ts'
import type { Report } from '../../diag/report.ts'
import type { ErratumShape } from '../../target/code-changes.ts'
import type { EditedContents } from '../contents/contents.ts'
import { ContentKind, type Layout } from '../records/placement.ts'
import type { InputFile, Program } from '../records/program.ts'
import { symbolName, symbolPlace, symbolValue } from './symbol-reader.ts'

const pageBytes = 4096

/** An instruction that goes through a veneer. Offsets in bytes. */
interface Moved {
  readonly shape: ErratumShape
  /** section of the sequence, and where that begins in it */
  readonly section: number
  readonly start: number
  /** section that holds the veneer, and where */
  readonly home: number
  readonly offset: number
}

export class Errata {
  private readonly program: Program
  private readonly contents: EditedContents
  private readonly shapes: readonly ErratumShape[]
  private readonly moved: Moved[] = []
  /** of the moved ones: `section * 2^32 + start` for each shape */
  private readonly known: ReadonlyMap<ErratumShape, Set<number>>
  /** by section id: offsets where data begins and where code begins, in turn; made when first asked for */
  private readonly ranges = new Map<number, readonly { at: number; isData: boolean }[]>()

  constructor(program: Program, contents: EditedContents, shapes: readonly ErratumShape[]) {
    this.program = program
    this.contents = contents
    this.shapes = shapes
    this.known = new Map(shapes.map(shape => [shape, new Set<number>()]))
  }

  /**
   * Looks through a section of code with the addresses of `layout`; true when an instruction got a veneer.
   * @param reserve gives room for a veneer near the section: the section it is in, and the offset there
   */
  scan(section: number, layout: Layout, reserve: (bytes: number) => { home: number; offset: number }): boolean {
    const { sections, files } = this.program
    if (this.contents.kind[section] !== ContentKind.Copy) return false
    const file = files[sections.file[section]!]!
    const base = sections.offset[section]!
    const size = sections.size[section]!
    const address = layout.addressOf[section]!
    let isAdded = false
    for (const shape of this.shapes) {
      const known = this.known.get(shape)!
      const look = (start: number): void => {
        if (known.has(section * 0x1_0000_0000 + start)) return
        if (shape.find(file.view, base + start, base + size) === 0 || this.isData(file, section, start)) return
        known.add(section * 0x1_0000_0000 + start)
        const { home, offset } = reserve(shape.veneerBytes)
        this.moved.push({ shape, section, start, home, offset })
        isAdded = true
      }
      if (shape.pageOffsets === undefined) for (let start = 0; start < size; start += 4) look(start)
      else
        for (const pageOffset of shape.pageOffsets) {
          const inPage = ((address % pageBytes) + pageBytes) % pageBytes
          for (let start = (pageOffset - inPage + pageBytes) % pageBytes; start < size; start += pageBytes) look(start)
        }
    }
    return isAdded
  }

  /** Changes the relocated code; addresses must be final. */
  write(image: Uint8Array, layout: Layout, report: Report): void {
    const view = new DataView(image.buffer, image.byteOffset, image.byteLength)
    for (const { shape, section, start, home, offset } of this.moved) {
      const output = layout.outputs[layout.outputOf[section]!]!
      const at = output.fileOffset + layout.offsetOf[section]! + start
      const end = output.fileOffset + layout.offsetOf[section]! + this.contents.size[section]!
      const place = layout.addressOf[section]! + start
      // It may have moved since it was found, and relocation may have made another instruction of it.
      if (shape.pageOffsets?.includes(((place % pageBytes) + pageBytes) % pageBytes) === false) continue
      const distance = shape.find(view, at, end)
      if (distance === 0 || shape.mend(view, at, place)) continue
      const veneers = layout.outputs[layout.outputOf[home]!]!
      const veneerAt = veneers.fileOffset + layout.offsetOf[home]! + offset
      const veneer = layout.addressOf[home]! + offset
      if (!shape.move(view, at + distance, place + distance, veneerAt, veneer))
        report.add(stubOutOfReach({ stub: 'a veneer' }))
    }
  }

  /** Does a mapping symbol say that there is data, not code? */
  private isData(file: InputFile, section: number, offset: number): boolean {
    let ranges = this.ranges.get(section)
    if (ranges === undefined) {
      ranges = this.rangesOf(file, section)
      this.ranges.set(section, ranges)
    }
    let isData = false
    for (const range of ranges) {
      if (range.at > offset) break
      isData = range.isData
    }
    return isData
  }

  private rangesOf(file: InputFile, section: number): readonly { at: number; isData: boolean }[] {
    const found: { at: number; isData: boolean }[] = []
    for (let index = 1; index < file.symbolTable.firstGlobal; index++) {
      if (symbolPlace(file, index) !== section) continue
      const name = symbolName(file, index)
      const isData = /^\$d(\.|$)/.test(name)
      if (isData || /^\$x(\.|$)/.test(name)) found.push({ at: symbolValue(file, index), isData })
    }
    return found.sort((a, b) => a.at - b.at)
  }
}
