/**
 * Sections that bytes are deleted from (RISC-V: relaxation and alignment): where what is left goes, and how the
 * relocations there are rewritten. Which bytes is decided by relocate/shorten.ts.
 */
import type { Arch } from '../../target/target.ts'
import type { Program } from '../records/program.ts'

/** One section. Offsets in bytes from the start of the section as it was read. */
export interface ShortenedSection {
  /** rewrite (see Relaxation) by row of the section's relocation table */
  readonly rewrites: Uint8Array
  /** deleted ranges in order, which do not overlap */
  starts: Float64Array
  ends: Float64Array
  /** bytes deleted in front of each range */
  before: Float64Array
  /** bytes left for an alignment end where these ranges begin: how many, by range */
  padding: Float64Array
  count: number
}

export class ShortenedSections {
  /** by section id */
  readonly sections = new Map<number, ShortenedSection>()
  private readonly program: Program
  movedOffset = 0

  constructor(program: Program) {
    this.program = program
  }

  /** Sets `movedOffset` to where byte `offset` of the section went; a deleted byte: where it would be. */
  move(section: number, offset: number): void {
    this.movedOffset = offset
    const cuts = this.sections.get(section)
    if (cuts === undefined || cuts.count === 0) return
    let low = 0
    let high = cuts.count
    // The first range that does not start before the place.
    while (low < high) {
      const middle = (low + high) >> 1
      if (cuts.starts[middle]! < offset) low = middle + 1
      else high = middle
    }
    if (low === 0) return
    const last = low - 1
    this.movedOffset = Math.max(offset - cuts.ends[last]!, 0) + cuts.starts[last]! - cuts.before[last]!
  }

  /** Bytes that are left. */
  sizeOf(section: number): number {
    this.move(section, this.program.sections.size[section]!)
    return this.movedOffset
  }

  /** Copies what is left. */
  write(section: number, out: Uint8Array, at: number): void {
    const { sections, files } = this.program
    const { bytes } = files[sections.file[section]!]!
    const base = sections.offset[section]!
    const size = sections.size[section]!
    const cuts = this.sections.get(section)!
    const { align } = (this.program.arch as Arch).shortening!
    let from = 0
    let to = at
    for (let i = 0; i <= cuts.count; i++) {
      const end = i < cuts.count ? cuts.starts[i]! : size
      out.set(bytes.subarray(base + from, base + end), to)
      to += end - from
      if (i === cuts.count) break
      from = cuts.ends[i]!
      if (cuts.padding[i]! > 0) align(out, to - cuts.padding[i]!, cuts.padding[i]!)
    }
  }
}
