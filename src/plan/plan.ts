/**
 * The layout plan: everything a link does, as plain data. No closures, no classes, no cycles, no file handles.
 * GNU scripts, `@` extensions, TypeScript layouts and JSON all end here; the engine reads nothing else.
 *
 * Addresses and other 64-bit values are bigint in 0 .. 2^64-1 (JSON: hex strings, see json.ts). Names are Latin-1 strings.
 */
import type { Span } from '../../grammar/span.ts'

export interface LayoutPlan {
  readonly version: 1
  /** names of the scripts the plan was made of, in the order they were read */
  readonly sources: readonly string[]
  readonly target: TargetPlan
  /** INPUT, GROUP, AS_NEEDED, SEARCH_DIR, STARTUP in order */
  readonly inputs: readonly InputRequest[]
  /** MEMORY in order of declaration; an alias is a name in `aliases` */
  readonly regions: readonly MemoryRegion[]
  /** PHDRS or @segment in program header order; undefined: the engine derives segments as GNU ld does without PHDRS */
  readonly segments?: readonly SegmentPlan[]
  /** the heart: in script order, INSERT and OVERLAY already carried out */
  readonly statements: readonly Statement[]
  readonly symbols: SymbolRequests
  readonly noCrossReferences: readonly NoCrossReference[]
  readonly features: PlanFeatures
  /** how the file is laid out around the segments; absent: as GNU ld does */
  readonly file?: FilePlan
  /** how the tables for the dynamic loader are made; absent: as GNU ld does */
  readonly dynamic?: DynamicPlan
  /** only in the plan of an input that is a script: INSERT commands, carried out by mergeFragment (merge.ts) */
  readonly insertions?: readonly Insertion[]
}

/** INSERT AFTER|BEFORE section: the statements in front of it move behind or before that section of the other plan. */
export interface Insertion {
  readonly position: 'after' | 'before'
  readonly section: string
  /** how many statements of the plan stand in front of the command */
  readonly count: number
  readonly span: Span
}

export interface TargetPlan {
  /** OUTPUT_ARCH, as written */
  readonly arch?: { readonly name: string; readonly span: Span }
  /** OUTPUT_FORMAT: names for the default, big and little endian */
  readonly format?: { readonly name: string; readonly big?: string; readonly little?: string; readonly span: Span }
  /** TARGET: input format for later files */
  readonly inputFormat?: { readonly name: string; readonly span: Span }
  readonly entry?: { readonly symbol: string; readonly span: Span }
  /** @entry: symbols to take, in this order, when the entry symbol is not defined */
  readonly entryAlternatives?: readonly string[]
  /** @page_size: CONSTANT(MAXPAGESIZE) of this layout, bytes; `-z max-page-size` overrides it */
  readonly pageSize?: number
  /** OUTPUT(file) */
  readonly output?: { readonly name: string; readonly span: Span }
  /** MAP(file) */
  readonly map?: { readonly name: string; readonly span: Span }
  /** default PT_INTERP path (@interp); an option overrides it */
  readonly interpreter?: string
  /** EI_OSABI (@osabi) */
  readonly osabi?: number
  /** @build_id_by_default: the note is made when no option speaks of it */
  readonly buildId?: boolean
  /** e_flags (@machine_flags); absent: merged from the inputs */
  readonly machineFlags?: number
}

export type InputRequest =
  | { readonly kind: 'file'; readonly name: string; readonly asNeeded: boolean; readonly span: Span }
  /** `-lNAME`; `name` without the -l, may start with ':' */
  | { readonly kind: 'library'; readonly name: string; readonly asNeeded: boolean; readonly span: Span }
  | { readonly kind: 'group'; readonly members: readonly InputRequest[]; readonly span: Span }
  /** path may start with '=' or $SYSROOT */
  | { readonly kind: 'search-dir'; readonly path: string; readonly span: Span }
  | { readonly kind: 'startup'; readonly name: string; readonly span: Span }

