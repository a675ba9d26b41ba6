/**
 * The bridge between Chevrotain and the scanner: tokens are read when the parser looks at them.
 *
 * The only file that knows Chevrotain's insides. Its look-ahead functions ask `LA_FAST(1)`; its consuming calls
 * `consumeToken`; both are answered by the scanner here. Mistakes are thrown as `SyntaxFailure` and caught where a list
 * of statements is read (`recover`), so that one run finds many mistakes and still gives a tree.
 */
import { EmbeddedActionsParser, type IToken, type TokenType } from 'chevrotain'
import type { Name, NamePart, TsldStatement } from './ast.ts'
import { describeToken, insertBehind, type Level, levelText, unexpected } from './messages.ts'
import type { Mode } from './modes.ts'
import { resumePoint } from './recovery.ts'
import { Scanner, type Token } from './scanner.ts'
import type { Span, SyntaxProblem, TextEdit } from './span.ts'
import * as tokens from './tokens.ts'

/** Thrown where the text does not fit the grammar; always caught by a statement list. */
export class SyntaxFailure {
  constructor(readonly token: Token) {}
}

/** Deeper nesting of parentheses or blocks is refused, so that no text can exhaust the stack. */
const deepestNesting = 200

// While Chevrotain records the grammar, the rules run without tokens.
const noSpan: Span = { file: '', start: 0, end: 0, line: 1, column: 1 }
const noName: Name = { kind: 'name', text: '', quoted: false, span: noSpan }

export abstract class LazyParser extends EmbeddedActionsParser {
  protected scanner = new Scanner('', '')
  protected level: Level = 'top'
  protected depth = 0
  /** off in headers of output sections, where `name (TYPE)` is a name and a type */
  protected callsAllowed = true
  /** the `@tsld` statement of this text */
  protected announced: TsldStatement | undefined
  private endReported = false

  constructor(skipValidations: boolean) {
    super([...tokens.tokenTypes], {
      maxLookahead: 1,
      recoveryEnabled: false,
      skipValidations,
      nodeLocationTracking: 'none',
    })
  }

  /** Starts on a new text. */
  start(scanner: Scanner, mode: Mode, level: Level): void {
    this.scanner = scanner
    scanner.mode = mode
    this.level = level
    this.depth = 0
    this.callsAllowed = true
    this.endReported = false
    this.announced = undefined
    this.reset()
  }

  // ------------------------------------------------------------------------------- what Chevrotain asks its lexer for

  override LA(howMuch: number): IToken {
    return howMuch === 0 ? this.scanner.previous : this.scanner.peek()
  }

  protected override LA_FAST(): IToken {
    return this.scanner.peek()
  }

  protected consumeToken(): void {
    this.scanner.take()
  }

  protected override SKIP_TOKEN(): IToken {
    this.scanner.take()
    return this.scanner.peek()
  }

  protected exportLexerState(): number {
    return this.scanner.taken
  }

  protected importLexerState(): void {}
  protected resetLexerState(): void {}
  protected moveToTerminatedState(): void {}
  protected getLexerPosition(): number {
    return this.scanner.taken
  }

  protected onBeforeParse(): void {}
  protected onAfterParse(): void {}

  // Chevrotain's own versions compute every possible path for the message, which is slow and reads badly.
  protected consumeInternalError(type: TokenType, _token: IToken, options?: { readonly ERR_MSG?: string }): never {
    this.fail(options?.ERR_MSG ?? type.LABEL ?? type.name)
  }

  protected raiseNoAltException(_occurrence: number, expected?: string): never {
    this.fail(expected)
  }

  protected raiseEarlyExitException(_occurrence: number, _type: unknown, expected?: string): never {
    this.fail(expected)
  }

  // ---------------------------------------------------------------------------------------------------- for the rules

  /** Lexes in `mode` from the next unread token on; returns the old mode, to be given back later. */
  protected enter(mode: Mode): Mode {
    const { mode: old } = this.scanner
    this.scanner.mode = mode
    return old
  }

  protected get next(): Token {
    return this.scanner.peek()
  }

  protected nextIs(type: TokenType): boolean {
    return this.scanner.peek().tokenTypeIdx === type.tokenTypeIdx
  }

  protected spanFrom(first: IToken): Span {
    return this.RECORDING_PHASE ? noSpan : this.scanner.spanFrom(first as Token)
  }

  protected name(token: IToken): Name {
    if (this.RECORDING_PHASE) return noName
    const { image, quoted } = token as Token
    const span = this.scanner.spanOf(token as Token)
    const parts = this.scanner.extended && image.includes('${') ? this.nameParts(token as Token) : undefined
    return parts === undefined
      ? { kind: 'name', text: image, quoted, span }
      : { kind: 'name', text: image, quoted, parts, span }
  }

  /** The pieces of a name with `${…}`. */
  protected abstract nameParts(token: Token): readonly NamePart[] | undefined

