/**
 * Every command, function and `@` statement of the language: where it is legal, and one line about it.
 *
 * Hover texts, completion and the language reference are made from these rows. The scanner asks here which `@words` exist.
 */

/** Where a word may stand. */
export type Place =
  | 'top'
  | 'sections'
  | 'header'
  | 'behind-section'
  | 'section-body'
  | 'pattern'
  | 'expression'
  | 'memory'
  | 'phdrs'
  | 'input-list'
  | 'version'

export interface Keyword {
  readonly word: string
  readonly places: readonly Place[]
  /** usage and meaning in one line */
  readonly help: string
  readonly origin: 'gnu' | 'tsld'
  /** `@` statements with a block: what stands in it. `same`: what may stand around the statement */
  readonly block?: BlockKind
}

export type BlockKind = 'sections' | 'section-body' | 'names' | 'entries' | 'assignments' | 'same'

function gnu(places: readonly Place[], rows: Readonly<Record<string, string>>): Keyword[] {
  return Object.entries(rows).map(([word, help]) => ({ word, places, help, origin: 'gnu' as const }))
}

const extensionPlaces: readonly Place[] = ['top', 'sections', 'section-body', 'memory', 'phdrs', 'version']

function extension(word: string, help: string, block?: BlockKind, places = extensionPlaces): Keyword {
  return { word: '@' + word, places, help, origin: 'tsld', block }
}