export interface MemoryRegion {
  readonly name: string
  readonly aliases: readonly string[]
  readonly origin: Expression
  readonly length: Expression
  /** SHF_-like letters after parsing: which section kinds may go here unasked, and which may not */
  readonly attributes?: { readonly any: string; readonly none: string }
  readonly span: Span
}

export interface SegmentPlan {
  readonly name: string
  /** p_type */
  readonly type: Expression
  readonly fileHeader: boolean
  readonly programHeaders: boolean
  /** AT: p_paddr */
  readonly at?: Expression
  /** FLAGS: p_flags */
  readonly flags?: Expression
  readonly span: Span
  /** @segment: what PHDRS cannot say */
  readonly extra?: SegmentExtra
}

/** Properties of a segment that only extensions can ask for. */
export interface SegmentExtra {
  /** p_align; absent: the largest of the contents, at least the page size for PT_LOAD */
  readonly align?: Expression
  /** p_memsz of a segment without contents (a TLS header that reserves size only) */
  readonly size?: Expression
  /** round p_offset and p_vaddr down to p_align and grow the sizes accordingly */
  readonly roundDown?: boolean
  /** take the segment's extent from these output sections only (a PT_NOTE that covers some notes) */
  readonly covers?: readonly string[]
  /** leave the segment out when none of its sections exists */
  readonly optional?: boolean
  /** of its sections the segment covers only the one with the lowest address */
  readonly firstOnly?: boolean
  /** p_filesz and p_memsz are rounded up to this */
  readonly endAlign?: Expression
  /** p_filesz reaches to the start of this section: the zeros in front of it are written */
  readonly fileEndsAt?: string
  /** the segment is there only when the output has one of these sections */
  readonly when?: readonly string[]
  /** and none of these */
  readonly unless?: readonly string[]
}

/** Where the parts of the file stand that are not loaded. Absent members: as GNU ld does. */
export interface FilePlan {
  /** where the section header table lies */
  readonly sectionHeaders?: 'end' | 'after-program-headers'
  /** what happens when it does not fit between the program headers and the first section */
  readonly sectionHeadersOverflow?: 'error' | 'end'
  /** sections whose headers follow behind those of all other sections with an address */
  readonly headersLast?: readonly string[]
  /** order of all section headers, whatever the order of the contents; '*' is every section that fits no other pattern */
  readonly headerOrder?: readonly string[]
  /** file offset of the first byte behind the loaded contents is rounded up to this */
  readonly unloadedAlign?: Expression
  /** the file reaches to that place although nothing stands there */
  readonly unloadedPadded?: boolean
  /** order of what has no address; sections not named follow in the usual order */
  readonly unloaded?: readonly string[]
  /** no alignment between the parts without an address (.symtab excepted) */
  readonly unloadedPacked?: boolean
  /** strings that .shstrtab starts with, in this order, whether used or not */
  readonly sectionNames?: readonly SectionNameGroup[]
  /** the output section `.shstrtab` of the plan holds the names; absent: they stand behind .strtab */
  readonly namesAreSection?: boolean
  readonly symbolTable?: SymbolTablePlan
}

/** Names of .shstrtab that come together. */
export interface SectionNameGroup {
  readonly names: readonly string[]
  /** only when the output has a section of this name */
  readonly when?: string
}

