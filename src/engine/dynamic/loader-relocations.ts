/**
 * Relocations that the loader carries out: collected while sections are relocated, then sorted and written.
 *
 * Order in .rela.dyn, as GNU ld's -z combreloc: RELATIVE ones by address, so that the loader runs through them without
 * looking at symbols (DT_RELACOUNT); those with symbols; those that call resolvers of indirect functions last, when
 * everything that a resolver may read is in place. A plan may ask for the order in which they were met instead, those of the
 * GOT first.
 */
import type { Arch } from '../../target/target.ts'

export class LoaderRelocations {
  /** number of RELATIVE rows */
  relative = 0
  /** names of read-only output sections that the loader has to write to */
  readonly textSections = new Set<string>()
  private readonly arch: Arch
  private readonly capacity: number
  private count = 0
  private readonly types: Uint32Array
  private readonly symbols: Uint32Array
  private readonly places: Float64Array
  private readonly addends: Float64Array
  /** 1: the place is a word of the GOT */
  private readonly isSlot: Uint8Array

  /** @param capacity rows that .rela.dyn has room for */
  constructor(arch: Arch, capacity: number) {
    this.arch = arch
    this.capacity = capacity
    this.types = new Uint32Array(capacity)
    this.symbols = new Uint32Array(capacity)
    this.places = new Float64Array(capacity)
    this.addends = new Float64Array(capacity)
    this.isSlot = new Uint8Array(capacity)
  }

  /**
   * @param symbol index in .dynsym, 0: none
   * @param place address, signed double
   * @param isSlot the place is a word of the GOT
   */
  add(type: number, symbol: number, place: number, addend: number, isSlot = false): void {
    if (this.count >= this.capacity) throw new Error(`.rela.dyn has room for ${this.capacity} relocations only`)
    const row = this.count++
    this.types[row] = type
    this.symbols[row] = symbol
    this.places[row] = place
    this.addends[row] = addend
    this.isSlot[row] = isSlot ? 1 : 0
    if (type === this.arch.wellKnown.relative) this.relative++
  }

  /** Writes all rows at `at`; rows that were not used in the end have the type that does nothing. */
  write(image: Uint8Array, at: number, order: 'sorted' | 'as-added' | 'slots-first'): void {
    const { types, places, count, arch } = this
    const { relative, irelative, copy } = arch.wellKnown
    const rowOrder = new Uint32Array(count)
    for (let row = 0; row < count; row++) rowOrder[row] = row
    const rank = (type: number): number => (type === relative ? 0 : type === irelative ? 3 : type === copy ? 2 : 1)
    if (order === 'sorted')
      rowOrder.sort((a, b) => rank(types[a]!) - rank(types[b]!) || places[a]! - places[b]! || a - b)
    if (order === 'slots-first') rowOrder.sort((a, b) => this.isSlot[b]! - this.isSlot[a]! || a - b)
    const view = new DataView(image.buffer, image.byteOffset, image.byteLength)
    const little = arch.littleEndian
    const hasAddends = arch.relocationForm === 'rela'
    for (let i = 0; i < count; i++) {
      const row = rowOrder[i]!
      if (arch.bits === 32) {
        view.setInt32(at, places[row]! | 0, little)
        view.setUint32(at + 4, ((this.symbols[row]! << 8) | types[row]!) >>> 0, little)
        at += 8
        if (hasAddends) {
          view.setInt32(at, this.addends[row]! | 0, little)
          at += 4
        }
        continue
      }
      setWord(view, at, places[row]!, little)
      view.setUint32(at + (little ? 8 : 12), types[row]!, little)
      view.setUint32(at + (little ? 12 : 8), this.symbols[row]!, little)
      setWord(view, at + 16, this.addends[row]!, little)
      at += 24
    }
  }
}

/** A signed double as 64 bits. */
export function setWord(view: DataView, at: number, value: number, little: boolean): void {
  view.setInt32(little ? at : at + 4, value | 0, little)
  view.setInt32(little ? at + 4 : at, Math.floor(value / 0x1_0000_0000), little)
}
