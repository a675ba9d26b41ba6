/** What the relocations ask the linker to make. Result of scan-relocations. */
import type { PltShape, StubShape } from '../../target/target.ts'
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
  /** address of a symbol that the loader finds */
  Import: 4,
  /** number of the module that holds the thread-local symbol; its offset there follows in the next word */
  Module: 5,
  /** offset in the module's thread-local block */
  ModuleOffset: 6,
  /** number of this module; the next word is zero */
  OwnModule: 7,
  Zero: 8,
  /** TLS descriptor: two words that the loader fills */
  Descriptor: 9,
  DescriptorEnd: 10,
  /** address of .dynamic; 0 without one */
  Dynamic: 11,
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
  /** their shape, which depends on the kind of output */
  readonly stubShape: StubShape
  /** places of data that the start-up code fills with the address of an indirect function */
  readonly indirectPlaces: readonly IndirectPlace[]
  /** the same places by section, for the relocation loop: `section * 2^32 + offset` */
  readonly indirectAt: ReadonlySet<number>
  /** first of two slots in .got (module, offset) by thread-local symbol */
  readonly pairOf: ReadonlyMap<SymbolKey, number>
  /** first of two slots in .got that are a TLS descriptor */
  readonly descriptorOf: ReadonlyMap<SymbolKey, number>
  /** first of the two slots for this module itself, -1: none */
  readonly ownModule: number
  /** what an output with a dynamic section needs besides; undefined: it has none */
  readonly dynamic: DynamicNeeds | undefined
  /** bits of OutputTrait that relaxation is chosen by */
  readonly traits: number
}

/** How an address-sized word that refers to a symbol comes to its value; by symbol id. */
export const WordKind = {
  /** now */
  Fixed: 0,
  /** the loader adds where it put the output */
  Relative: 1,
  /** the loader looks the symbol up */
  Symbolic: 2,
} as const

/** Stubs of the PLT, copied variables, and how many relocations the loader gets. */
export interface DynamicNeeds {
  /** shape of the stubs, which the inputs' properties decide */
  readonly plt: PltShape
  /** global symbol ids in the order of .plt */
  readonly stubs: readonly number[]
  /** bytes from the start of .plt to each entry, then to its end, when some have prefixes; undefined: none has */
  readonly entryAt: Float64Array | undefined
  /** those whose stub is in .plt.got: it jumps through the symbol's word in .got */
  readonly directStubs: readonly number[]
  /** by symbol id: index in `stubs`, or directStub + index in `directStubs`; -1: none */
  readonly stubOf: Int32Array
  /** 1 by symbol id: the stub is the symbol's address for the whole program */
  readonly canonical: Uint8Array
  /** WordKind by symbol id */
  readonly wordKind: Uint8Array
  /** ids of the variables to copy; several may be names of one */
  readonly copies: readonly number[]
  /** some of them only add where the output was put */
  readonly hasRelative: boolean
  /** rows of .rela.dyn, without those for copies */
  readonly relocations: number
  /** rows of .rela.plt */
  readonly stubRelocations: number
  /** a word of .got holds an offset from the thread pointer although this is no program (DF_STATIC_TLS) */
  readonly staticThreadModel: boolean
  /** the loader may have to write to read-only sections */
  readonly mayWriteText: boolean
  /** by symbol id: when a relocation first named the import, those of code before all others; 0: none did. Absent unless the plan orders by use */
  readonly firstUse?: Float64Array
}

/** Bytes from the start of .plt to the entry of a stub; of the number of stubs: to the end. */
export function stubOffset({ plt, entryAt }: DynamicNeeds, stub: number): number {
  return entryAt === undefined ? plt.headerSize + stub * plt.entrySize : entryAt[stub]!
}

/** Has the stub a prefix? */
export function hasPrefix({ plt, entryAt }: DynamicNeeds, stub: number): boolean {
  if (entryAt === undefined) return false
  return entryAt[stub]! > (stub === 0 ? plt.headerSize : entryAt[stub - 1]! + plt.entrySize)
}

/** Where indices in `directStubs` begin in DynamicNeeds.stubOf. */
export const directStub = 0x4000_0000

export interface IndirectPlace {
  readonly section: number
  readonly offset: number
  readonly symbol: SymbolKey
  readonly addend: number
}
