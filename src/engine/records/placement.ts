/**
 * Records of the middle stages: who claims what, what lives, what it contains, where it goes.
 */
import type { Work } from '../../kernels/compute.ts'
import type { AssertStatement, AssignStatement, OutputSectionPlan, SectionItem } from '../../plan/plan.ts'

/** Result of match-sections. Columns by section id. */
export interface Matches {
  /** plan id of the InputMatch that claims the section; Orphan, Discarded or NotContent otherwise */
  readonly rule: Int32Array
  /** bits of Mark: what rules that speak of it say, be they rules that do not claim it */
  readonly marks: Uint8Array
  /** index of the section pattern in the claiming InputMatch: it decides the sort order */
  readonly pattern: Uint16Array
  /** plan ids of output sections whose ONLY_IF_RO / ONLY_IF_RW does not hold: they are not carried out at all */
  readonly dropped: ReadonlySet<number>
  /** --enable-non-contiguous-regions: by plan id of an InputMatch, what it takes where rules before it had no room */
  readonly further?: ReadonlyMap<number, FurtherClaims>
}

export interface FurtherClaims {
  /** section ids and, at the same index, the index of the section pattern that takes each */
  readonly ids: number[]
  readonly patterns: number[]
}

/** Bits of Matches.marks. INPUT_SECTION_FLAGS does not count. */
export const Mark = {
  Keep: 1,
  /** the rule stands between DATA_SEGMENT_ALIGN and DATA_SEGMENT_RELRO_END */
  Relro: 2,
} as const

export const Claim = {
  /** no rule matches */
  Orphan: -1,
  /** claimed by /DISCARD/, or lost (COMDAT, excluded) */
  Discarded: -2,
  /** tables, null sections */
  NotContent: -3,
} as const

/** Result of collect-garbage: 1 for each section (by id) that is in the output. Without --gc-sections: all content. */
export type Live = Uint8Array

/** How the bytes of an input section are made. */
export const ContentKind = {
  /** not in the output */
  None: 0,
  /** copied from the file, then relocated */
  Copy: 1,
  NoBits: 2,
  /** SHF_MERGE: pieces that were not found elsewhere */
  Merged: 3,
  /** .eh_frame without the entries of dropped functions */
  EhFrame: 4,
  /** made by the linker */
  Synthetic: 5,
  /** copied without bytes that turned out not to be needed, then relocated */
  Shortened: 6,
  /** entries that say something new, then relocated; perhaps one more at the end */
  FunctionTable: 7,
} as const

/** Are its bytes made by Contents.write, and do they move? */
export function isEdited(kind: number): boolean {
  return (
    kind === ContentKind.Merged ||
    kind === ContentKind.EhFrame ||
    kind === ContentKind.Shortened ||
    kind === ContentKind.FunctionTable
  )
}

/** Result of the content stages (merge, eh-frame, synthetic sections): final sizes and where edited bytes went. */
export interface Contents {
  /** ContentKind by section id */
  readonly kind: Uint8Array
  /** size in the output, bytes, by section id */
  readonly size: Float64Array
  /**
   * Where byte `offset` of input section `section` went, for Merged, EhFrame and Shortened sections. Other sections: unchanged.
   * Returns false when that byte is not in the output. The result is in `movedSection` and `movedOffset`
   * (bytes from the start of that section's part of the output): two fields, so that nothing is allocated per call.
   */
  move(section: number, offset: number): boolean
  movedSection: number
  movedOffset: number
  /** Begins to write all EhFrame sections to their places in the image; relocation follows separately. */
  beginFrames(image: Uint8Array, layout: Layout): Work
  /** Writes the bytes of another edited section at `at` of `out`; relocation follows separately. */
  write(section: number, out: Uint8Array, at: number): void
}

/** Input sections that one rule put together, in their final order. */
export interface PlacedInputs {
  readonly kind: 'inputs'
  /** plan id of the InputMatch, or Claim.Orphan */
  readonly rule: number
  /** section ids */
  readonly ids: Int32Array
}

export type PlacedItem = PlacedInputs | Exclude<SectionItem, { readonly kind: 'input' }>

/** An output section before it has an address. Statements of the same name are one output section already. */
export interface PlacedOutput {
  /** index in Placement.outputs: script order */
  readonly index: number
  /** Latin-1 */
  readonly name: string
  /** the statement (the first of that name) that made it; undefined for orphans */
  readonly because?: OutputSectionPlan
  /** properties in force: those of the last statement of the name, the address of the first that has one */
  readonly plan: OutputSectionPlan
  /** an address from the command line, or 0 for an orphan that is not loaded */
  readonly fixedAddress?: bigint
  readonly items: readonly PlacedItem[]
  /** something was put in or assigned: it has a section header unless it stays empty */
  readonly created: boolean
  /** ONLY_IF_RO or ONLY_IF_RW does not hold: no inputs, no address, but what stands inside is still evaluated */
  readonly dropped?: boolean
  /** bits of Content (layout/content-flags.ts) */
  readonly content: number
  /** sh_type that its name or first input asks for; 0: by content */
  readonly type: number
  /** sh_flags bits that only some systems and processors know */
  readonly specificFlags: number
  /** sh_entsize while it is one merge section, else that of the first input */
  readonly entsize: number
  /** largest alignment of the input sections, bytes */
  readonly align: number
  /** section id of the first input, or -1 */
  readonly firstInput: number
}

