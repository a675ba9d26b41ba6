/**
 * What an architecture does to code beside relocating it: bytes that are not needed go, code between branches and what
 * they do not reach comes, sequences that a processor gets wrong are replaced, tables of functions are kept in order.
 */

/**
 * A rewrite of Relaxation that changes each of the three bytes in front of the place by itself and writes 4 bytes at the
 * place. Where the symbol is defined in the output at an address, by an object, not thread-local, not an indirect function
 * and in reach of 32 bits, `Relaxation.choose` chooses it for exactly these bytes.
 */
export interface ByteRewrite {
  /** relocation types; their own fields have 4 bytes */
  readonly types: readonly number[]
  /** index in the columns of Relaxation: formula S+A or S+A-P, no shift, no page, a plain field */
  readonly rewrite: number
  /** of the relocation */
  readonly addend: number
  /** what each byte becomes, the first one first; -1: the rewrite is not for this one */
  readonly before: readonly [Change, Change, Change]
}

/** What a byte becomes; -1: the rewrite is not for this one. */
export type Change = (byte: number) => number

/**
 * A rewrite of Relaxation that changes the bytes around a place each by itself, for a thread-local symbol that an object
 * defines in the output, and may swallow the next relocation. `Relaxation.choose` chooses it for exactly these bytes.
 */
export interface SequenceRewrite {
  readonly types: readonly number[]
  /** index in the columns of Relaxation: formula S+A-TP, no page, a plain field of 4 bytes */
  readonly rewrite: number
  /** what stands from `from` bytes behind the place on (below 0: in front of it) */
  readonly from: number
  readonly bytes: readonly Change[]
  /** of the relocation that has to follow, and how far behind the place its own is; absent: that does not matter */
  readonly next?: { readonly types: readonly number[]; readonly distance: number }
}

/** What `Shortening.choose` is asked about: one relocation. The same object every time. Addresses as signed doubles. */
export interface ShorteningSite {
  /** relocation type */
  type: number
  /** bytes that hold the section as it was read, the place in them, and where the section ends in them */
  code: Uint8Array
  at: number
  end: number
  /** e_flags of the file */
  machineFlags: number
  /** bits of TargetFact, bits of OutputTrait */
  facts: number
  traits: number
  /** address of the place and S + A (of a pair: those of the relocation that opens it) as they are now */
  place: number
  value: number
  /** value minus the thread pointer */
  threadOffset: number
  /** sh_flags of the section that the symbol is in; 0: none */
  targetFlags: number
  /** bytes by which the distance of place and value may still grow: largest alignment between them */
  slack: number
  /** address of `Shortening.pointerSymbol`; NaN: it is not defined */
  pointer: number
  /** bytes by which value may still move away from the pointer, with what is left of the object behind value */
  pointerSlack: number
  /** of a pair: the rewrite of the relocation that opens it; else 0. Asked only if both halves may be shortened */
  partner: number
  /** bytes by which any address may still grow */
  pageSlack: number
}

/**
 * Deleting bytes of code that turn out not to be needed (RISC-V: relaxation). Distances get shorter, so it is repeated
 * with new addresses until nothing changes; what has been chosen stays. Then bytes for alignment are deleted.
 */
export interface Shortening {
  /** type that marks bytes put in for an alignment: the addend says how many, which is less than the alignment */
  readonly alignment: number
  /** type that permits shortening of the relocation before it, at the same place */
  readonly permission: number
  /** symbol that code may count from */
  readonly pointerSymbol: string
  /** 0: as it is; else an index in the columns below and in those of Relaxation, which say how it is relocated */
  choose(site: ShorteningSite): number
  /** by rewrite: bytes from the place to those that are deleted, and how many they are */
  readonly cutAt: Uint8Array
  readonly cut: Uint8Array
  /** fills `length` bytes that are left for an alignment */
  align(out: Uint8Array, at: number, length: number): void
}

/**
 * Veneers: code that a branch goes through to reach its target, or to enter code of the target's kind; see
 * engine/relocate/veneers.ts.
 */
export interface VeneerShape {
  /** bytes of code in front of veneers and behind them that every branch bridges */
  readonly groupBytes: number
  /** alignment of a section of veneers, bytes */
  readonly align: number
  /** bytes; every veneer starts at a multiple of it in its section; absent: `align` */
  readonly entryAlign?: number
  /** they are not only for branches that do not reach: small programs have them too */
  readonly changesMode: boolean
  /** by relocation type: bytes from a branch to the place that its distance counts from; 0: no branch that may have a veneer */
  readonly bias: Uint8Array
  /** by relocation type: 1: a branch that may have a veneer and whose distance counts from itself */
  readonly straight?: Uint8Array
  /** by kind: bytes */
  readonly size: Uint8Array
  /** by kind: what is added to the address that a branch enters the veneer by */
  readonly entryBits: Uint8Array
  /** by kind: symbols without name of their own that say which kind of code (or data) starts at an offset; absent: none */
  readonly marks?: readonly (readonly (readonly [offset: number, name: string])[])[]
  /** what the symbol of a veneer is called after that of its target */
  name?(kind: number, target: string): string
  /**
   * Kind of the veneer that a branch needs, 0: none.
   * @param place address of the branch
   * @param destination address that it leads to
   * @param facts bits of TargetFact
   * @param traits bits of OutputTrait
   */
  choose(type: number, place: number, destination: number, facts: number, traits: number): number
  /** Writes a veneer at `at`, whose address is `place`; false: it does not reach. */
  write(kind: number, out: Uint8Array, at: number, place: number, destination: number, facts: number): boolean
}

/** A sequence of instructions that some processors carry out wrongly; see engine/relocate/errata.ts. Places are of its start. */
export interface ErratumShape {
  /** the option that asks for the change is --fix- and this */
  readonly name: string
  /** offsets in a page of 4096 bytes at which it is dangerous; absent: all multiples of 4 */
  readonly pageOffsets?: readonly number[]
  readonly veneerBytes: number
  /** Bytes from `at` to the instruction that is to be moved into a veneer; 0: no such sequence stands there. */
  find(code: DataView, at: number, end: number): number
  /** Changes the sequence where it stands, if that is enough. `place`: address of `at` */
  mend(code: DataView, at: number, place: number): boolean
  /** Moves the instruction at `at` (address `place`) into a veneer that comes back; false: out of reach. */
  move(code: DataView, at: number, place: number, veneerAt: number, veneer: number): boolean
}

/** Tables of functions that unwinders search; see engine/contents/function-tables.ts. */
export interface FunctionTableShape {
  /** name of the output section, and p_type of the segment that shows it to the unwinder */
  readonly section: string
  readonly segment: number
  /** sh_type of the input sections; they are SHF_LINK_ORDER with the code that they describe */
  readonly type: number
  readonly entryBytes: number
  /** offset in its code of the function that the entry at `at` describes */
  startsAt(view: DataView, at: number): number
  /** what an entry says of its function as a number >= 0 that can be compared; -1: it cannot */
  meaning(view: DataView, at: number): number
  /** the meaning of code that no entry describes */
  readonly nothing: number
  /** writes an entry of that meaning for the code from `address` on; its own address is `place` */
  writeEnd(out: Uint8Array, at: number, place: number, address: number): void
}
