/**
 * Mistakes in the text of a script, found while reading it. Codes S1001 to S1199.
 *
 * The grammar words these messages itself, because only it knows what was read; the rows here hold code, severity and
 * the long text. `syntaxEntry(code)` gives the row of a `SyntaxProblem`.
 */
import { type Entry, entry } from './entry.ts'

type Worded = { readonly message: string }

function row(code: string, severity: 'error' | 'warning', explanation: string): Entry<Worded> {
  return entry(code, severity, (facts: Worded) => facts.message, explanation)
}

export const strayCharacter = row(
  'S1001',
  'warning',
  `A character that starts no name, number or operator where it stands. GNU ld warns and skips it, and so do we, so the rest
of the statement may mean something else than it looks like: \`x ?= 1;\` is read as \`x = 1;\`. Which characters have a meaning
depends on the place: \`*\` begins a pattern in an output section and multiplies in an expression. Remove the character.`,
)

export const commentWithoutEnd = row(
  'S1002',
  'error',
  'A comment begins with /* and ends with the first */ behind it; comments do not nest. This one runs to the end of the file.',
)

export const quoteWithoutEnd = row(
  'S1003',
  'warning',
  `A quoted name ends with the next double quote; there is no way to write a quote inside a name. No further quote follows,
so this one is skipped, as GNU ld does, and what stands behind it is read as plain text.`,
)

export const unknownAtWord = row(
  'S1004',
  'warning',
  `Statements of the extended language begin with @ and a lower-case word. This word is not one of them, and the script does not
begin with \`@tsld 1;\`, so the @ is skipped, as GNU ld does. \`tsld help script\` lists the statements.`,
)

export const braceNotClosed = row(
  'S1005',
  'error',
  'The file ends inside a block. The message names the line of the opening brace; look for a missing } behind it.',
)

export const nestedTooDeep = row(
  'S1006',
  'error',
  `Parentheses, conditions and blocks may be nested 200 levels deep, and one expression may have 2,000 operators in a row. Split
the expression with symbols: \`part = ...;\`.`,
)

export const unexpectedText = row(
  'S1007',
  'error',
  `The word or mark does not fit here. The message says what may stand in this place. Names are read differently in different
places: between sections \`a-b\` and \`x=1\` are single names, in expressions they are not; put spaces around operators.
Reading goes on behind the statement, so later messages may be consequences of this one.`,
)

export const unexpectedEnd = row(
  'S1008',
  'error',
  'The file ends in the middle of a statement, or holds nothing where something is required.',
)

export const extensionUnannounced = row(
  'S1009',
  'warning',
  `The script uses an @ statement and does not begin with \`@tsld 1;\`. That first line makes other linkers stop at once instead of
misreading the script, and fixes the version of the language. Put it before the first statement.`,
)

export const semicolonMissing = row(
  'S1010',
  'error',
  `Assignments, PROVIDE, HIDDEN and, in an output section, ASSERT end with a semicolon or a comma, also directly before a closing
brace. The statement was read as if the semicolon were there.`,
)

export const equalsInName = row(
  'S1011',
  'error',
  `Outside expressions GNU ld allows =, +, -, :, [, ] and comma inside names, so that file names can be written without quotes.
\`x=1\` is therefore one name. Write spaces around the operator: \`x = 1\`, \`ORIGIN = 0x1000\`.`,
)

export const colonInName = row(
  'S1012',
  'error',
  'Between sections a colon may be part of a name, so `.text:` is a name of six characters. Write `.text :`.',
)

export const commaInName = row(
  'S1013',
  'error',
  'Outside expressions a comma may be part of a name. Write a space before the comma, or put the name in quotes.',
)

export const equalsInPattern = row(
  'S1014',
  'error',
  `In an output section every word that is not a keyword is a file pattern, and = may be part of it. An assignment there needs
white space on both sides of its operator: \`x = .;\`, \`. += 4;\`.`,
)

export const headerOrder = row(
  'S1015',
  'error',
  `The parts between the colon and the brace of an output section have a fixed order: AT(address), then ALIGN(n) or
ALIGN_WITH_INPUT, then SUBALIGN(n), then ONLY_IF_RO or ONLY_IF_RW. A type such as (NOLOAD) stands before the colon.`,
)

export const lowerCaseCommand = row(
  'S1016',
  'error',
  'Commands and functions of the language are written in capitals; in small letters the word is a plain name.',
)

export const semicolonInSections = row(
  'S1017',
  'error',
  `Directly in SECTIONS a semicolon only ends an assignment. ASSERT(...) and ENTRY(...) take none there, although they may have one
at the top level, and ASSERT must have one in an output section. An output section takes none either.`,
)

export const sortNesting = row(
  'S1018',
  'error',
  `Sorts of sections nest once, and only SORT_BY_NAME and SORT_BY_ALIGNMENT in each other or themselves. REVERSE goes around a
pattern, SORT_BY_NAME or SORT_BY_INIT_PRIORITY, or stands directly around the pattern inside a sort. Files can be sorted with
SORT_BY_NAME, SORT_NONE and REVERSE.`,
)

export const versionEmpty = row('S1019', 'error', 'VERSION { } needs at least one version node inside.')

export const languageQuotes = row(
  'S1020',
  'error',
  'In version scripts the language of an extern block is quoted: extern "C++" { ... };',
)

export const versionLabels = row(
  'S1021',
  'error',
  `A version node has either patterns without a label, which are global, or \`global:\` and patterns, then \`local:\` and patterns,
each label once. LLD and mold are more tolerant; GNU ld is not.`,
)

export const extensionWord = row(
  'S1022',
  'error',
  'A word of an @ statement is missing or misspelt: `@for (name in first .. last) { ... }`, `@define name(parameters) sections { ... }`.',
)

export const unknownFunction = row(
  'S1023',
  'error',
  `A name followed by a parenthesis in an expression is a function, and this one does not exist. Functions are written in
capitals: ALIGN, ADDR, SIZEOF, MAX and so on. For a section type put a space before the parenthesis.`,
)

export const colonMissing = row(
  'S1024',
  'error',
  'An output section is written `name : { ... }`; address and type stand before the colon. Only the sections of an OVERLAY have none.',
)

export const shortLength = row(
  'S1025',
  'error',
  'In MEMORY `l` and `len` mean LENGTH only behind a comma; behind the expression of ORIGIN they would be symbols. LENGTH itself needs none.',
)

const rows: readonly Entry<Worded>[] = [
  strayCharacter,
  commentWithoutEnd,
  quoteWithoutEnd,
  unknownAtWord,
  braceNotClosed,
  nestedTooDeep,
  unexpectedText,
  unexpectedEnd,
  extensionUnannounced,
  semicolonMissing,
  equalsInName,
  colonInName,
  commaInName,
  equalsInPattern,
  headerOrder,
  lowerCaseCommand,
  semicolonInSections,
  sortNesting,
  versionEmpty,
  languageQuotes,
  versionLabels,
  extensionWord,
  unknownFunction,
  colonMissing,
  shortLength,
]

const byCode: ReadonlyMap<string, Entry<Worded>> = new Map(rows.map(each => [each.code, each]))

/** The row of a mistake the grammar found: `report.add(syntaxEntry(problem.code)(problem), inScript(problem.span))`. */
export function syntaxEntry(code: string): Entry<Worded> {
  return byCode.get(code) ?? unexpectedText
}
