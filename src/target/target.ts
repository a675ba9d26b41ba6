/**
 * What the engine knows of an architecture. One folder in target/arch per architecture, one line in target/arch/index.ts.
 *
 * Computing is portable, encoding is the architecture's: a relocation is a row that names *what* number goes into the
 * place (a Formula) and *how* it is written (a Field). Rewriting of instructions belongs to the architecture alone.
 */

import type { AttributeRules } from './attributes.ts'
import type {
  ByteRewrite,
  ErratumShape,
  FunctionTableShape,
  SequenceRewrite,
  Shortening,
  VeneerShape,
} from './code-changes.ts'

/**
 * What a relocation computes. Letters as in the ABI supplements: S symbol, A addend, P place, G offset of the symbol's
 * GOT slot in the GOT, GOT address of the GOT, L address of the symbol's PLT stub (or S where no stub is needed), Z size
 * of the symbol, TP thread pointer, DTP start of the module's TLS block.
 */
export type Formula =
  | 'none'
  | 'S+A'
  | 'S+A-P'
  | 'L+A-P'
  | 'L+A-GOT'
  | 'S+A-GOT'
  | 'GOT+A-P'
  | 'GOT+A'
  | 'G+A'
  | 'GOT+G+A-P'
  | 'Z+A'
  | 'S+A-TP'
  | 'S+A-DTP'
  | 'tls-module'
  /** pair of GOT words (module, offset) of the symbol, of the module, or TLS descriptor; word that holds S-TP */
  | 'GOT+tls-gd+A-P'
  | 'GOT+tls-ld+A-P'
  | 'GOT+tls-desc+A-P'
  | 'GOT+tls-ie+A-P'
  /** the same words by address, and counted from GOT */
  | 'GOT+G+A'
  | 'GOT+tls-gd+A'
  | 'GOT+tls-ld+A'
  | 'GOT+tls-desc+A'
  | 'GOT+tls-ie+A'
  | 'tls-gd+A'
  | 'tls-ld+A'
  | 'tls-desc+A'
  | 'tls-ie+A'
  | 'TP-S+A'
  /** offset of the own TLS block from the thread pointer */
  | 'DTP-TP+A'
  /** S is the place of another relocation (`opens` a pair): the number that this other one computes */
  | 'pair'
  /** the S + A of that other relocation, and its distance to the symbol that code counts from (Shortening.pointerSymbol) */
  | 'pair:S+A'
  | 'pair:S+A-pointer'
  | 'S+A-pointer'
  /** S+A, one half of a difference that two relocations make at one place: it does not move with the output */
  | 'difference'
  /** marks an instruction for relaxation; no bytes of its own */
  | 'mark'
  /** only the dynamic loader understands it: not allowed in an input */
  | 'loader'

/**
 * How the number is stored: plain words of the architecture's byte order, or inside an instruction (or added to what is
 * there), as the architecture's InstructionFields do it: `codec` (1 .. 255) tells them which.
 */
export type Field =
  | 'none'
  | 'word8'
  | 'word16'
  | 'word32'
  | 'word64'
  | { readonly codec: number; readonly bytes: number }

/** Which numbers fit. `either`: as signed or as unsigned (GNU's bitfield rule). */
export type RangeCheck = 'none' | 'signed' | 'unsigned' | 'either'

/** One row of an architecture's relocation table. */
export interface RelocationKind {
  readonly type: number
  readonly name: string
  readonly formula: Formula
  readonly field: Field
  readonly check: RangeCheck
  /** the architecture may rewrite the instruction around the place: `relax` is asked */
  readonly relax?: boolean
  /**
   * The number is counted in pages: page(X) - page(P), where X is the formula without its -P; of G+A: GOT+G+A - page(GOT).
   * Bytes of a page, a power of two.
   */
  readonly page?: number
  /** the field holds bits of an address that do not change wherever the output is loaded: those below a page */
  readonly keepsAnywhere?: boolean
  /** relocations of formula `pair` refer to this one by its place */
  readonly opens?: boolean
  /** REL form: the field holds the upper half of the addend, that of the next relocation of this type the signed lower half */
  readonly lowerHalfIn?: number
  /** a second name of WellKnownRelocations.word: an address-sized word that the loader can complete */
  readonly word?: boolean
}