/** @symbol_table: what .symtab shows and in which order. Absent members: as GNU ld does. */
export interface SymbolTablePlan {
  /** these symbols first, in this order, among the locals as among the globals */
  readonly first?: readonly string[]
  /** then data, by age of the symbol: the order of the inputs, or reversed */
  readonly data?: 'oldest' | 'newest'
  /** symbols that count as older than all others, the oldest last */
  readonly oldest?: readonly string[]
  /** then code, by address */
  readonly codeByAddress?: boolean
  /** code in front of data; locals file by file, each after the name of its file */
  readonly codeFirst?: boolean
  /** STT_FUNC for code, STT_OBJECT for everything else; no file symbols */
  readonly plainTypes?: boolean
  /** STB_WEAK is written as STB_GLOBAL */
  readonly weakAsGlobal?: boolean
  /** STV_HIDDEN and STV_INTERNAL symbols are written as STB_LOCAL */
  readonly hiddenAsLocal?: boolean
  /** symbols that are defined elsewhere, and those that only the linker knows (`_GLOBAL_OFFSET_TABLE_`), are left out */
  readonly withoutImports?: boolean
  /**
   * Each data section of an object is a local symbol `file(.section)`, and the object's own locals are hidden; not in
   * objects that have a section of this name.
   */
  readonly containersUnless?: string
}

/** @dynamic: the tables for the dynamic loader. Absent members: as GNU ld does. */
export interface DynamicPlan {
  /** the hash tables that are made when no option asks for others */
  readonly hashStyle?: 'sysv' | 'gnu' | 'both'
  /** .hash has one bucket more than the number of its symbols has bits */
  readonly bucketsByBits?: boolean
  /** chains of .hash run from the symbol whose name was met first to the one met last */
  readonly chainsByAge?: boolean
  /** .dynsym: exports in the order of the options that name them, then imports by the first relocation against them, those of code first; imports that no relocation names are left out. Stubs and words of .got have that order too */
  readonly importsByUse?: boolean
  /** with importsByUse: every undefined entry of an object is an import of its own, in their order; functions have a stub, called or not */
  readonly importsAsMentioned?: boolean
  /** imports are shown as STB_GLOBAL, STT_OBJECT */
  readonly importsAsObjects?: boolean
  /** with importsAsObjects: weak ones are shown as STB_WEAK all the same */
  readonly weakImportsStay?: boolean
  /** exports are shown as functions or objects of size 0, by the kind of their section */
  readonly plainExports?: boolean
  /** st_shndx that exports show, by output section */
  readonly exportIndices?: readonly { readonly section: string; readonly index: number }[]
  /** no two uses of .dynstr share a string */
  readonly stringsApart?: boolean
  /**
   * order of the tags, as DT_ names without DT_; IMPLICIT_NEEDED stands for libraries that are there only because an
   * import comes from them (--as-needed). Tags that are not listed follow.
   */
  readonly tags?: readonly string[]
  /** empty entries at the end of .dynamic, the one that ends it among them */
  readonly spareTags?: number
  /** .plt, .got.plt and what speaks of them are there although there is no stub; so are the tags of empty tables */
  readonly keepEmpty?: boolean
  /** without any version .gnu.version is bytes without meaning, and it and .gnu.version_r stay */
  readonly plainVersions?: boolean
  /** then .gnu.version has the largest alignment up to this that its size reaches; absent: whole words */
  readonly plainVersionsAlign?: number
  /** without stubs there is no DT_PLTREL, DT_PLTRELSZ and DT_JMPREL, but DT_PLTGOT all the same (with keepEmpty) */
  readonly stubTagsWhenUsed?: boolean
  /** no DT_RELACOUNT, DT_RELCOUNT */
  readonly uncountedRelative?: boolean
  /** .got begins with its slots, whatever the architecture puts in front of them (Arch.gotStartWords) */
  readonly bareGot?: boolean
  /** DT_FLAGS_1 is there although no flag is set */
  readonly alwaysFlags1?: boolean
  /** .gnu.version_r by the age of the names that need the versions */
  readonly versionsByAge?: boolean
  /** relocations of .got first, then those of sections as they were met; never sorted */
  readonly relocationsAsMet?: boolean
  /** words that hold the address of an import get the relocation of words of the GOT */
  readonly slotsForWords?: boolean
  /** the first word of .got.plt does not hold the address of .dynamic */
  readonly emptyFirstSlot?: boolean
  /** output section whose start is the GOT for relocations and `_GLOBAL_OFFSET_TABLE_` */
  readonly gotBase?: string
  /** variables of shared objects are never copied into the program */
  readonly noCopies?: boolean
  /** no .plt.got: each stub has its own slot in .got.plt */
  readonly lazyStubsOnly?: boolean
}

