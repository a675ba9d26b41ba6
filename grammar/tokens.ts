/** Token types, and which words are keywords in which lexer state. */
import { createToken, EOF, Lexer, type TokenType } from 'chevrotain'
import { type Mode, modes } from './modes.ts'

const all: Record<string, TokenType> = {}

/** `label` is how messages name the token. */
function token(name: string, label: string): TokenType {
  return (all[name] = createToken({ name, label, pattern: Lexer.NA }))
}

export const EndOfFile = EOF
export const NameToken = token('Name', 'a name')
export const NumberToken = token('Number', 'a number')
export const LibraryToken = token('Library', 'a library (-lname)')

export const LeftParen = token('LeftParen', '`(`')
export const RightParen = token('RightParen', '`)`')
export const LeftBrace = token('LeftBrace', '`{`')
export const RightBrace = token('RightBrace', '`}`')
export const LeftBracket = token('LeftBracket', '`[`')
export const RightBracket = token('RightBracket', '`]`')
export const Semicolon = token('Semicolon', '`;`')
export const Comma = token('Comma', '`,`')
export const Colon = token('Colon', '`:`')
export const Question = token('Question', '`?`')
export const Equals = token('Equals', '`=`')
export const AssignOperator = token('AssignOperator', 'an assignment operator')
export const Plus = token('Plus', '`+`')
export const Minus = token('Minus', '`-`')
export const Not = token('Not', '`!`')
export const Tilde = token('Tilde', '`~`')
export const Greater = token('Greater', '`>`')
export const Ampersand = token('Ampersand', '`&`')
/** All binary operators that have no other use: * / % << >> < <= >= == != | ^ && || */
export const Operator = token('Operator', 'an operator')
export const DotDot = token('DotDot', '`..`')

// Words of the same shape share a token type: the parser's tables stay small, and the rules read the word itself.
const word = (name: string): TokenType => token(name, '`' + name + '`')
export const Sections = word('SECTIONS')
export const Memory = word('MEMORY')
export const Phdrs = word('PHDRS')
export const Version = word('VERSION')
export const Entry = word('ENTRY')
export const Extern = word('EXTERN')
export const Input = word('INPUT')
export const Group = word('GROUP')
export const Include = word('INCLUDE')
export const OutputFormat = word('OUTPUT_FORMAT')
export const RegionAlias = word('REGION_ALIAS')
export const Assert = word('ASSERT')
export const Insert = word('INSERT')
export const InsertPlace = token('InsertPlace', '`AFTER` or `BEFORE`')
export const NameCommand = token('NameCommand', 'a command')
export const AllocationCommand = token('AllocationCommand', 'a command')
export const LibraryCommand = token('LibraryCommand', 'a command')
export const FloatCommand = token('FloatCommand', 'a command')
export const NoCrossRefs = word('NOCROSSREFS')
export const NoCrossRefsTo = word('NOCROSSREFS_TO')
export const Origin = word('ORIGIN')
export const Length = word('LENGTH')
export const Bind = word('BIND')
export const BlockWord = word('BLOCK')
export const Align = word('ALIGN')
export const ScriptNameFunction = token('ScriptNameFunction', 'a function')
export const ExpressionNameFunction = token('ExpressionNameFunction', 'a function')
export const OneValueFunction = token('OneValueFunction', 'a function')
export const TwoValueFunction = token('TwoValueFunction', 'a function')
export const SizeofHeaders = word('SIZEOF_HEADERS')
export const SegmentStart = word('SEGMENT_START')
export const OverlayWord = word('OVERLAY')
export const Constraint = token('Constraint', '`ONLY_IF_RO`, `ONLY_IF_RW` or `SPECIAL`')
export const AlignWithInput = word('ALIGN_WITH_INPUT')
export const Subalign = word('SUBALIGN')
export const At = word('AT')
export const Provide = token('Provide', '`PROVIDE`, `HIDDEN` or `PROVIDE_HIDDEN`')
export const SectionTypeWord = token('SectionTypeWord', 'a section type')
export const ReadOnly = word('READONLY')
export const TypeWord = word('TYPE')
export const CreateObjectSymbols = word('CREATE_OBJECT_SYMBOLS')
export const Constructors = word('CONSTRUCTORS')
export const LinkerVersion = word('LINKER_VERSION')
export const FillWord = word('FILL')
export const DataCommand = token('DataCommand', 'a data command')
export const Asciz = word('ASCIZ')
export const SortByName = token('SortByName', '`SORT`')
/** the SORT of `SORT(CONSTRUCTORS)`: a statement of its own, told apart from `SORT(file)(…)` by the scanner */
export const SortConstructors = token('SortConstructors', '`SORT`')
export const SortByAlignment = word('SORT_BY_ALIGNMENT')
export const SortByInitPriority = word('SORT_BY_INIT_PRIORITY')
export const SortNone = word('SORT_NONE')
export const Reverse = word('REVERSE')
export const InputSectionFlags = word('INPUT_SECTION_FLAGS')
export const Keep = word('KEEP')
export const ExcludeFile = word('EXCLUDE_FILE')
export const AsNeeded = word('AS_NEEDED')
export const Global = token('Global', '`global`')
export const Local = token('Local', '`local`')
export const ExternLanguage = token('ExternLanguage', '`extern`')
export const AtTsld = token('AtTsld', '`@tsld`')
export const AtParameter = token('AtParameter', '`@param` or `@const`')
export const AtIf = token('AtIf', '`@if`')
export const AtElse = token('AtElse', '`@else`')
export const AtFor = token('AtFor', '`@for`')
export const AtDefine = token('AtDefine', '`@define`')
export const AtInclude = token('AtInclude', '`@include`')
export const AtWhere = token('AtWhere', '`@where`')
export const AtWord = token('AtWord', 'an `@` statement')