/** Numbers in instructions. Called once per relocation: no objects, no strings. */
export interface InstructionFields {
  /** REL form: the addend that stands in the field at `at` */
  read(codec: number, view: DataView, at: number): number
  /**
   * Puts `value` into the field at `at`; may rewrite the instruction (BL to BLX). False: it does not fit or is misaligned.
   * @param place address of the field
   */
  write(codec: number, view: DataView, at: number, value: number, place: number): boolean
  /** for messages: which numbers fit, '-0x100 .. 0xff, multiples of 4' */
  limit?(codec: number): string
  /** Does a distance from the place fit? Asked again by the partners of a pair. Absent: `write` says it all. */
  reaches?(codec: number, distance: number): boolean
  /** A distance that does not fit, in an output that does not move: may count from 0 instead. False: that does not fit either. */
  writeAddress?(codec: number, view: DataView, at: number, address: number): boolean
}

/** Codes of formulas, fields and checks in columns: the hot loops switch on these. */
export const formulaCodes = {
  none: 0,
  'S+A': 1,
  'S+A-P': 2,
  'L+A-P': 3,
  'L+A-GOT': 4,
  'S+A-GOT': 5,
  'GOT+A-P': 6,
  'GOT+A': 7,
  'G+A': 8,
  'GOT+G+A-P': 9,
  'Z+A': 10,
  'S+A-TP': 11,
  'S+A-DTP': 12,
  'tls-module': 13,
  'GOT+tls-gd+A-P': 14,
  'GOT+tls-ld+A-P': 15,
  'GOT+tls-desc+A-P': 16,
  'GOT+tls-ie+A-P': 17,
  'GOT+G+A': 18,
  'GOT+tls-gd+A': 19,
  'GOT+tls-ld+A': 20,
  'GOT+tls-desc+A': 21,
  'GOT+tls-ie+A': 22,
  'tls-gd+A': 23,
  'tls-ld+A': 24,
  'tls-desc+A': 25,
  'tls-ie+A': 26,
  'TP-S+A': 27,
  pair: 28,
  difference: 29,
  'pair:S+A': 30,
  'pair:S+A-pointer': 31,
  'S+A-pointer': 32,
  'DTP-TP+A': 33,
  mark: 34,
  loader: 35,
  /** type number that the table does not have */
  unknown: 255,
} as const satisfies Readonly<Record<Formula | 'unknown', number>>

const fieldBytes = { none: 0, word8: 1, word16: 2, word32: 4, word64: 8 } as const satisfies Readonly<
  Record<Extract<Field, string>, number>
>

export const checkCodes = { none: 0, signed: 1, unsigned: 2, either: 3 } as const satisfies Readonly<
  Record<RangeCheck, number>
>

/** The relocation table as columns by type number, 0 to the highest one (at least 255). */
export interface RelocationColumns {
  readonly formula: Uint8Array
  /** bytes of the field */
  readonly bytes: Uint8Array
  readonly check: Uint8Array
  readonly relax: Uint8Array
  /** 0: a plain word */
  readonly codec: Uint8Array
  /** log2 of the page; 0: not counted in pages */
  readonly page: Uint8Array
  readonly keepsAnywhere: Uint8Array
  readonly opens: Uint8Array
  readonly word: Uint8Array
  /** type number of lowerHalfIn; 0: none */
  readonly lowerHalfIn: Uint8Array
}

export function relocationColumns(rows: readonly RelocationKind[]): RelocationColumns {
  const length = rows.reduce((most, row) => Math.max(most, row.type + 1), 256)
  const columns = {
    formula: new Uint8Array(length).fill(formulaCodes.unknown),
    bytes: new Uint8Array(length),
    check: new Uint8Array(length),
    relax: new Uint8Array(length),
    codec: new Uint8Array(length),
    page: new Uint8Array(length),
    keepsAnywhere: new Uint8Array(length),
    opens: new Uint8Array(length),
    word: new Uint8Array(length),
    lowerHalfIn: new Uint8Array(length),
  }
  for (const row of rows) {
    columns.formula[row.type] = formulaCodes[row.formula]
    columns.bytes[row.type] = typeof row.field === 'string' ? fieldBytes[row.field] : row.field.bytes
    columns.check[row.type] = checkCodes[row.check]
    columns.relax[row.type] = row.relax === true ? 1 : 0
    columns.codec[row.type] = typeof row.field === 'string' ? 0 : row.field.codec
    columns.page[row.type] = row.page === undefined ? 0 : Math.log2(row.page)
    columns.keepsAnywhere[row.type] = row.keepsAnywhere === true ? 1 : 0
    columns.opens[row.type] = row.opens === true ? 1 : 0
    columns.word[row.type] = row.word === true ? 1 : 0
    columns.lowerHalfIn[row.type] = row.lowerHalfIn ?? 0
  }
  return columns
}

