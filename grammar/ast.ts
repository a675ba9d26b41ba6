/**
 * The syntax tree of the whole script language: GNU ld 2.44's and tsld's `@` statements.
 *
 * One `kind` per node, every node with the span of its text. The tree says what was written, not what it means: includes
 * are not read, numbers are read but names are not looked up, defaults are left out. Names are Latin-1 decoded (span.ts).
 */

import type { Expression, Name } from './ast-expressions.ts'
import type {
  DefineStatement,
  ExtensionInclude,
  ExtensionStatement,
  ForStatement,
  IfStatement,
  ParameterStatement,
  TsldStatement,
} from './ast-extensions.ts'
import type { Span } from './span.ts'

export type * from './ast-expressions.ts'
export type * from './ast-extensions.ts'

/** Where a piece of script stands; decides which statements are legal and how its characters make tokens. */
export type ScriptContext = 'top' | 'sections' | 'section-body' | 'memory' | 'phdrs' | 'version'

export interface Node {
  readonly kind: string
  readonly span: Span
}

/** A script file, or an included piece of one. `context` tells which statements `statements` may hold. */
export interface Script<S extends Statement = Statement> extends Node {
  readonly kind: 'script'
  readonly context: ScriptContext
  /** the script says `@tsld N;` or uses an `@` statement */
  readonly extended: boolean
  /** the first `@tsld` statement; in a whole script it is also in `statements` */
  readonly tsld?: TsldStatement
  readonly statements: readonly S[]
}

// ------------------------------------------------------------------------------------- statements legal in many places

export type AssignmentOperator = '=' | '+=' | '-=' | '*=' | '/=' | '<<=' | '>>=' | '&=' | '|=' | '^='

/** `x = 1;`, `. += 4;`, `PROVIDE(x = 1);` */
export interface Assignment extends Node {
  readonly kind: 'assignment'
  readonly form: 'plain' | 'HIDDEN' | 'PROVIDE' | 'PROVIDE_HIDDEN'
  /** text `.` is the location counter */
  readonly target: Name
  readonly operator: AssignmentOperator
  readonly value: Expression
}

export interface AssertStatement extends Node {
  readonly kind: 'assert'
  readonly condition: Expression
  readonly message: Name
}

/** `INCLUDE file`; read by the compile step through `parseScript(text, file, context)`. */
export interface IncludeStatement extends Node {
  readonly kind: 'include'
  readonly file: Name
  readonly context: ScriptContext
}

export interface EntryStatement extends Node {
  readonly kind: 'entry'
  readonly symbol: Name
}

// ----------------------------------------------------------------------------------------------- top-level commands

export interface ExternStatement extends Node {
  readonly kind: 'extern'
  readonly symbols: readonly Name[]
}

/** A file of INPUT or GROUP. `=path` and `$SYSROOT/path` stay in `name.text`. */
export interface InputFile extends Node {
  readonly kind: 'input-file'
  /** without `-l` when `library` */
  readonly name: Name
  readonly library: boolean
}

export interface AsNeeded extends Node {
  readonly kind: 'as-needed'
  readonly files: readonly (InputFile | AsNeeded)[]
}

/** INPUT(…) or GROUP(…) */
export interface InputStatement extends Node {
  readonly kind: 'input' | 'group'
  readonly files: readonly (InputFile | AsNeeded)[]
}

export interface StartupStatement extends Node {
  readonly kind: 'startup'
  readonly file: Name
}

export interface OutputStatement extends Node {
  readonly kind: 'output'
  readonly file: Name
}

export interface OutputFormatStatement extends Node {
  readonly kind: 'output-format'
  readonly format: Name
  /** with -EB; present only in the form of three names */
  readonly bigEndian?: Name
  /** with -EL */
  readonly littleEndian?: Name
}

export interface OutputArchStatement extends Node {
  readonly kind: 'output-arch'
  readonly arch: Name
}

