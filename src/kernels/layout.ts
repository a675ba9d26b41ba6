/**
 * Addresses of what comes by the hundred thousand: offsets of input sections in their output section, the columns that the
 * writer reads, values of the symbols of objects.
 */
import { ContentKind, SymbolHome } from '../engine/records/placement.ts'
import { SectionState, SymbolState } from '../engine/records/tables.ts'
import type { F64, I32 } from './types.ts'

/** rows that one call or piece does at most: long calls stay in slow code */
export const layoutRows = 8192

export interface InputRun {
  /** by section id */
  readonly align: Uint32Array
  readonly state: Uint8Array
  readonly size: Float64Array
  readonly offset: Float64Array
  /** one element: offset behind the last section placed */
  readonly end: Float64Array
  /** one element: the largest alignment seen, raised by every call */
  readonly largest: Uint32Array
}

/**
 * Gives the sections `ids[from]` to `ids[to - 1]` offsets, one behind the other, from `start` on.
 * @param low the output section's address modulo 2^32
 * @param subalign bytes, a power of two that takes the place of every section's alignment; 0: none
 */
export function placeInputRun(
  run: InputRun,
  ids: Int32Array,
  from: I32,
  to: I32,
  start: F64,
  low: F64,
  subalign: F64,
): void {
  const { align: aligns, state, size, offset, end, largest } = run
  let at = start
  let most = largest[0]!
  for (let i = from; i < to; i++) {
    const id = ids[i]!
    const bytes = size[id]!
    // An empty section of the linker's own makes no gap.
    const moves = bytes !== 0 || (state[id]! & SectionState.Synthetic) === 0
    if (subalign > 0) {
      if (moves) at = Math.floor((low + at + subalign - 1) / subalign) * subalign - low
    } else {
      const align = aligns[id]!
      if (align > most) most = align
      if (moves) {
        const mask = (align - 1) | 0
        const past = ((low + at) >>> 0) & mask
        if (past !== 0) at += (align as F64) - (past as F64)
      }
    }
    offset[id] = at
    at += bytes
  }
  end[0] = at
  largest[0] = most
}

export interface SectionPlaces {
  /** sections */
  readonly count: I32
  /** by section id: index of the placed output section, or -1 */
  readonly placedIn: Int32Array
  readonly offset: Float64Array
  /** by placed output section: its address, its index among those that are written */
  readonly base: Float64Array
  readonly indexOf: Int32Array
  /** by section id; results */
  readonly outputOf: Int32Array
  readonly address: Float64Array
}

/** Output section and address of the sections of a piece. */
export function locateSections(places: SectionPlaces, piece: I32): void {
  const { count, placedIn, offset, base, indexOf, outputOf, address } = places
  const first = piece * layoutRows
  const end = Math.min(count, first + layoutRows)
  for (let id = first; id < end; id++) {
    const output = placedIn[id]!
    if (output < 0) {
      outputOf[id] = -1
      continue
    }
    outputOf[id] = indexOf[output]!
    address[id] = base[output]! + offset[id]!
  }
}

export interface SymbolPlaces {
  /** symbols */
  readonly count: I32
  /** by symbol id */
  readonly state: Uint8Array
  readonly section: Int32Array
  readonly value: Float64Array
  /** ContentKind by section id */
  readonly kind: Uint8Array
  readonly placedIn: Int32Array
  readonly offset: Float64Array
  /** by placed output section */
  readonly base: Float64Array
  readonly indexOf: Int32Array
  /** some absolute symbol has a value that no double holds */
  readonly hasWide: boolean
  /** by symbol id; results */
  readonly address: Float64Array
  readonly home: Int32Array
  /** symbols the caller has to place, those of a piece from its first symbol on */
  readonly left: Int32Array
  /** by piece: how many there are */
  readonly leftCount: Int32Array
}

/**
 * Addresses of the symbols of objects of a piece. Those whose section was edited or left out, or that may have a wide
 * value, are left to the caller.
 */
export function placeSymbols(places: SymbolPlaces, piece: I32): void {
  const { count, state, section: sections, value, kind: kinds, placedIn, offset, base, indexOf } = places
  const { hasWide, address, home, left, leftCount } = places
  const first = piece * layoutRows
  const end = Math.min(count, first + layoutRows)
  let leftEnd = first
  for (let id = first; id < end; id++) {
    if (state[id]! !== SymbolState.Defined) continue
    const section = sections[id]!
    if (section < 0) {
      if (hasWide) {
        left[leftEnd] = id
        leftEnd++
        continue
      }
      address[id] = value[id]!
      home[id] = SymbolHome.Absolute
      continue
    }
    const kind = kinds[section]!
    if (
      kind === ContentKind.Merged ||
      kind === ContentKind.EhFrame ||
      kind === ContentKind.Shortened ||
      kind === ContentKind.FunctionTable
    ) {
      left[leftEnd] = id
      leftEnd++
      continue
    }
    const output = placedIn[section]!
    if (output < 0) continue
    const index = indexOf[output]!
    if (index < 0) {
      left[leftEnd] = id
      leftEnd++
      continue
    }
    address[id] = base[output]! + offset[section]! + value[id]!
    home[id] = index
  }
  leftCount[piece] = leftEnd - first
}

export interface NamedSections {
  /** by section id */
  readonly name: Int32Array
  readonly file: Int32Array
  readonly wanted: I32
  /** by file id: its first section of that name; 0: none */
  readonly found: Int32Array
}

/** Looks for the name among the sections `from` to `to - 1`. */
export function findNamed(named: NamedSections, from: I32, to: I32): void {
  const { name, file, wanted, found } = named
  for (let id = from; id < to; id++) {
    if (name[id]! !== wanted) continue
    const owner = file[id]!
    if (found[owner]! === 0) found[owner] = id
  }
}

/** Has one of the sections `from` to `to - 1` the mark, a size, and an output section that counts? */
export function hasMarked(
  marks: Uint8Array,
  mark: I32,
  size: Float64Array,
  outputOf: Int32Array,
  mayCount: Uint8Array,
  from: I32,
  to: I32,
): boolean {
  for (let id = from; id < to; id++) {
    if ((marks[id]! & mark) === 0 || size[id]! === 0) continue
    const output = outputOf[id]!
    if (output >= 0 && mayCount[output]! === 1) return true
  }
  return false
}