export type Statement = AssignStatement | OutputSectionPlan | AssertStatement

export interface AssignStatement {
  readonly kind: 'assign'
  /** unique in the plan */
  readonly id: number
  readonly span: Span
  /** '.' is the location counter */
  readonly symbol: string
  /** `x += e` is kept as operator and operand, because x is read where it stands */
  readonly operator: '=' | '+=' | '-=' | '*=' | '/=' | '<<=' | '>>=' | '&=' | '|=' | '^='
  readonly value: Expression
  /** PROVIDE, PROVIDE_HIDDEN: only if referenced and not defined by an object */
  readonly provide: boolean
  /** HIDDEN, PROVIDE_HIDDEN: STV_HIDDEN */
  readonly hidden: boolean
  /** --defsym: definition given on the command line */
  readonly option?: boolean
  /** @boundary: always in the symbol table, with a type and size, unless an object defines the symbol */
  readonly boundary?: BoundarySymbol
}

/** What a symbol that marks the start or end of something shows in the symbol table. */
export interface BoundarySymbol {
  /** st_type */
  readonly type: number
  /** st_size is the size of the output section; otherwise 0 */
  readonly whole?: boolean
  /** not in .symtab; --export-dynamic-symbol puts it into .dynsym */
  readonly unlisted?: boolean
}

export interface AssertStatement {
  readonly kind: 'assert'
  readonly id: number
  readonly span: Span
  readonly value: Expression
  readonly message: string
}

export interface OutputSectionPlan {
  readonly kind: 'output-section'
  readonly id: number
  readonly span: Span
  /** '/DISCARD/' drops what it claims */
  readonly name: string
  readonly address?: Expression
  readonly type?: SectionTypeRequest
  /** AT(e) */
  readonly loadAddress?: Expression
  /** ALIGN(e) behind the colon */
  readonly align?: Expression
  readonly alignWithInput?: boolean
  readonly subalign?: Expression
  readonly constraint?: 'only-if-ro' | 'only-if-rw' | 'special'
  readonly items: readonly SectionItem[]
  /** >region */
  readonly region?: string
  /** AT>region */
  readonly loadRegion?: string
  /** :phdr names; ['NONE'] for no segment; undefined: as the section before */
  readonly segments?: readonly string[]
  readonly fill?: FillPlan
  /** this section is a member of an OVERLAY; sections of one overlay share the number. Members behind the first are loaded behind the section before them */
  readonly overlay?: number
  /** last member of an OVERLAY: behind it the location counter, and the cursor of its region, move to this address */
  readonly endAddress?: Expression
  /** extensions */
  readonly extra?: OutputSectionExtra
}

/** Properties of an output section that only extensions can ask for. */
export interface OutputSectionExtra {
  /** emitted even when empty */
  readonly keepEmpty?: boolean
  /** keepEmpty only in an output that has this section */
  readonly keepEmptyWith?: string
  /** sh_addralign to show, whatever the contents ask for */
  readonly headerAlign?: Expression
  /** the section's end is rounded up to this; the padding belongs to the section */
  readonly endAlign?: Expression
  /** bytes added to a section that is not empty */
  readonly endPad?: Expression
  /** sh_type and sh_flags of a section that has no contents to take them from */
  readonly type?: number
  readonly flags?: number
  /** no SHF_ALLOC and sh_addr 0 although it lies in a segment */
  readonly unallocated?: boolean
  /** sh_offset of a section without bytes is as far from that of its segment as its address: true */
  readonly offsetByAddress?: boolean
  /** sh_addralign shows what the contents ask for, whatever the section was aligned to */
  readonly contentAlign?: boolean
  /** sh_entsize, sh_link, sh_info to show */
  readonly entsize?: number
  readonly link?: HeaderReference
  readonly info?: HeaderReference
  /** sections of the same group stand in the order of these keys */
  readonly sorted?: {
    readonly group: number
    readonly keys: readonly ('size' | 'name')[]
    /** sections of the same unit stay together, in their order, where the first of them belongs */
    readonly unit?: number
  }
}