export interface TargetStatement extends Node {
  readonly kind: 'target'
  readonly target: Name
}

export interface SearchDirStatement extends Node {
  readonly kind: 'search-dir'
  readonly directory: Name
}

export interface MapStatement extends Node {
  readonly kind: 'map'
  readonly file: Name
}

export interface RegionAliasStatement extends Node {
  readonly kind: 'region-alias'
  readonly alias: Name
  readonly region: Name
}

/** NOCROSSREFS(sec …), or NOCROSSREFS_TO(to from …) when `toFirst`. */
export interface NoCrossReferencesStatement extends Node {
  readonly kind: 'no-cross-references'
  readonly toFirst: boolean
  readonly sections: readonly Name[]
}

export interface AllocationStatement extends Node {
  readonly kind: 'allocation'
  readonly command: 'FORCE_COMMON_ALLOCATION' | 'INHIBIT_COMMON_ALLOCATION' | 'FORCE_GROUP_ALLOCATION'
}

export interface InsertStatement extends Node {
  readonly kind: 'insert'
  readonly position: 'AFTER' | 'BEFORE'
  readonly section: Name
}

export interface FeatureStatement extends Node {
  readonly kind: 'ld-feature'
  readonly feature: Name
}

/** HLL( ), SYSLIB( ), FLOAT, NOFLOAT: without effect in GNU ld. */
export interface HistoricStatement extends Node {
  readonly kind: 'historic'
  readonly command: 'HLL' | 'SYSLIB' | 'FLOAT' | 'NOFLOAT'
  readonly files: readonly Name[]
}

// ------------------------------------------------------------------------------------------------ MEMORY and PHDRS

export interface MemoryBlock extends Node {
  readonly kind: 'memory'
  readonly statements: readonly MemoryStatement[]
}

/** One `(…)` attribute group entry: the letters, and whether a `!` stood before them as a token of its own. */
export interface MemoryAttributes extends Node {
  readonly kind: 'memory-attributes'
  readonly letters: string
  readonly inverted: boolean
}

export interface MemoryRegion extends Node {
  readonly kind: 'memory-region'
  readonly name: Name
  readonly attributes: readonly MemoryAttributes[]
  readonly origin: Expression
  readonly length: Expression
}

export interface PhdrsBlock extends Node {
  readonly kind: 'phdrs'
  readonly statements: readonly PhdrsStatement[]
}

/** `name type [FILEHDR] [PHDRS] [AT(e)] [FLAGS(e)];` */
export interface ProgramHeader extends Node {
  readonly kind: 'program-header'
  readonly name: Name
  /** a PT_ name comes as a symbol expression */
  readonly type: Expression
  /** the words behind the type in order; AT comes as a qualifier named AT. Unknown words are for the compile step */
  readonly qualifiers: readonly ProgramHeaderQualifier[]
}

export interface ProgramHeaderQualifier extends Node {
  readonly kind: 'program-header-qualifier'
  readonly name: Name
  readonly value?: Expression
}

// ------------------------------------------------------------------------------------------------------- SECTIONS

export interface SectionsBlock extends Node {
  readonly kind: 'sections'
  readonly statements: readonly SectionsStatement[]
}

/** The part in parentheses before the colon: `(NOLOAD)`, `(TYPE = SHT_NOTE)`, `(READONLY (TYPE = 7))`, `()`. */
export interface SectionType extends Node {
  readonly kind: 'section-type'
  /** undefined for `()` */
  readonly keyword?: 'NOLOAD' | 'DSECT' | 'COPY' | 'INFO' | 'OVERLAY' | 'READONLY'
  /** the value of `TYPE = value`; may come with READONLY */
  readonly value?: Expression
}

/** `> region AT> region :phdr =fill` behind a closing brace. */
export interface Placement {
  readonly region?: Name
  readonly loadRegion?: Name
  readonly phdrs: readonly Name[]
  readonly fill?: Expression
}

