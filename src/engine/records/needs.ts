/** What the relocations ask the linker to make. Result of scan-relocations. */
import type { SyntheticSections } from '../synthetic/declare.ts'

/**
 * A symbol as one number: a global is its id, a local of a file is negative. Locals are numbered over all files by
 * `localBase`: -1 - (localBase[file] + index).
 */
export type SymbolKey = number

/** What a word of the GOT holds. */
export const SlotKind = {
  /** address of the symbol */
  Address: 0,
  /** address of the symbol's stub in .iplt */
  Stub: 1,
  /** filled by the start-up code from an IRELATIVE relocation */
  Indirect: 2,
  /** offset from the thread pointer */
  ThreadOffset: 3,
} as const

export interface Needs {
  readonly sections: SyntheticSections
  /** by file id: number of the file's symbol 0 among all local symbols */
  readonly localBase: Float64Array
  /** slot in .got by symbol; `slots` holds the same in order */
  readonly gotOf: ReadonlyMap<SymbolKey, number>
  readonly slots: readonly { readonly symbol: SymbolKey; readonly kind: number }[]
  /** thread-offset slot in .got by symbol */
  readonly threadOf: ReadonlyMap<SymbolKey, number>
  /** number of the stub in .iplt (and of its slot in .igot.plt) by symbol of an indirect function */
  readonly stubOf: ReadonlyMap<SymbolKey, number>
  readonly stubs: readonly SymbolKey[]
  /** places of data that the start-up code fills with the address of an indirect function */
  readonly indirectPlaces: readonly IndirectPlace[]
  /** the same places by section, for the relocation loop: `section * 2^32 + offset` */
  readonly indirectAt: ReadonlySet<number>
  /** bits of OutputTrait that relaxation is chosen by */
  readonly traits: number
}

export interface IndirectPlace {
  readonly section: number
  readonly offset: number
  readonly symbol: SymbolKey
  readonly addend: number
}