/** What sh_link or sh_info says: the index of a section, or a number. */
export interface HeaderReference {
  readonly section?: string
  readonly number?: number
}

export interface SectionTypeRequest {
  readonly kind: 'none' | 'noload' | 'dsect' | 'copy' | 'info' | 'overlay' | 'readonly'
  /** TYPE = e */
  readonly value?: Expression
  readonly span: Span
}

/** A gap pattern: an explicit byte string (plain hex literal), or an expression taken as a 32-bit big-endian word. */
export type FillPlan =
  | { readonly kind: 'bytes'; readonly bytes: readonly number[]; readonly span: Span }
  | { readonly kind: 'word'; readonly value: Expression; readonly span: Span }

export type SectionItem =
  | InputMatch
  | AssignStatement
  | AssertStatement
  | DataItem
  | StringItem
  | FillItem
  | { readonly kind: 'constructors'; readonly id: number; readonly span: Span }
  | { readonly kind: 'object-symbols'; readonly id: number; readonly span: Span }
  | { readonly kind: 'linker-version'; readonly id: number; readonly span: Span }

export interface DataItem {
  readonly kind: 'data'
  readonly id: number
  readonly span: Span
  /** BYTE 1, SHORT 2, LONG 4, QUAD and SQUAD 8 */
  readonly size: 1 | 2 | 4 | 8
  readonly signed: boolean
  readonly value: Expression
}

/** ASCIZ: bytes with the terminating zero. */
export interface StringItem {
  readonly kind: 'string'
  readonly id: number
  readonly span: Span
  readonly bytes: readonly number[]
}

export interface FillItem {
  readonly kind: 'fill'
  readonly id: number
  readonly span: Span
  readonly fill: FillPlan
}

/** `KEEP(file(section section ...))`: one input section description. First matching rule in the plan wins. */
export interface InputMatch {
  readonly kind: 'input'
  readonly id: number
  readonly span: Span
  readonly keep: boolean
  readonly file: FilePattern
  /** empty: every section of the file */
  readonly sections: readonly SectionPattern[]
  /** INPUT_SECTION_FLAGS: SHF_ bits that must be set and must be clear */
  readonly flags?: { readonly with: number; readonly without: number }
}

export interface FilePattern {
  /** '*' for any; a glob, or a literal name; 'archive:member' is split into the next field */
  readonly pattern: string
  /** archive part of 'archive:member'; '' with ':file' (a file that is in no archive) */
  readonly archive?: string
  /** true for 'archive:' (every member) */
  readonly wholeArchive?: boolean
  /** no wildcard characters: GNU ld also opens such a file as an input */
  readonly literal: boolean
  readonly exclude: readonly string[]
  /** SORT_BY_NAME(file), SORT_NONE(file) */
  readonly sort?: 'name' | 'none'
  readonly reverse?: boolean
  readonly span: Span
}

export type SortKey = 'name' | 'alignment' | 'init-priority' | 'none'

export interface SectionPattern {
  /** glob; 'COMMON' means common symbols */
  readonly pattern: string
  /** EXCLUDE_FILE in front of this pattern */
  readonly exclude: readonly string[]
  /** outer sort first: ['name'], ['name', 'alignment'], ...; empty: input order or --sort-section */
  readonly sort: readonly SortKey[]
  readonly reverse?: boolean
  readonly span: Span
  /** @sort: keys of our own */
  readonly order?: readonly ('size' | 'name')[]
}

export interface SymbolRequests {
  /** EXTERN */
  readonly required: readonly { readonly name: string; readonly span: Span }[]
  readonly versions: readonly VersionNode[]
}