export interface OutputSection extends Node, Placement {
  readonly kind: 'output-section'
  readonly name: Name
  /** VMA: the expression before the colon, or the argument of BIND */
  readonly address?: Expression
  /** argument of BLOCK behind BIND */
  readonly block?: Expression
  readonly type?: SectionType
  /** AT(lma) */
  readonly at?: Expression
  readonly align?: Expression
  readonly alignWithInput: boolean
  readonly subalign?: Expression
  readonly constraint?: 'ONLY_IF_RO' | 'ONLY_IF_RW' | 'SPECIAL'
  readonly body: readonly SectionBodyStatement[]
}

export interface Overlay extends Node, Placement {
  readonly kind: 'overlay'
  readonly address?: Expression
  readonly noCrossReferences: boolean
  readonly at?: Expression
  readonly subalign?: Expression
  readonly members: readonly (OverlayMember | IfStatement<OverlayMember> | ForStatement<OverlayMember>)[]
}

export interface OverlayMember extends Node {
  readonly kind: 'overlay-member'
  readonly name: Name
  readonly body: readonly SectionBodyStatement[]
  readonly phdrs: readonly Name[]
  readonly fill?: Expression
}

/** `GROUP addr (type) : { sections }` inside SECTIONS (SVR3). */
export interface SectionsGroup extends Node {
  readonly kind: 'sections-group'
  readonly address?: Expression
  readonly block?: Expression
  readonly type?: SectionType
  readonly statements: readonly SectionsStatement[]
}

// ------------------------------------------------------------------------------------------- inside output sections

/** A name of INPUT_SECTION_FLAGS: a SHF_ name or a number as text. */
export interface SectionFlag extends Node {
  readonly kind: 'section-flag'
  readonly name: Name
  /** written `!SHF_…`; `name.text` is without the `!` */
  readonly negated: boolean
}

/** The file part: `*`, `*crt?.o`, `lib.a:x.o`, with what stands around it. */
export interface FilePattern extends Node {
  readonly kind: 'file-pattern'
  readonly name: Name
  /** text before the first `:`, when there is one; may be empty (`:file`, not in an archive) */
  readonly archive?: string
  /** text behind it; may be empty (`archive:`, the whole archive) */
  readonly member?: string
  /** EXCLUDE_FILE before the file: for all section patterns */
  readonly excluded: readonly Name[]
  readonly sort?: 'name' | 'none'
  readonly reversed: boolean
}

export type SectionSort = 'name' | 'alignment' | 'init-priority' | 'none'

/** One section pattern of the list: `.text.*`, `SORT_BY_NAME(.s.*)`, `EXCLUDE_FILE(*x.o) .data`. COMMON is a name. */
export interface SectionPattern extends Node {
  readonly kind: 'section-pattern'
  readonly name: Name
  /** EXCLUDE_FILE inside the list: for this pattern only */
  readonly excluded: readonly Name[]
  /** outermost first; at most two */
  readonly sorts: readonly SectionSort[]
  readonly reversed: boolean
}

/** `file(sections)`, `file`, `[ sections ]`, each perhaps in KEEP( ). */
export interface InputSections extends Node {
  readonly kind: 'input-sections'
  readonly keep: boolean
  readonly flags: readonly SectionFlag[]
  /** undefined for `[ sections ]`, which is any file */
  readonly file?: FilePattern
  /** undefined for a file alone, which is all its sections */
  readonly sections?: readonly SectionPattern[]
  /** `@where (condition)` behind the pattern */
  readonly where?: Expression
}

export interface DataStatement extends Node {
  readonly kind: 'data'
  readonly command: 'BYTE' | 'SHORT' | 'LONG' | 'QUAD' | 'SQUAD'
  readonly value: Expression
}

/** ASCIZ "text": escapes are still in the text. */
export interface AscizStatement extends Node {
  readonly kind: 'asciz'
  readonly text: Name
}