/** Facts about the symbol of a relocation that decide about relaxation; bits. */
export const TargetFact = {
  /** its address is known when linking: defined in this output, not replaceable, not an IFUNC */
  Local: 1,
  Ifunc: 2,
  Tls: 4,
  /** weak, and nobody defines it: its address is 0 */
  UndefinedWeak: 8,
  /** a number that does not move with the image */
  Absolute: 16,
  /** may be out of reach of 32 bits: in a section of the large code model, or an absolute number beyond 2^31 */
  Large: 32,
  /** STT_FUNC */
  Function: 64,
} as const

/** What kind of output is made; decides which TLS model is possible and whether absolute addresses may be encoded. */
export const OutputTrait = {
  /** position-dependent: absolute addresses are known and below 2^31 */
  Fixed: 1,
  /** the program itself, not a shared object: its TLS block has a fixed distance to the thread pointer */
  Executable: 2,
  /** --no-relax: GOT accesses stay as they are; TLS sequences are still rewritten */
  KeepGot: 4,
  // Bits from 0x100 on are the architecture's own: what AttributeRules.traits reads from the joined attributes.
} as const

/** Rewriting of instructions; the same choice is made when scanning (on input bytes) and when relocating (on the image). */
export interface Relaxation {
  /**
   * Chooses a rewrite: an index in the columns below. 0: leave the instruction as it is; `refused`: the instruction is
   * not one of the forms that the ABI allows with this relocation, and the output cannot do without a rewrite.
   * @param type relocation type
   * @param code bytes that hold the section; `at` is the place in them, `start` and `end` bound the section
   * @param facts bits of TargetFact
   * @param traits bits of OutputTrait
   * @param addend of the relocation
   * @param nextType type of the following relocation of the section, -1: none
   * @param nextDistance place of the following relocation minus this one
   */
  choose(
    type: number,
    code: Uint8Array,
    at: number,
    start: number,
    end: number,
    facts: number,
    traits: number,
    addend: number,
    nextType: number,
    nextDistance: number,
  ): number
  /** rewrites the instruction bytes around `at`; the value is written by the caller at `at` + shift */
  rewrite(rewrite: number, code: Uint8Array, at: number): void
  /**
   * Relocation types that leave nothing to be made in an output with these traits where all that is known of the symbol is
   * TargetFact.Local, perhaps with Tls and Function: `choose` refuses or takes a rewrite whose formula needs no GOT.
   */
  settles?(traits: number): readonly number[]
  /** in the code of a program, offsets in the own TLS block count from the thread pointer: local-dynamic became local-exec */
  readonly relaxesLocalDynamic?: boolean
  /** number that `choose` returns for an instruction that must be rewritten and cannot */
  readonly refused: number
  /** by rewrite: formula code of the new value; `none` writes nothing */
  readonly formula: Uint8Array
  /** by rewrite: check code of the new value, which has 32 bits */
  readonly check: Uint8Array
  /** by rewrite: bytes from the relocation's place to the new field */
  readonly shift: Int8Array
  /** by rewrite: what is added to the addend */
  readonly bias: Int8Array
  /** by rewrite: codec of the new field; absent or 0: a plain word of 32 bits */
  readonly codec?: Uint8Array
  /** by rewrite: log2 of the page that the new value is counted in; absent or 0: it is not */
  readonly page?: Uint8Array
  /** by rewrite: bytes of the new field; absent: 4 */
  readonly bytes?: Uint8Array
  /** by rewrite: 1: the following relocation belongs to the rewritten sequence and is not applied */
  readonly swallows: Uint8Array
}

/** Shape of the linker's stubs for indirect functions and calls through the PLT. */
export interface StubShape {
  /** bytes of one .iplt entry */
  readonly indirectSize: number
  /** offset in the entry that its GOT slot holds until the start-up code has resolved it */
  readonly indirectResume: number
  /** alignment of .iplt, bytes; absent: 8 */
  readonly indirectAlign?: number
  /** relocations of the slots stand in the order of the slots; absent: from the last one to the first, as on x86 */
  readonly ascending?: boolean
  /**
   * Writes an .iplt entry at `at` (address `place`) that jumps through the GOT slot at address `slot`; false: out of reach.
   * @param gotPlt address of the GOT as relocations count it, for stubs that count from it
   */
  writeIndirect(out: Uint8Array, at: number, place: number, slot: number, gotPlt: number): boolean
}