  /** Counts one nesting level; the caller gives it back with `this.depth--`. */
  protected nest(token: IToken): void {
    if (this.RECORDING_PHASE || ++this.depth <= deepestNesting) return
    this.report({
      code: 'S1006',
      severity: 'error',
      message: `nested deeper than ${deepestNesting} levels`,
      span: this.scanner.spanOf(token as Token),
    })
    throw new SyntaxFailure(token as Token)
  }

  protected report(problem: SyntaxProblem): void {
    if (!this.RECORDING_PHASE) this.scanner.report(problem)
  }

  /** Reports that the next token is not what fits here, and leaves the statement. */
  protected fail(expected: string | undefined): never {
    const token = this.scanner.peek()
    this.reportUnexpected(token, expected)
    throw new SyntaxFailure(token)
  }

  protected reportUnexpected(token: Token, expected: string | undefined): void {
    if (token.tokenType === tokens.EndOfFile) {
      if (this.endReported) return
      this.endReported = true
    }
    this.report(unexpected(this.scanner, token, this.scanner.previous, expected, this.level))
  }

  /** A mistake that does not stop the statement. */
  protected complain(code: string, message: string, token: Token, fix?: readonly TextEdit[], expected?: string): void {
    this.report({ code, severity: 'error', message, span: this.scanner.spanOf(token), expected, fix })
  }

  /** Runs one statement of a list; after a mistake goes on behind it. */
  protected guarded<S>(list: S[], level: Level, mode: Mode, statement: () => S | undefined): void {
    if (this.RECORDING_PHASE) {
      statement.call(this)
      return
    }
    const { depth } = this
    this.level = level
    try {
      const node = statement.call(this)
      if (node !== undefined) list.push(node)
    } catch (failure) {
      if (!(failure instanceof SyntaxFailure)) throw failure
      this.scanner.mode = mode
      this.recover(level)
    }
    this.depth = depth
    this.callsAllowed = true
    this.level = level
    this.scanner.mode = mode
  }

  /** Leaves the statement after a mistake that was reported. */
  protected leave(): never {
    throw new SyntaxFailure(this.scanner.peek())
  }

  /** `;` or `,` behind an assignment. When it is missing at a line end the statement counts all the same. */
  protected separator(): void {
    const kind = this.next.tokenTypeIdx
    if (this.RECORDING_PHASE || kind === tokens.Semicolon.tokenTypeIdx || kind === tokens.Comma.tokenTypeIdx) {
      this.OR9([{ ALT: () => this.CONSUME9(tokens.Semicolon) }, { ALT: () => this.CONSUME9(tokens.Comma) }])
      return
    }
    const { previous } = this.scanner
    const ends = this.next.startLine > previous.startLine || kind === tokens.RightBrace.tokenTypeIdx
    if (!ends || kind === tokens.EndOfFile.tokenTypeIdx) this.fail('`;`')
    const fix = insertBehind(this.scanner, previous, ';')
    this.complain('S1010', `\`;\` is missing behind ${describeToken(previous)}`, previous, fix, '`;`')
    // What follows was read in expression state; it begins a statement.
    this.scanner.reread()
  }

  private recover(level: Level): void {
    const token = this.scanner.peek()
    const point = resumePoint(this.scanner.text, token.startOffset, level)
    if (point > token.startOffset) this.scanner.skipTo(point)
    else this.scanner.reread()
  }

  /**
   * At the end of a list of statements: true when something stood there that starts no statement; it is reported and
   * skipped, and the list goes on. `closed`: the list stands in braces, so `}` is its end.
   */
  protected skipUnexpected(level: Level, mode: Mode, closed: boolean): boolean {
    if (this.RECORDING_PHASE) return false
    this.scanner.mode = mode
    this.level = level
    const token = this.scanner.peek()
    if (token.tokenType === tokens.EndOfFile || (closed && token.tokenType === tokens.RightBrace)) return false
    this.reportUnexpected(token, `${levelText[level]}`)
    this.scanner.take()
    if (token.tokenType === tokens.RightBrace) return true
    const next = this.scanner.peek()
    const from = token.tokenType === tokens.LeftBrace ? token.startOffset : next.startOffset
    const point = token.tokenType === tokens.Semicolon ? 0 : resumePoint(this.scanner.text, from, level)
    if (point > next.startOffset) this.scanner.skipTo(point)
    return true
  }

  /** `}`; at the end of the file its absence is reported once, and the tree is kept. */
  protected closeBrace(open: IToken): void {
    if (this.RECORDING_PHASE || this.nextIs(tokens.RightBrace)) {
      this.CONSUME(tokens.RightBrace)
      return
    }
    const brace = open as Token
    if (this.endReported) return
    this.endReported = true
    this.complain('S1005', `the \`{\` of line ${brace.startLine} is never closed`, this.next, undefined, '`}`')
  }
}