/** Every token type, for the parser's constructor. */
export const tokenTypes: readonly TokenType[] = Object.values(all)

/** `@word`s with rules of their own; all others are `AtWord`. */
export const atWords: ReadonlyMap<string, TokenType> = new Map([
  ['tsld', AtTsld],
  ['param', AtParameter],
  ['const', AtParameter],
  ['if', AtIf],
  ['else', AtElse],
  ['for', AtFor],
  ['define', AtDefine],
  ['include', AtInclude],
  ['include_optional', AtInclude],
  ['where', AtWhere],
])

type Words = Readonly<Record<string, TokenType>>

const scriptOnly: Words = {
  MEMORY: Memory,
  REGION_ALIAS: RegionAlias,
  LD_FEATURE: NameCommand,
  VERSION: Version,
  ENTRY: Entry,
  EXTERN: Extern,
  MAP: NameCommand,
  TARGET: NameCommand,
  SEARCH_DIR: NameCommand,
  OUTPUT: NameCommand,
  INPUT: Input,
  GROUP: Group,
  FORCE_COMMON_ALLOCATION: AllocationCommand,
  FORCE_GROUP_ALLOCATION: AllocationCommand,
  INHIBIT_COMMON_ALLOCATION: AllocationCommand,
  SECTIONS: Sections,
  INSERT: Insert,
  AFTER: InsertPlace,
  BEFORE: InsertPlace,
  STARTUP: NameCommand,
  OUTPUT_FORMAT: OutputFormat,
  OUTPUT_ARCH: NameCommand,
  HLL: LibraryCommand,
  SYSLIB: LibraryCommand,
  FLOAT: FloatCommand,
  NOFLOAT: FloatCommand,
  PHDRS: Phdrs,
  o: Origin,
  org: Origin,
  l: Length,
  len: Length,
}

const scriptAndExpression: Words = {
  ORIGIN: Origin,
  LENGTH: Length,
  BLOCK: BlockWord,
  BIND: Bind,
  ALIGN: Align,
  DATA_SEGMENT_ALIGN: TwoValueFunction,
  DATA_SEGMENT_RELRO_END: TwoValueFunction,
  DATA_SEGMENT_END: OneValueFunction,
  ADDR: ScriptNameFunction,
  LOADADDR: ScriptNameFunction,
  ALIGNOF: ScriptNameFunction,
  SIZEOF: ScriptNameFunction,
  ABSOLUTE: OneValueFunction,
  MAX: TwoValueFunction,
  MIN: TwoValueFunction,
  LOG2CEIL: OneValueFunction,
  NEXT: OneValueFunction,
  SIZEOF_HEADERS: SizeofHeaders,
  SEGMENT_START: SegmentStart,
  DEFINED: ExpressionNameFunction,
  CONSTANT: ExpressionNameFunction,
  NOCROSSREFS: NoCrossRefs,
  NOCROSSREFS_TO: NoCrossRefsTo,
  OVERLAY: OverlayWord,
  ONLY_IF_RO: Constraint,
  ONLY_IF_RW: Constraint,
  SPECIAL: Constraint,
  ALIGN_WITH_INPUT: AlignWithInput,
  SUBALIGN: Subalign,
}

const expressionOnly: Words = {
  NOLOAD: SectionTypeWord,
  DSECT: SectionTypeWord,
  COPY: SectionTypeWord,
  INFO: SectionTypeWord,
  READONLY: ReadOnly,
  TYPE: TypeWord,
}

const everywhere: Words = {
  ASSERT: Assert,
  AT: At,
  HIDDEN: Provide,
  PROVIDE: Provide,
  PROVIDE_HIDDEN: Provide,
  INCLUDE: Include,
}

const wildOnly: Words = {
  CREATE_OBJECT_SYMBOLS: CreateObjectSymbols,
  CONSTRUCTORS: Constructors,
  LINKER_VERSION: LinkerVersion,
  FILL: FillWord,
  QUAD: DataCommand,
  SQUAD: DataCommand,
  LONG: DataCommand,
  SHORT: DataCommand,
  BYTE: DataCommand,
  ASCIZ: Asciz,
  SORT: SortByName,
  SORT_BY_NAME: SortByName,
  SORT_BY_ALIGNMENT: SortByAlignment,
  SORT_BY_INIT_PRIORITY: SortByInitPriority,
  SORT_NONE: SortNone,
  REVERSE: Reverse,
  INPUT_SECTION_FLAGS: InputSectionFlags,
  KEEP: Keep,
  EXCLUDE_FILE: ExcludeFile,
}

function words(...tables: readonly Words[]): ReadonlyMap<string, TokenType> {
  return new Map(tables.flatMap(table => Object.entries(table)))
}

/** Keywords by lexer mode: the same word is a keyword in one and a name in another. */
export const keywordsByMode: Readonly<Record<Mode, ReadonlyMap<string, TokenType>>> = {
  [modes.script]: words(scriptOnly, scriptAndExpression, everywhere),
  [modes.expression]: words(scriptAndExpression, expressionOnly, everywhere),
  [modes.wild]: words(everywhere, wildOnly),
  [modes.inputList]: words({ AS_NEEDED: AsNeeded }),
  [modes.versionTag]: new Map(),
  [modes.versionNode]: words({ global: Global, local: Local, extern: ExternLanguage }),
  [modes.extension]: words(scriptAndExpression, { ASSERT: Assert }),
}
