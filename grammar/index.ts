/**
 * Text in, syntax tree out.
 *
 * Importing this file loads Chevrotain but builds no parser; the first parse does, in about 50 ms. No function here
 * throws for any text, and none runs longer than a constant times the length of it. Text is Latin-1 decoded (span.ts).
 */
import type {
  Assignment,
  Comment,
  DynamicList,
  Expression,
  Script,
  ScriptContext,
  VersionBlock,
  VersionStatement,
} from './ast.ts'
import { ScriptParser } from './parser.ts'
import { Scanner } from './scanner.ts'
import type { SyntaxProblem } from './span.ts'

export interface ParseResult<T> {
  /** also there when there are problems: without the statements that could not be read */
  readonly tree: T
  /** in text order */
  readonly comments: readonly Comment[]
  /** empty when the text is right. At most 100, then reading stops. Warnings do not make the text wrong */
  readonly problems: readonly SyntaxProblem[]
}

let parser: ScriptParser | undefined

// The parser holds state only while a parse function runs; keeping it saves building it again.
function theParser(): ScriptParser {
  return (parser ??= new ScriptParser())
}

/**
 * A linker script. `context` says where the text stands: `top` for a script of its own, else the place of the INCLUDE
 * that names it.
 *
 * @example parseScript('ENTRY(main)', 'a.ld').tree.statements[0].kind === 'entry'
 */
export function parseScript(text: string, file: string, context: ScriptContext = 'top'): ParseResult<Script> {
  const scanner = new Scanner(text, file)
  return finish(theParser().parseStatements(scanner, context), scanner)
}

/** The text of `--version-script`: one or more nodes. */
export function parseVersionScript(text: string, file: string): ParseResult<VersionBlock> {
  const scanner = new Scanner(text, file)
  const { statements, span } = theParser().parseStatements(scanner, 'version')
  requireContent(scanner, statements.length, 'a version node')
  return finish({ kind: 'version', nodes: statements as readonly VersionStatement[], span }, scanner)
}

/** The text of `--dynamic-list`: one or more lists of patterns. */
export function parseDynamicList(text: string, file: string): ParseResult<readonly DynamicList[]> {
  const scanner = new Scanner(text, file)
  const lists = theParser().parseDynamicLists(scanner)
  requireContent(scanner, lists.length, 'a list of patterns')
  return finish(lists, scanner)
}

/** The text of `--section-ordering-file`: output sections with patterns, assignments, ASSERT. */
export function parseSectionOrder(text: string, file: string): ParseResult<Script> {
  const scanner = new Scanner(text, file)
  return finish(theParser().parseOrder(scanner), scanner)
}

/** `name=expression`, the argument of `--defsym`, read in GNU ld's expression state. Undefined when it is wrong. */
export function parseDefinition(text: string, file: string): ParseResult<Assignment | undefined> {
  const scanner = new Scanner(text, file)
  return finish(theParser().parseWhole<Assignment>(scanner, 'definition'), scanner)
}

/** An expression alone; `extended`: as the arguments of `@` statements are read (for `-D NAME=value`). */
export function parseExpression(text: string, file: string, extended = false): ParseResult<Expression> {
  const scanner = new Scanner(text, file)
  return finish(theParser().parseExpression(scanner, extended), scanner)
}

function finish<T>(tree: T, scanner: Scanner): ParseResult<T> {
  return { tree, comments: scanner.comments, problems: scanner.problems }
}

/** GNU ld refuses an empty version script and an empty dynamic list. */
function requireContent(scanner: Scanner, count: number, expected: string): void {
  if (count > 0 || scanner.problems.some(problem => problem.severity === 'error')) return
  const { file, text } = scanner
  const span = { file, start: text.length, end: text.length, line: 1, column: 1 }
  scanner.report({ code: 'S1008', severity: 'error', message: `the file ends without ${expected}`, span, expected })
}
