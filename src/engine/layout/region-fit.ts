/**
 * --enable-non-contiguous-regions, while sections get addresses: a section that does not fit into the region of an output
 * section leaves it, and so does all that stands behind it there. What left does not come back in later passes, and what
 * has a place in one output section is taken by no other.
 */
import { distance, u64 } from '../../base/words.ts'
import type { Program } from '../records/program.ts'
import { SectionState } from '../records/tables.ts'
import type { OutputState } from './state.ts'

/** The part of a walk that gives offsets. */
export interface PlacesInputs {
  placeInputs(output: OutputState, ids: Int32Array, from: number, subalign: number): number
}

export class RegionFit {
  private readonly program: Program
  /** bytes, by section id */
  private readonly sizes: Float64Array
  /** by section id: index of the output section that took it first, or -1 */
  private readonly home: Int32Array
  /** indices of the output sections that had room for something, or a gap for it */
  readonly occupied = new Set<number>()
  /** what is left of an item, by `key` */
  private readonly left = new Map<string, Int32Array>()
  /** offset of the end of the region, once something did not fit in front of it */
  private end = 0

  constructor(program: Program, sizes: Float64Array) {
    this.program = program
    this.sizes = sizes
    this.home = new Int32Array(program.sections.count).fill(-1)
  }

  /** To be called in front of each output section. */
  begin(): void {
    this.end = 0
  }

  /** The sections of an item that fit, the first of them at offset `from`. `subalign`: bytes, 0 for none. */
  private take(output: OutputState, item: number, ids: Int32Array, from: number, subalign: number): Int32Array {
    const { align: aligns, state } = this.program.sections
    const index = output.placed.index
    const room = roomOf(output)
    const low = Number(output.vma & 0xffff_ffffn)
    let at = this.behind(from)
    const fitting = (this.left.get(key(index, item)) ?? ids).filter(id => {
      if (this.home[id]! >= 0 && this.home[id] !== index) return false
      const align = subalign > 0 ? subalign : aligns[id]!
      const past = align > 1 ? (low + at) % align : 0
      const start = past === 0 ? at : at + align - past
      const end = start + this.sizes[id]!
      // GNU ld has made the gap in front by the time it sees that there is no room.
      if (past !== 0 && start > output.size) output.size = start
      // What the linker makes has one place; where that is too small, the region overflows.
      if (end > room && (state[id]! & SectionState.Synthetic) === 0) {
        this.end = at = Math.max(room, 0)
        return false
      }
      at = end
      if (at > output.size) output.size = at
      this.home[id] = index
      return true
    })
    this.left.set(key(index, item), fitting)
    return fitting
  }

  /** Puts what fits of an item at offset `from`; returns the offset behind it. */
  place(
    walker: PlacesInputs,
    output: OutputState,
    item: number,
    ids: Int32Array,
    from: number,
    subalign: number,
  ): number {
    const fitting = this.take(output, item, ids, from, subalign)
    if (output.size > 0) this.occupied.add(output.placed.index)
    return this.behind(walker.placeInputs(output, fitting, from, subalign))
  }

  /** Offset behind an item: where a section had to leave, what follows stands at the end of the region in that pass. */
  private behind(at: number): number {
    return Math.max(at, this.end)
  }

  /** What an item has in the end; `ids` when nothing was asked. */
  remaining(output: number, item: number, ids: Int32Array): Int32Array {
    return this.left.get(key(output, item)) ?? ids
  }
}

/** Bytes from the start of the output section to the end of its region. */
function roomOf({ region, vma }: OutputState): number {
  if (region?.plan === undefined) return Number.POSITIVE_INFINITY
  return distance(u64(region.origin + region.length), vma)
}

function key(output: number, item: number): string {
  return `${output} ${item}`
}
