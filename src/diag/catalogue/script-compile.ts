/** Mistakes in what a script says, found when it is compiled to a plan. Codes S12xx: GNU's half; S13xx: `@` statements. */
import { entry } from './entry.ts'

/** `; did you mean X?` when there is something close. */
function suggestion(nearest: string | undefined): string {
  return nearest === undefined ? '' : `; did you mean '${nearest}'?`
}

// ------------------------------------------------------------------------------------------------------- reading files

export const includeMissing = entry(
  'S1201',
  'error',
  (f: { file: string; detail: string; tried: readonly string[] }) =>
    `cannot read the included script ${f.file}: ${f.detail}${f.tried.length > 1 ? ` (tried ${f.tried.join(', ')})` : ''}`,
  `INCLUDE looks in the current directory first and then in each -L directory, never beside the script that includes, as in
GNU ld. @include looks beside the script that includes. Check the name, or add -L.`,
)

export const includeTooDeep = entry(
  'S1202',
  'error',
  (f: { chain: readonly string[] }) => `includes are nested too deeply: ${f.chain.join(' -> ')}`,
  'At most ten scripts may be open at a time, the first one counted, as in GNU ld. Deeper chains are nearly always a mistake.',
)

export const includeCycle = entry(
  'S1203',
  'error',
  (f: { chain: readonly string[] }) => `this script includes itself: ${f.chain.join(' -> ')}`,
  'The chain of includes comes back to a script that is still being read, so it would never end. Break it at one of its links.',
)

export const insertAnchorMissing = entry(
  'S1204',
  'error',
  (f: { section: string }) => `there is no output section ${f.section} to insert at`,
  `INSERT AFTER and INSERT BEFORE name an output section of the default layout, or one that an earlier INSERT put there.
\`tsld plan\` without a script prints the default layout with the names that can be used.`,
)

// ------------------------------------------------------------------------------------------------- regions and segments

export const regionUndeclared = entry(
  'S1205',
  'warning',
  (f: { region: string; nearest?: string }) => `memory region ${f.region} is not declared here${suggestion(f.nearest)}`,
  `The region is used before or without a MEMORY line for it. As in GNU ld this is a warning, and a region that was never
declared begins at address 0 and has no end: nearly always a misspelt name.`,
)

export const regionRedeclared = entry(
  'S1206',
  'warning',
  (f: { region: string }) => `memory region ${f.region} is declared again; the last declaration counts`,
  'MEMORY declares the same name twice. GNU ld warns and takes the last ORIGIN and LENGTH; so does tsld.',
)

export const aliasTargetMissing = entry(
  'S1207',
  'error',
  (f: { alias: string; region: string; nearest?: string }) =>
    `memory region ${f.region}, of which ${f.alias} shall be an alias, does not exist${suggestion(f.nearest)}`,
  'REGION_ALIAS(alias, region) must stand behind the MEMORY command that declares the region.',
)

export const aliasTaken = entry(
  'S1208',
  'error',
  (f: { alias: string }) => `${f.alias} is a memory region or an alias already`,
  'REGION_ALIAS gives a region a further name. The name must be new.',
)

export const attributeUnknown = entry(
  'S1209',
  'error',
  (f: { letter: string }) => `'${f.letter}' is no attribute of a memory region; known are r w x a i l and !`,
  `The letters behind a region's name say which sections without a region go there: r read-only, w data, x code, a allocated,
i and l loaded; ! turns the letters behind it around.`,
)

export const segmentTypeUnknown = entry(
  'S1210',
  'error',
  (f: { type: string; nearest?: string }) =>
    `${f.type} is no known program header type${suggestion(f.nearest)}; a number can be given instead`,
  `PHDRS knows PT_NULL, PT_LOAD, PT_DYNAMIC, PT_INTERP, PT_NOTE, PT_SHLIB, PT_PHDR, PT_TLS, PT_GNU_EH_FRAME, PT_GNU_STACK,
PT_GNU_RELRO and PT_GNU_PROPERTY. Any other type is written as a number: 0x65041580.`,
)

export const segmentWordUnknown = entry(
  'S1211',
  'error',
  (f: { word: string }) => `'${f.word}' means nothing in a program header; expected FILEHDR, PHDRS, AT(…) or FLAGS(…)`,
  'A line of PHDRS is: name type [FILEHDR] [PHDRS] [AT(address)] [FLAGS(bits)];',
)

export const headersInLaterSegment = entry(
  'S1212',
  'error',
  () => 'FILEHDR and PHDRS cannot be used here: a PT_LOAD before this one has no headers',
  `The ELF header and the program headers lie at the beginning of the file, so only the first PT_LOAD segments can hold
them: a PT_LOAD with FILEHDR or PHDRS must not come behind one without.`,
)

export const notConstant = entry(
  'S1213',
  'error',
  (f: { what: string; expression: string }) => `${f.what} must be a number known here, but ${f.expression} is not`,
  'This value is needed before anything is laid out, so it cannot use symbols, addresses or sizes.',
)

// -------------------------------------------------------------------------------------------------------- sections