export const keywords: readonly Keyword[] = [
  ...gnu(['top', 'sections'], {
    ENTRY: 'ENTRY(symbol): where the program starts',
  }),
  ...gnu(['top', 'sections', 'section-body', 'expression'], {
    ASSERT: 'ASSERT(condition, "message"): error when the condition is zero after layout',
  }),
  ...gnu(['top', 'sections', 'section-body', 'memory'], {
    INCLUDE: 'INCLUDE file: read the file here; searched in the current directory and the -L directories',
  }),
  ...gnu(['top', 'sections', 'section-body'], {
    PROVIDE: 'PROVIDE(symbol = value): define the symbol if it is referenced and nothing defines it',
    HIDDEN: 'HIDDEN(symbol = value): define a symbol that is not exported',
    PROVIDE_HIDDEN: 'PROVIDE_HIDDEN(symbol = value): PROVIDE and HIDDEN in one',
  }),
  ...gnu(['top'], {
    SECTIONS: 'SECTIONS { ... }: the output sections and their contents',
    MEMORY: 'MEMORY { name (attributes) : ORIGIN = address, LENGTH = size }: the memory of the target',
    PHDRS: 'PHDRS { name type [FILEHDR] [PHDRS] [AT(address)] [FLAGS(flags)]; }: the segments of the output',
    VERSION: 'VERSION { nodes }: symbol versions',
    EXTERN: 'EXTERN(symbol ...): treat the symbols as undefined, so that archive members are taken',
    INPUT: 'INPUT(file ...): link these files too; -lname for a library',
    GROUP:
      'GROUP(file ...): archives searched again until nothing new is found; in SECTIONS: GROUP [address] : { sections }',
    STARTUP: 'STARTUP(file): this file is the first input',
    OUTPUT: 'OUTPUT(file): name of the output when -o is not given',
    OUTPUT_FORMAT: 'OUTPUT_FORMAT(format) or (default, big, little): the object format of the output',
    OUTPUT_ARCH: 'OUTPUT_ARCH(architecture): the machine of the output',
    TARGET: 'TARGET(format): object format of the following inputs',
    SEARCH_DIR: 'SEARCH_DIR(directory): search libraries here, as -L does',
    MAP: 'MAP(file): name of the map file',
    REGION_ALIAS: 'REGION_ALIAS(alias, region): a second name for a memory region',
    NOCROSSREFS_TO: 'NOCROSSREFS_TO(to from ...): error when one of the others refers to the first output section',
    FORCE_COMMON_ALLOCATION: 'give common symbols a place even with -r',
    INHIBIT_COMMON_ALLOCATION: 'give common symbols no place',
    FORCE_GROUP_ALLOCATION: 'resolve section groups even with -r',
    INSERT: 'INSERT AFTER|BEFORE section: put the SECTIONS of this script into the default layout',
    AFTER: 'INSERT AFTER section',
    BEFORE: 'INSERT BEFORE section',
    LD_FEATURE: 'LD_FEATURE("SANE_EXPR"): numbers are plain numbers in all expressions',
    HLL: 'HLL(files): historic, ignored',
    SYSLIB: 'SYSLIB(files): historic, ignored',
    FLOAT: 'historic, ignored',
    NOFLOAT: 'historic, ignored',
  }),
  ...gnu(['top', 'header'], {
    NOCROSSREFS:
      'NOCROSSREFS(section ...): error when one of these output sections refers to another; a word in OVERLAY',
  }),
  ...gnu(['input-list'], {
    AS_NEEDED: 'AS_NEEDED(file ...): record the shared libraries only when they are used',
  }),
  ...gnu(['sections'], {
    OVERLAY: 'OVERLAY [address] : [NOCROSSREFS] [AT(load)] { name { ... } ... }: sections that share one address',
  }),
  ...gnu(['header'], {
    AT: 'AT(address): load address; AT > region behind the brace: load region',
    SUBALIGN: 'SUBALIGN(alignment): alignment of every input section of this output section',
    ALIGN_WITH_INPUT: 'keep the distance of load address and address',
    ONLY_IF_RO: 'make the section only if all its inputs are read-only',
    ONLY_IF_RW: 'make the section only if all its inputs are writable',
    SPECIAL: 'reserved, without effect',
    BIND: 'BIND(address) [BLOCK(alignment)]: address of the section (SVR3)',
    NOLOAD: '(NOLOAD): the section has an address and is not loaded',
    DSECT: '(DSECT): no memory is allocated',
    COPY: '(COPY): no memory is allocated',
    INFO: '(INFO): no memory is allocated',
    READONLY: '(READONLY): the section is not writable',
    TYPE: '(TYPE = number): section type of the output section',
  }),
  ...gnu(['memory', 'expression'], {
    ORIGIN: 'ORIGIN(region): its first address; ORIGIN = address in MEMORY, also `org` and `o`',
    LENGTH: 'LENGTH(region): its size in bytes; LENGTH = size in MEMORY, also `len` and `l`',
  }),
  ...gnu(['expression', 'header'], {
    ALIGN: 'ALIGN(alignment) or ALIGN(value, alignment): round up; in a header: alignment of the section',
    BLOCK: 'BLOCK(alignment): same as ALIGN',
  }),
  ...gnu(['expression'], {
    ADDR: 'ADDR(section): its address',
    LOADADDR: 'LOADADDR(section): its load address',
    SIZEOF: 'SIZEOF(section): its size in bytes',
    ALIGNOF: 'ALIGNOF(section): its alignment in bytes',
    SIZEOF_HEADERS: 'size of the ELF header and the program headers in bytes',
    ABSOLUTE: 'ABSOLUTE(value): the value as an address of no section',
    DEFINED: 'DEFINED(symbol): 1 when the symbol is defined, else 0',
    NEXT: 'NEXT(alignment): the next free address that is a multiple',
    MAX: 'MAX(a, b): the larger value, unsigned',
    MIN: 'MIN(a, b): the smaller value, unsigned',
    LOG2CEIL: 'LOG2CEIL(value): binary logarithm, rounded up',
    CONSTANT: 'CONSTANT(MAXPAGESIZE) or CONSTANT(COMMONPAGESIZE): page sizes of the target',
    SEGMENT_START: 'SEGMENT_START("segment", default): address given by -Ttext-segment and the like',
    DATA_SEGMENT_ALIGN: 'DATA_SEGMENT_ALIGN(maxpagesize, commonpagesize): start of the data segment',
    DATA_SEGMENT_RELRO_END: 'DATA_SEGMENT_RELRO_END(offset, value): end of what becomes read-only after relocation',
    DATA_SEGMENT_END: 'DATA_SEGMENT_END(value): end of the data segment',
  }),
  ...gnu(['section-body'], {
    BYTE: 'BYTE(value): one byte',
    SHORT: 'SHORT(value): two bytes',
    LONG: 'LONG(value): four bytes',
    QUAD: 'QUAD(value): eight bytes',
    SQUAD: 'SQUAD(value): eight bytes, signed',
    ASCIZ: 'ASCIZ "text": the text and a zero byte',
    FILL: 'FILL(value): what gaps hold from here on',
    LINKER_VERSION: 'the name and version of the linker, with --enable-linker-version',
    CREATE_OBJECT_SYMBOLS: 'a symbol for each input file',
    CONSTRUCTORS: 'historic; nothing for ELF',
  }),
  ...gnu(['section-body', 'pattern'], {
    KEEP: 'KEEP(pattern): these sections survive --gc-sections',
    EXCLUDE_FILE: 'EXCLUDE_FILE(file ...): not the sections of these files',
    INPUT_SECTION_FLAGS: 'INPUT_SECTION_FLAGS(flag & !flag): only sections with, or without, these flags',
    SORT: 'SORT(pattern): same as SORT_BY_NAME',
    SORT_BY_NAME: 'SORT_BY_NAME(pattern): in the order of their names',
    SORT_BY_ALIGNMENT: 'SORT_BY_ALIGNMENT(pattern): largest alignment first',
    SORT_BY_INIT_PRIORITY: 'SORT_BY_INIT_PRIORITY(pattern): by the number at the end of the name',
    SORT_NONE: 'SORT_NONE(pattern): in input order, whatever --sort-section says',
    REVERSE: 'REVERSE(pattern): in reversed order',
  }),
  extension('tsld', '@tsld 1; the script uses the extended language, version 1', undefined, ['top']),
  extension('param', '@param NAME : type = default; a value given with -D NAME=value'),
  extension('const', '@const NAME : type = value; a name for a value; makes no symbol'),
  extension('if', '@if (condition) { ... } @else { ... }: decided before layout', 'same'),
  extension('else', 'the other branch of @if', 'same'),
  extension('for', '@for (name in first .. last) { ... }: the block once for each value', 'same'),
  extension('define', '@define name(parameters) { ... }: statements to be used again with @use', 'same'),
  extension('use', '@use name(arguments); the statements of a @define'),
  extension('include', '@include "file" (name = value, ...); a file relative to this one, with its own names'),
  extension('include_optional', '@include_optional "file"; as @include, nothing when the file does not exist'),
  extension('dialect', '@dialect lld; read documented differences as that linker does', undefined, ['top']),
  extension('option', '@option "--name"; an option of the command line', undefined, ['top']),
  extension('osabi', '@osabi freebsd; the OSABI field of the ELF header', undefined, ['top']),
  extension('machine_flags', '@machine_flags 0x5000002; the flags field of the ELF header', undefined, ['top']),
  extension(
    'segment',
    '@segment name type (flags) [at address] [align size] { sections }: one program header',
    'sections',
    ['top', 'sections'],
  ),
  extension('headers', '@headers; ELF header and program headers lie here', undefined, ['sections']),
  extension('elf_header', '@elf_header; the ELF header lies here', undefined, ['sections']),
  extension('program_headers', '@program_headers; the program headers lie here', undefined, ['sections']),
  extension('section_headers', '@section_headers; the section headers lie here', undefined, ['sections']),
  extension('interp', '@interp "path"; the interpreter of a dynamic output', undefined, ['sections']),
  extension('note', '@note section "owner" type number { data }: a note', 'section-body', ['sections']),
  extension('build_id', '@build_id; the build id, of the kind --build-id says', undefined, ['sections']),
  extension('build_id_by_default', '@build_id_by_default; as if --build-id were given', undefined, ['top']),
  extension('reserve', '@reserve size [padded] { ... }: an area of fixed size', 'same', ['top', 'sections']),
  extension(
    'page_size',
    '@page_size 4K; CONSTANT(MAXPAGESIZE) of this layout; -z max-page-size overrides it',
    undefined,
    ['top'],
  ),
  extension(
    'entry',
    '@entry symbol else symbol; the first one that is defined is where the program starts',
    undefined,
    ['top'],
  ),
  extension(
    'always',
    '@always progbits ax [when section]; the section has a header even when it is empty, of this type and these flags',
    undefined,
    ['section-body'],
  ),
  extension('show_align', '@show_align size|contents; the alignment that the section header shows', undefined, [
    'section-body',
  ]),
  extension(
    'offset_by_address',
    '@offset_by_address; the file offset shown for a section without bytes grows with its address',
    undefined,
    ['section-body'],
  ),
  extension(
    'not_allocated',
    '@not_allocated; the section header says neither SHF_ALLOC nor an address, wherever the section lies',
    undefined,
    ['section-body'],
  ),
  extension('section_names', '@section_names; the names of the sections stand here', undefined, ['section-body']),
  extension(
    'boundary',
    '@boundary symbol function|object [whole] [unlisted] [at value]; defined here and always listed, unless an object defines it',
    undefined,
    ['sections', 'section-body'],
  ),
  extension(
    'headers_last',
    '@headers_last { sections }: their headers follow those of all other sections with an address',
    'names',
    ['top', 'sections'],
  ),
  extension(
    'section_header_order',
    '@section_header_order { sections }: order of the section headers; * is whatever is not named',
    'names',
    ['top', 'sections'],
  ),
  extension('file_ends_at', '@file_ends_at section; the bytes of the segment reach to this section', undefined, [
    'sections',
  ]),
  extension(
    'section_name_order',
    '@section_name_order [when section] { names }: these names first in .shstrtab, used or not',
    'names',
    ['top', 'sections'],
  ),
  extension(
    'symbol_table',
    '@symbol_table { first : names; data : newest; code : address; types : plain; weak : global; hidden : local; imports : omitted; }',
    'entries',
    ['top'],
  ),
  extension(
    'dynamic',
    '@dynamic { hash : sysv; tags : NEEDED, HASH; strings : apart; … }: how the tables for the loader are made',
    'entries',
    ['top'],
  ),
  extension('end_align', '@end_align size; the section ends at a multiple of it', undefined, ['section-body']),
  extension('end_pad', '@end_pad size; so many bytes more behind contents', undefined, ['section-body']),
  extension('entsize', '@entsize bytes; the size of an entry that the section header shows', undefined, [
    'section-body',
  ]),
  extension('link', '@link section; what sh_link says, a section or a number', undefined, ['section-body']),
  extension('info', '@info section; what sh_info says, a section or a number', undefined, ['section-body']),
  extension('unloaded', '@unloaded { names }: order of the sections without an address', 'names', ['top', 'sections']),
  extension('sort', '@sort (key, ...) { ... }: contents in the order of these keys', 'same', [
    'sections',
    'section-body',
  ]),
  extension('together', '@together { sections }: in a @sort, they stay together where the first belongs', 'same', [
    'sections',
  ]),
  extension('split', '@split REGION { name : size; ... }: parts of a region', 'entries', ['top', 'memory']),
  extension('region', '@region name : union(regions); a region made of others', undefined, ['top', 'memory']),
  extension('place', '@place pattern in REGION else REGION;', undefined, ['top', 'sections']),
  extension('pack', '@pack name by size descending { names }: sections in the order that wastes least', 'names'),
  extension('budget', '@budget REGION 95%; error or warning when more is used', undefined, ['top']),
  extension('fill', '@fill REGION with byte;', undefined, ['top']),
  extension('table', '@table copy into section { names }: a table of addresses', 'names', ['top', 'sections']),
  extension('patch', '@patch section + offset : data;', undefined, ['top']),
  extension('checksum', '@checksum algorithm over regions into section;', undefined, ['top']),
  extension('digest', '@digest algorithm over regions into section;', undefined, ['top']),
  extension('emit', '@emit "file" format arguments; one more output file', 'assignments', ['top']),
  extension('order', '@order file "list"; order of the input sections', undefined, ['section-body']),
  extension('where', 'pattern @where (condition): only sections for which it holds', undefined, ['section-body']),
  extension('symbol', '@symbol "pattern"; the sections that define matching symbols', undefined, ['section-body']),
  extension('script', '@script "file" function "name"; order or placement by a function', undefined),
  extension('assert', '@assert condition, "message"; a check that prints the values of its parts'),
  extension('orphans', '@orphans error except patterns; what happens to sections no pattern takes', undefined, ['top']),
  extension('why', '@why subject "reason"; the reason, for the map and explain'),
]

const byWord: ReadonlyMap<string, Keyword> = new Map(keywords.map(row => [row.word, row]))

/** The row of a word as it is written: `KEEP`, `@segment`. */
export function keyword(word: string): Keyword | undefined {
  return byWord.get(word)
}

/** Is `@word` a statement of the language? `word` is without the `@`. */
export function isExtensionWord(word: string): boolean {
  return byWord.has('@' + word)
}