/**
 * The procedure linkage table: stubs that reach functions of other objects. Lazy binding: the slot of a stub first leads
 * back into the stub, which names itself to the loader through the header.
 * Functions that write return false when the distance does not fit.
 */
export interface PltShape {
  /** bytes of the header and of an entry of .plt */
  readonly headerSize: number
  readonly entrySize: number
  /** alignment of .plt, bytes */
  readonly align: number
  /** bytes of an entry of .plt.got */
  readonly directSize: number
  /** offset in an entry that its slot holds at first */
  readonly resume: number
  /** symbols that say which kind of code starts at an offset of the header, at an entry, at a prefix */
  readonly marks?: {
    readonly header: readonly (readonly [offset: number, name: string])[]
    readonly entry: string
    readonly prefix: string
  }
  /** sh_entsize of .plt where it is not the size of an entry */
  readonly shownEntrySize?: number
  /** the slot holds the address of the header at first instead */
  readonly resumesInHeader?: boolean
  /** there is no .plt.got: each stub has its own slot in .got.plt */
  readonly lazyOnly?: boolean
  /** entries of .dynamic (value 0) that tell the loader about this shape */
  readonly tags?: readonly number[]
  /**
   * Code in front of an entry that branches of these relocation types enter it by (ARM: Thumb branches that cannot change
   * to ARM code). Only entries that such a branch leads to have it.
   */
  readonly prefix?: {
    readonly size: number
    /** 1 by relocation type */
    readonly types: Uint8Array
    /** what is added to its address in a branch */
    readonly entryBits: number
    write(out: Uint8Array, at: number): void
  }
  writeHeader(out: Uint8Array, at: number, place: number, gotPlt: number): boolean
  /** @param gotPlt address of .got.plt, for stubs that count from it */
  writeEntry(
    out: Uint8Array,
    at: number,
    place: number,
    slot: number,
    index: number,
    header: number,
    gotPlt: number,
  ): boolean
  writeDirect(out: Uint8Array, at: number, place: number, slot: number, gotPlt: number): boolean
  /** calls go to entries of .plt.sec, and those of .plt only name themselves to the loader; absent: there is no .plt.sec */
  readonly second?: {
    readonly entrySize: number
    write(out: Uint8Array, at: number, place: number, slot: number, gotPlt: number): boolean
  }
}

/** Type numbers that the engine has to name. */
export interface WellKnownRelocations {
  readonly none: number
  /** absolute word of address size */
  readonly word: number
  /** distance of address size that the loader can complete, in a shared object whose code was compiled for a fixed place */
  readonly distance?: number
  readonly relative: number
  readonly globDat: number
  readonly jumpSlot: number
  readonly copy: number
  readonly irelative: number
  readonly tlsModule: number
  readonly tlsOffset: number
  readonly tlsThread: number
  readonly tlsDescriptor: number
}

/** Words of -z that ask for a PLT of their own on some architecture (Arch.keywordPlt), and have no effect on others. */
export const pltKeywords: readonly string[] = ['pac-plt']

/** Architecture-specific rows of .note.gnu.property: how the words of several inputs are joined. */
export interface PropertyRule {
  readonly type: number
  readonly name: string
  /** `and`: kept bits are in every input (absent is 0); `or`: in any; `or-if-all`: joined, dropped when an input has none */
  readonly join: 'and' | 'or' | 'or-if-all'
}