export const sectionTypeUnknown = entry(
  'S1214',
  'error',
  (f: { type: string; nearest?: string }) =>
    `${f.type} is no section type that can be asked for${suggestion(f.nearest)}`,
  `TYPE = takes SHT_PROGBITS, SHT_STRTAB, SHT_NOTE, SHT_NOBITS, SHT_INIT_ARRAY, SHT_FINI_ARRAY, SHT_PREINIT_ARRAY, or a number.`,
)

export const sectionTypeUnused = entry(
  'S1215',
  'warning',
  (f: { type: string; nearest?: string }) =>
    `${f.type} is no section type that can be asked for${suggestion(f.nearest)}; the type of the contents counts`,
  `GNU ld looks at TYPE = only when the contents have no type of their own, and then it does not know this name. Here input
sections give the type, so the request has no effect.`,
)

export const sectionFlagUnknown = entry(
  'S1216',
  'warning',
  (f: { flag: string; nearest?: string }) =>
    `${f.flag} is no section flag${suggestion(f.nearest)}; the pattern matches nothing`,
  `INPUT_SECTION_FLAGS takes names such as SHF_WRITE, SHF_ALLOC, SHF_EXECINSTR, SHF_MERGE, SHF_STRINGS, SHF_TLS, joined by &, each
perhaps behind a !. GNU ld warns about other words, and the pattern then matches no section.`,
)

export const twoLoadAddresses = entry(
  'S1217',
  'error',
  () => 'this has both a load address, AT(…), and a load region, AT>…',
  'The load address comes either from an expression or from the cursor of a memory region. Leave one of the two out.',
)

export const twoAlignments = entry(
  'S1218',
  'error',
  () => 'ALIGN and ALIGN_WITH_INPUT exclude each other',
  'ALIGN_WITH_INPUT keeps the alignment of the contents, ALIGN(n) sets another one.',
)

export const constantUnknown = entry(
  'S1219',
  'error',
  (f: { name: string }) => `CONSTANT(${f.name}) is not known; there are MAXPAGESIZE and COMMONPAGESIZE`,
  'CONSTANT gives a number of the target: the largest page size that programs must cope with, or the usual one.',
)

export const startupTwice = entry(
  'S1220',
  'error',
  (f: { first: string; second: string }) => `STARTUP names ${f.second}, but ${f.first} is the first input already`,
  'STARTUP(file) makes a file the first input of the link. There can be only one.',
)

export const featureUnknown = entry(
  'S1221',
  'error',
  (f: { feature: string }) => `LD_FEATURE("${f.feature}") is not known; there is "SANE_EXPR"`,
  'LD_FEATURE switches the language itself. An unknown feature would change meanings, so it is an error as in GNU ld.',
)

export const versionTagTwice = entry(
  'S1222',
  'error',
  (f: { tag: string }) => `version ${f.tag} is defined twice`,
  'Each version node of a version script has a name of its own.',
)

export const versionAnonymousMixed = entry(
  'S1223',
  'error',
  () => 'a version node without a name cannot stand beside other version nodes',
  'A version script either has one nameless node, which only says what is exported, or named nodes.',
)

export const versionParentMissing = entry(
  'S1224',
  'error',
  (f: { tag: string; nearest?: string }) => `version ${f.tag} is not defined before this${suggestion(f.nearest)}`,
  'The names behind the closing brace of a version node are versions it depends on; they must be defined in front of it.',
)

export const ascizOctalCut = entry(
  'S1225',
  'warning',
  (f: { escape: string }) => `octal escape ${f.escape} is above 255; its last digit is taken as text`,
  'A byte holds values up to 255, \\377 in octal. GNU ld takes as many octal digits as fit.',
)

export const historicIgnored = entry(
  'S1226',
  'warning',
  (f: { command: string }) => `${f.command} has no effect`,
  'HLL, SYSLIB, FLOAT and NOFLOAT come from linkers of the past; GNU ld reads them and does nothing.',
)

export const definitionMalformed = entry(
  'S1227',
  'error',
  (f: { text: string }) => `--defsym ${f.text}: expected name=expression`,
  '--defsym defines a symbol as an assignment in a script does: --defsym base=0x1000, --defsym alias=other+4.',
)

export const implicitSections = entry(
  'S1228',
  'warning',
  () => 'this script among the inputs has output sections of its own; did you mean -T?',
  `A script that stands among the inputs adds to the layout instead of replacing it: its output sections come behind all
others. With -T the script is the layout.`,
)

// -------------------------------------------------------------------------------------------------------- extensions

export const languageVersionUnknown = entry(
  'S1302',
  'error',
  (f: { version: string }) => `language version ${f.version} is not known; this tsld reads version 1`,
  'The number behind @tsld is the version of the language the script was written in.',
)

export const languageVersionNotFirst = entry(
  'S1303',
  'warning',
  () => "'@tsld' should be the first statement of the script",
  'Another linker reads the statements before it, and may misread them.',
)

export const nameUnknown = entry(
  'S1304',
  'error',
  (f: { name: string; nearest?: string }) =>
    `${f.name} is no parameter, constant or fact of the target${suggestion(f.nearest)}`,
  `Conditions, loops, constants and names with \${…} are decided before anything is laid out. They can use @param, @const, loop
variables, and arch, os, bits, endian, output, dynamic, strip. Symbols of the program have no value yet.`,
)