export interface FillStatement extends Node {
  readonly kind: 'fill'
  readonly value: Expression
}

/** Words that stand alone. CONSTRUCTORS may be `SORT(CONSTRUCTORS)`. */
export interface BodyWord extends Node {
  readonly kind: 'create-object-symbols' | 'constructors' | 'linker-version'
  readonly sorted: boolean
}

// ------------------------------------------------------------------------------------- versions and dynamic lists

export interface VersionBlock extends Node {
  readonly kind: 'version'
  readonly nodes: readonly VersionStatement[]
}

export interface VersionNode extends Node {
  readonly kind: 'version-node'
  /** undefined: the anonymous node */
  readonly tag?: Name
  readonly globals: readonly VersionPattern[]
  readonly locals: readonly VersionPattern[]
  readonly parents: readonly Name[]
}

export interface VersionPattern extends Node {
  readonly kind: 'version-pattern'
  /** quoted: an exact name, no wildcards */
  readonly name: Name
  /** of the `extern "…"` around it; undefined is C */
  readonly language?: string
}

export interface DynamicList extends Node {
  readonly kind: 'dynamic-list'
  readonly patterns: readonly VersionPattern[]
}

// ---------------------------------------------------------------------------------------------- statements by level

export type TopStatement =
  | Assignment
  | AssertStatement
  | IncludeStatement
  | EntryStatement
  | ExternStatement
  | InputStatement
  | StartupStatement
  | OutputStatement
  | OutputFormatStatement
  | OutputArchStatement
  | TargetStatement
  | SearchDirStatement
  | MapStatement
  | RegionAliasStatement
  | NoCrossReferencesStatement
  | AllocationStatement
  | InsertStatement
  | FeatureStatement
  | HistoricStatement
  | MemoryBlock
  | PhdrsBlock
  | SectionsBlock
  | VersionBlock
  | TsldStatement
  | ParameterStatement
  | ExtensionInclude
  | DefineStatement
  | ExtensionStatement
  | IfStatement<TopStatement>
  | ForStatement<TopStatement>

export type SectionsStatement =
  | Assignment
  | AssertStatement
  | IncludeStatement
  | EntryStatement
  | OutputSection
  | Overlay
  | SectionsGroup
  | ParameterStatement
  | ExtensionInclude
  | DefineStatement
  | ExtensionStatement
  | IfStatement<SectionsStatement>
  | ForStatement<SectionsStatement>

export type SectionBodyStatement =
  | Assignment
  | AssertStatement
  | IncludeStatement
  | InputSections
  | DataStatement
  | AscizStatement
  | FillStatement
  | BodyWord
  | ParameterStatement
  | ExtensionInclude
  | DefineStatement
  | ExtensionStatement
  | IfStatement<SectionBodyStatement>
  | ForStatement<SectionBodyStatement>

export type MemoryStatement =
  | MemoryRegion
  | IncludeStatement
  | ParameterStatement
  | ExtensionInclude
  | DefineStatement
  | ExtensionStatement
  | IfStatement<MemoryStatement>
  | ForStatement<MemoryStatement>

export type PhdrsStatement =
  | ProgramHeader
  | ParameterStatement
  | ExtensionInclude
  | DefineStatement
  | ExtensionStatement
  | IfStatement<PhdrsStatement>
  | ForStatement<PhdrsStatement>

export type VersionStatement =
  | VersionNode
  | ParameterStatement
  | ExtensionInclude
  | DefineStatement
  | ExtensionStatement
  | IfStatement<VersionStatement>
  | ForStatement<VersionStatement>

/** Any statement of any level. */
export type Statement =
  | TopStatement
  | SectionsStatement
  | SectionBodyStatement
  | MemoryStatement
  | PhdrsStatement
  | VersionStatement
  | OverlayMember

/** A comment, kept for the formatter and other tools: `text` with its marks (slash-star or `#`). */
export interface Comment {
  readonly text: string
  readonly span: Span
}