export interface VersionNode {
  /** '' for the anonymous node */
  readonly name: string
  readonly parents: readonly string[]
  readonly global: readonly VersionPattern[]
  readonly local: readonly VersionPattern[]
  readonly span: Span
}

export interface VersionPattern {
  readonly pattern: string
  /** quoted: no globbing */
  readonly literal: boolean
  readonly language: 'C' | 'C++' | string
  readonly span: Span
}

export interface NoCrossReference {
  readonly sections: readonly string[]
  /** NOCROSSREFS_TO: only references to the first section are forbidden */
  readonly toFirst: boolean
  readonly span: Span
}

export interface PlanFeatures {
  readonly saneExpressions: boolean
  readonly forceCommonAllocation: boolean
  readonly inhibitCommonAllocation: boolean
  readonly forceGroupAllocation: boolean
}

export type Expression =
  | { readonly op: 'number'; readonly value: bigint; readonly span: Span }
  | { readonly op: 'dot'; readonly span: Span }
  | { readonly op: 'symbol'; readonly name: string; readonly span: Span }
  | { readonly op: 'unary'; readonly operator: UnaryOperator; readonly operand: Expression; readonly span: Span }
  | {
      readonly op: 'binary'
      readonly operator: BinaryOperator
      readonly left: Expression
      readonly right: Expression
      readonly span: Span
    }
  | {
      readonly op: 'conditional'
      readonly test: Expression
      readonly yes: Expression
      readonly no: Expression
      readonly span: Span
    }
  /** ABSOLUTE LOG2CEIL NEXT DATA_SEGMENT_END: one operand; ALIGN and BLOCK with one operand: of the location counter */
  | {
      readonly op: 'absolute' | 'log2ceil' | 'next' | 'data-segment-end' | 'align-dot'
      readonly operand: Expression
      readonly span: Span
    }
  /** ALIGN(e, a), MAX, MIN, DATA_SEGMENT_ALIGN(max, common), DATA_SEGMENT_RELRO_END(offset, e) */
  | {
      readonly op: 'align' | 'max' | 'min' | 'data-segment-align' | 'data-segment-relro-end'
      readonly left: Expression
      readonly right: Expression
      readonly span: Span
    }
  /** NEXT_SECTION is a legal section name here */
  | { readonly op: 'addr' | 'loadaddr' | 'sizeof' | 'alignof'; readonly section: string; readonly span: Span }
  | { readonly op: 'sizeof-headers'; readonly span: Span }
  | { readonly op: 'defined'; readonly name: string; readonly span: Span }
  | { readonly op: 'origin' | 'length'; readonly region: string; readonly span: Span }
  | { readonly op: 'constant'; readonly name: 'MAXPAGESIZE' | 'COMMONPAGESIZE'; readonly span: Span }
  | { readonly op: 'segment-start'; readonly segment: string; readonly fallback: Expression; readonly span: Span }
  /** section_start(.text, e): the address that -Ttext or --section-start gives the section, or `fallback` */
  | { readonly op: 'section-start'; readonly section: string; readonly fallback: Expression; readonly span: Span }
  | { readonly op: 'assert'; readonly value: Expression; readonly message: string; readonly span: Span }

export type UnaryOperator = '-' | '+' | '~' | '!'

export type BinaryOperator =
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '<<'
  | '>>'
  | '&'
  | '|'
  | '^'
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | '&&'
  | '||'

/** A plan that asks for nothing: the base of tests and of links with only command-line statements. */
export const emptyPlan: LayoutPlan = {
  version: 1,
  sources: [],
  target: {},
  inputs: [],
  regions: [],
  statements: [],
  symbols: { required: [], versions: [] },
  noCrossReferences: [],
  features: {
    saneExpressions: false,
    forceCommonAllocation: false,
    inhibitCommonAllocation: false,
    forceGroupAllocation: false,
  },
}