export interface Arch {
  readonly functionTable?: FunctionTableShape
  readonly veneers?: VeneerShape
  /** the same architecture where a platform means something else by one of its relocations, by the words of an option */
  readonly variants?: Readonly<Record<string, Arch>>
  readonly errata?: readonly ErratumShape[]
  /** build attributes of the inputs, joined into one section; absent: there are none */
  readonly attributes?: AttributeRules
  /** 'x86-64' */
  readonly id: string
  /** e_machine */
  readonly machine: number
  readonly bits: 32 | 64
  readonly littleEndian: boolean
  readonly relocationForm: 'rel' | 'rela'
  /** r_info of 64 bits begins with the symbol, and the type is its last byte (MIPS64, little-endian) */
  readonly symbolFirst?: boolean
  /** stubs are not known: outputs with a dynamic section are refused */
  readonly staticOnly?: boolean
  /** defaults of CONSTANT(MAXPAGESIZE) and CONSTANT(COMMONPAGESIZE), bytes */
  readonly maxPageSize: number
  readonly commonPageSize: number
  /** Fills `length` bytes at `at` between pieces of code. */
  padCode(out: Uint8Array, at: number, length: number): void
  /** the table; unknown type numbers are reported by name of the architecture */
  readonly relocations: ReadonlyMap<number, RelocationKind>
  readonly relocationColumns: RelocationColumns
  readonly wellKnown: WellKnownRelocations
  /** types of relocations that GNU ld makes a table for, empty in a program without loader; absent: none */
  readonly tabledRelocations?: readonly number[]
  /** present when a row of the table has a field with a codec */
  readonly fields?: InstructionFields
  readonly relaxation?: Relaxation
  /** the frequent ones among the rewrites of `relaxation`; @param traits bits of OutputTrait */
  byteRewrites?(traits: number): readonly ByteRewrite[]
  /** the frequent ones for thread-local symbols */
  sequenceRewrites?(traits: number): readonly SequenceRewrite[]
  readonly shortening?: Shortening
  readonly stubs: StubShape
  /** taken in an output that may be loaded anywhere; absent: `stubs` serve there too */
  readonly positionIndependentStubs?: StubShape
  readonly plt: PltShape
  /** taken in an output that may be loaded anywhere; absent: `plt` serves there too */
  readonly positionIndependentPlt?: PltShape
  /** taken instead when the joined property `type` of the inputs has this bit */
  readonly markedPlt?: {
    readonly property: number
    readonly bit: number
    readonly shape: PltShape
    readonly positionIndependent?: PltShape
    /** in a shared object; absent: as in a program */
    readonly shared?: PltShape
    /** of indirect functions; absent: as without the bit */
    readonly stubs?: StubShape
  }
  /** taken instead when -z has this word; `marked` and `markedShared` where `markedPlt` would be */
  readonly keywordPlt?: {
    readonly word: string
    readonly shape: PltShape
    readonly marked: PltShape
    readonly markedShared: PltShape
  }
  /**
   * Bits of st_other (beside the visibility) of functions that keep to another calling convention: any reference or
   * definition may have them. A stub for such a function puts the entry `tag` (value 0) into .dynamic.
   */
  readonly variantCalls?: { readonly mask: number; readonly tag: number }
  /** program interpreter when none is named, as GNU ld has it */
  readonly interpreter: string
  /** words in .got.plt that belong to the dynamic loader */
  readonly gotHeaderWords: number
  /** what the first word of .got.plt holds where the address of .dynamic is not there; absent: 0 */
  readonly gotPltStart?: number
  /** words in front of the slots of .got, the first of which holds the address of .dynamic; GOT is then .got; absent: 0 */
  readonly gotStartWords?: number
  /** where the thread pointer stands: at the end of the TLS block (x86) or in front of it by this many bytes */
  readonly threadPointer: { readonly at: 'end' } | { readonly at: 'start'; readonly gap: number }
  /** what is taken off offsets in a module's TLS block (RISC-V: 0x800); absent: 0 */
  readonly threadOffsetBias?: number
  readonly properties: readonly PropertyRule[]
  /** SHF_ bit of sections that may be out of reach of 32 bits (large code model); absent: there is none */
  readonly largeSectionFlag?: number
  /** sh_type of .eh_frame beside SHT_PROGBITS; absent: there is none */
  readonly unwindSectionType?: number
  /** objects that do not say whether they need an executable stack need none; absent: they need one */
  readonly plainStack?: boolean
  /** with a loader the relocations of the slots of .iplt stand among the others; absent: behind those of the PLT */
  readonly indirectApart?: boolean
  /** .iplt and its relocations are made only where there are indirect functions; absent: they take part, empty */
  readonly indirectOnDemand?: boolean
  /** all words of the GOT for one symbol stand together; absent: thread-local ones stand behind the addresses */
  readonly slotsBySymbol?: boolean
  /** .symtab has a symbol for each section */
  readonly sectionSymbols?: boolean
  /** temporary labels (.L) are left out of .symtab unless they are asked for: this assembler keeps all of them */
  readonly dropsTemporaryLabels?: boolean
}
