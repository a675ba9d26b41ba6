/** Gaps between the contents: patterns of the script, no-operations in code, zeros (which are there already) elsewhere. */
import { held, type Work } from '../../kernels/compute.ts'
import { longestPadding, type PaddingRecord, paddingPiece } from '../../kernels/image.ts'
import type { Arch } from '../../target/target.ts'
import type { Contents, Layout } from '../records/placement.ts'
import type { Program } from '../records/program.ts'

/** From so many sections on a run is for kernels. */
const longRun = 512

interface Run {
  readonly base: number
  readonly ids: Int32Array
}

export class Padding {
  readonly image: Uint8Array
  private readonly program: Program
  private readonly arch: Arch
  private readonly size: Float64Array
  private readonly offsetOf: Float64Array
  /** those for kernels */
  private readonly runs: Run[] = []

  constructor(image: Uint8Array, program: Program, contents: Contents, layout: Layout) {
    this.image = image
    this.program = program
    this.arch = program.arch
    this.size = contents.size
    this.offsetOf = layout.offsetOf
  }

  /**
   * Fills the gaps between sections, also that in front of them; long runs are put off until `begin`.
   * @param base offset of the output section in the image
   * @param end where what stands in front of them ends, bytes from there
   * @returns where they end
   */
  fillRun(base: number, end: number, ids: Int32Array, pattern: Uint8Array | undefined, isCode: boolean): number {
    const { offsetOf, size } = this
    const hasPattern = pattern !== undefined && pattern.length > 0
    const isPlain = !hasPattern && (!isCode || ids.length >= longRun)
    const first = offsetOf[ids[0]!]!
    if (isPlain) {
      if (first > end) this.fill(base, end, first, pattern, isCode)
      if (isCode) this.runs.push({ base, ids })
      const last = ids[ids.length - 1]!
      return Math.max(end, offsetOf[last]! + size[last]!)
    }
    return this.fillBetween(base, end, ids, 0, ids.length, pattern, isCode)
  }

  private fillBetween(
    base: number,
    from: number,
    ids: Int32Array,
    first: number,
    last: number,
    pattern: Uint8Array | undefined,
    isCode: boolean,
  ): number {
    const { offsetOf, size } = this
    let end = from
    for (let i = first; i < last; i++) {
      const offset = offsetOf[ids[i]!]!
      if (offset > end) this.fill(base, end, offset, pattern, isCode)
      const behind = offset + size[ids[i]!]!
      if (behind > end) end = behind
    }
    return end
  }

  /** Begins to fill the gaps of long runs. */
  begin(): Work {
    const { runs, program } = this
    if (runs.length === 0) return { finish() {} }
    const record = this.record()
    const work = program.compute.begin('padRun', record, record.run.length)
    return {
      finish: () => {
        work.finish()
        const { left, run, from, to } = record
        for (let piece = left.indexOf(1); piece >= 0; piece = left.indexOf(1, piece + 1)) {
          const { base, ids } = runs[run[piece]!]!
          const before = ids[Math.max(0, from[piece]! - 1)]!
          const end = this.offsetOf[before]! + this.size[before]!
          this.fillBetween(base, end, ids, Math.max(1, from[piece]!), to[piece]!, undefined, true)
        }
      },
    }
  }

  private record(): PaddingRecord {
    const { runs, image } = this
    const { memory } = this.program.compute
    const pieces = runs.reduce((sum, { ids }) => sum + Math.ceil(ids.length / paddingPiece), 0)
    const run = memory.int32(pieces)
    const from = memory.int32(pieces)
    const to = memory.int32(pieces)
    const runBase = memory.float64(runs.length)
    let piece = 0
    runs.forEach(({ base, ids }, i) => {
      runBase[i] = base
      for (let first = 0; first < ids.length; first += paddingPiece) {
        run[piece] = i
        from[piece] = first
        to[piece++] = Math.min(ids.length, first + paddingPiece)
      }
    })
    return {
      image: new DataView(image.buffer, image.byteOffset, image.byteLength),
      runs: runs.map(({ ids }) => held(memory, ids)),
      runBase,
      run,
      from,
      to,
      offsetOf: held(memory, this.offsetOf),
      size: held(memory, this.size),
      patterns: this.patterns(),
      left: memory.uint8(pieces),
    }
  }

  /** No-operations by length. */
  private patterns(): Uint8Array {
    const patterns = this.program.compute.memory.uint8((longestPadding + 1) * 64)
    for (let length = 1; length <= longestPadding; length++) this.arch.padCode(patterns, length * 64, length)
    return patterns
  }

  /** Fills [from, to) of an output section. The pattern starts anew at `from`, as GNU ld's does. */
  fill(base: number, from: number, to: number, pattern: Uint8Array | undefined, isCode: boolean): void {
    if (to <= from) return
    const { image } = this
    if (pattern === undefined || pattern.length === 0) {
      if (isCode) this.arch.padCode(image, base + from, to - from)
      return
    }
    if (pattern.length === 1) {
      image.fill(pattern[0]!, base + from, base + to)
      return
    }
    for (let at = from, i = 0; at < to; at++) {
      image[base + at] = pattern[i]!
      if (++i === pattern.length) i = 0
    }
  }
}