export const layoutTimeValue = entry(
  'S1305',
  'error',
  (f: { expression: string; where: string }) =>
    `${f.where} is decided before the layout, but ${f.expression} is known only after it`,
  `There are two stages. Parameters, constants, conditions, loops and names are settled when the script is read. Addresses,
sizes, symbols and the location counter exist only during layout. Use an assignment or ASSERT for the latter.`,
)

export const typeMismatch = entry(
  'S1306',
  'error',
  (f: { what: string; expected: string; found: string }) => `${f.what}: expected ${f.expected}, found ${f.found}`,
  'Types are bool, string, int, size and addr. Numbers fit into int, size and addr alike; the others do not mix.',
)

export const typeUnknown = entry(
  'S1307',
  'error',
  (f: { type: string; nearest?: string }) =>
    `${f.type} is no type${suggestion(f.nearest)}; there are bool, string, int, size and addr`,
  'A parameter or constant may name its type behind a colon: @param HEAP : size = 8K;',
)

export const parameterUnset = entry(
  'S1308',
  'error',
  (f: { name: string }) => `parameter ${f.name} has no value: give -D ${f.name}=… or a default`,
  'A @param without a default must be given on the command line with -D, or as an argument of @include.',
)

export const parameterUnknown = entry(
  'S1309',
  'error',
  (f: { name: string; nearest?: string }) =>
    `-D ${f.name}: the script has no parameter of that name${suggestion(f.nearest)}`,
  '-D NAME=VALUE sets a @param of the script. A name that no @param has is nearly always misspelt.',
)

export const argumentUnknown = entry(
  'S1310',
  'error',
  (f: { what: string; name: string; nearest?: string }) =>
    `${f.what} has no parameter ${f.name}${suggestion(f.nearest)}`,
  'Arguments of @include set parameters (@param) of the included file; arguments of @use those of the @define.',
)

export const nameTaken = entry(
  'S1311',
  'error',
  (f: { name: string }) => `${f.name} is defined already in this scope`,
  'A parameter, constant or loop variable is defined once and does not change.',
)

export const loopTooLong = entry(
  'S1312',
  'error',
  (f: { count: string; limit: number }) => `this loop has ${f.count} rounds; at most ${f.limit} are allowed`,
  'A @for is written out when the script is read. So many rounds are nearly always a mistake in its bounds.',
)

export const macroUnknown = entry(
  'S1313',
  'error',
  (f: { name: string; nearest?: string }) => `there is no @define ${f.name}${suggestion(f.nearest)}`,
  '@use name(arguments) puts in the body of a @define that stands in front of it.',
)

export const macroTooDeep = entry(
  'S1314',
  'error',
  (f: { name: string; limit: number }) => `@use ${f.name} is nested more than ${f.limit} times`,
  'A @define that uses itself never ends, unless an @if stops it.',
)

export const macroArguments = entry(
  'S1315',
  'error',
  (f: { name: string; expected: string; found: number }) => `${f.name} takes ${f.expected}, but ${f.found} were given`,
  'The arguments of @use belong to the parameters of the @define in order; those with a default may be left out.',
)

export const wrongLevel = entry(
  'S1316',
  'error',
  (f: { what: string; level: string; legal: string }) => `${f.what} cannot stand ${f.level}; it belongs ${f.legal}`,
  'Each statement belongs to certain levels of a script: top level, SECTIONS, the body of an output section, MEMORY, PHDRS, VERSION.',
)

export const notCarriedOut = entry(
  'S1317',
  'error',
  (f: { what: string; nearest?: string }) => `${f.what} is not carried out by this tsld${suggestion(f.nearest)}`,
  `The statement reads well, but this version has no meaning for it. tsld never passes over a statement in silence, since
the output would not be what the script asks for.`,
)

export const argumentExpected = entry(
  'S1318',
  'error',
  (f: { statement: string; expected: string; found: string }) =>
    `@${f.statement}: expected ${f.expected}, found ${f.found}`,
  'The language reference shows the form of each @ statement.',
)

export const segmentRepeated = entry(
  'S1319',
  'error',
  (f: { name: string }) => `there is a segment ${f.name} already`,
  'Each @segment has a name of its own, by which sections refer to it.',
)

export const reserveNeedsStart = entry(
  'S1320',
  'error',
  () => '@reserve must stand behind an assignment that says where it begins: . = address;',
  'The reserved area begins at the address that the location counter was set to last, by . = address; or @segment … at address. Nothing may be placed between, and the address must not depend on the location counter.',
)

export const noteNotFixed = entry(
  'S1321',
  'error',
  () => 'a note holds BYTE, SHORT, LONG, QUAD, SQUAD and ASCIZ only',
  'The size of its contents stands in the head of the note, so they must have a fixed size.',
)

export const divisionByZero = entry(
  'S1322',
  'error',
  () => 'division by zero',
  'A value that is needed before the layout divides by zero.',
)