export type PlacedStatement = AssignStatement | AssertStatement | { readonly kind: 'output'; readonly index: number }

/** Result of place-sections. */
export interface Placement {
  /** top-level statements in order, orphans put in */
  readonly sequence: readonly PlacedStatement[]
  readonly outputs: readonly PlacedOutput[]
  /** indices of the created outputs in the order of their section headers */
  readonly headerOrder: readonly number[]
  /** by section id: index in outputs, or -1 */
  readonly outputOf: Int32Array
  /** Matches.marks */
  readonly marks: Uint8Array
}

/** An output section with its address: what the writer, the map and the symbol table read. */
export interface PlacedSection {
  /** index in Layout.outputs; section header index is this + 1 */
  readonly index: number
  /** Latin-1 */
  readonly name: string
  /** the plan statement that made it; undefined for orphans and tables the writer adds */
  readonly because?: OutputSectionPlan
  /** sh_type, sh_flags (low 32 bits), sh_entsize, sh_addralign as they will be shown */
  readonly type: number
  readonly flags: number
  readonly entsize: number
  readonly align: number
  /** names of the sections for sh_link and sh_info; numbers are put in as they are */
  readonly link?: string | number
  readonly info?: string | number
  readonly address: bigint
  readonly loadAddress: bigint
  /** bytes */
  readonly size: number
  readonly fileOffset: number
  /** contents in order of offset */
  readonly parts: readonly Part[]
  /** pattern for gaps before the first FILL, and behind the last part; undefined: zeros, or no-ops in code */
  readonly fill?: Uint8Array
}

export type Part =
  /** input sections in order; offsets are in Layout.offsetOf */
  | { readonly kind: 'sections'; readonly rule: number; readonly ids: Int32Array; readonly fill?: Uint8Array }
  | {
      readonly kind: 'bytes'
      readonly statement: number
      readonly offset: number
      readonly bytes: Uint8Array
      readonly fill?: Uint8Array
    }
  /** assignment: no bytes, shown in the map */
  | {
      readonly kind: 'assign'
      readonly statement: AssignStatement | AssertStatement
      readonly offset: number
      readonly value: bigint
    }
  /** `. = x` inside a section: a gap filled with `fill` */
  | { readonly kind: 'gap'; readonly offset: number; readonly size: number; readonly fill?: Uint8Array }

export interface PlacedSegment {
  readonly name: string
  readonly type: number
  readonly flags: number
  readonly fileOffset: number
  readonly address: bigint
  readonly loadAddress: bigint
  readonly fileSize: number
  readonly memorySize: number
  readonly align: number
  /** indices in Layout.outputs */
  readonly sections: readonly number[]
  readonly fileHeader: boolean
  readonly programHeaders: boolean
}

/** Result of the fixpoint: every address. */
export interface Layout {
  readonly outputs: readonly PlacedSection[]
  /** output sections that were left out because they are empty; `index` is -1: for the map */
  readonly vanished?: readonly PlacedSection[]
  readonly segments: readonly PlacedSegment[]
  /** by input section id: index in outputs, or -1 */
  readonly outputOf: Int32Array
  /** by input section id: offset in its output section, bytes */
  readonly offsetOf: Float64Array
  /** by input section id: address as signed double (see tables.ts); 0 where there is none */
  readonly addressOf: Float64Array
  /** by global symbol id: final st_value as signed double */
  readonly symbolValue: Float64Array
  /** by global symbol id: index in outputs, or a SymbolHome */
  readonly symbolHome: Int32Array
  /** exact values (0 .. 2^64-1) of symbols whose signed value is beyond 2^53 */
  readonly wideSymbols: ReadonlyMap<number, bigint>
  /** st_type given to a script symbol by `a = b;` where b has one, by symbol id; 0 otherwise */
  readonly symbolType: Uint8Array
  readonly entry: bigint
  /** address of the first section of thread-local storage, also where that was left out for being empty */
  readonly threadStart?: bigint
  /** FilePlan.unloadedAlign, bytes */
  readonly unloadedAlign?: number
  /** file offset behind the last loaded or non-loaded section placed so far; the writer puts tables behind it */
  readonly fileEnd: number
  /** values of assignments and assertions outside sections, in order, for the map file */
  readonly assignments: readonly {
    readonly statement: AssignStatement | AssertStatement
    readonly value: bigint
    readonly after: number
  }[]
  readonly regions: readonly {
    readonly name: string
    readonly origin: bigint
    readonly length: bigint
    readonly used: bigint
  }[]
}

export const SymbolHome = {
  Absolute: -1,
  Undefined: -2,
  /** assigned in an output section that was dropped: a number, not shown in .symtab */
  Unlisted: -3,
} as const
