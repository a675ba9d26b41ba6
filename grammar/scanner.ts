/**
 * Makes tokens on demand.
 *
 * The same characters make different tokens in different places, so no token list can be made ahead: the parser sets
 * `mode` and asks for the next token. One token of look-ahead is kept in the mode it was read in, as in GNU ld, unless
 * the parser says `rereadName()`.
 */
import { EOF, type IToken, type TokenType } from 'chevrotain'
import type { Comment } from './ast.ts'
import * as characters from './characters.ts'
import { isExtensionWord } from './keywords.ts'
import { type Mode, modes } from './modes.ts'
import { extensionNumberLength, gnuNumberLength } from './numbers.ts'
import { operatorAt } from './operators.ts'
import type { Span, SyntaxProblem } from './span.ts'
import {
  AtWord,
  atWords,
  keywordsByMode,
  LibraryToken,
  NameToken,
  NumberToken,
  SortByName,
  SortConstructors,
} from './tokens.ts'

/** A token with its place. `image` is the text without quotes. */
export class Token implements IToken {
  readonly tokenTypeIdx: number
  constructor(
    readonly tokenType: TokenType,
    readonly image: string,
    readonly startOffset: number,
    /** offset behind the last character (not of it, as Chevrotain has it: nobody asks) */
    readonly endOffset: number,
    readonly startLine: number,
    readonly startColumn: number,
    readonly quoted: boolean,
    readonly mode: Mode,
  ) {
    this.tokenTypeIdx = tokenType.tokenTypeIdx as number
  }
}

const [tab, newline, carriageReturn, space, quote, hash, dollar, star, slash] = [9, 10, 13, 32, 34, 35, 36, 42, 47]
const [at, equals, openBrace, minus, smallL, dot] = [64, 61, 123, 45, 108, 46]
const longestProblemList = 100

const firstClass: Readonly<Record<Mode, number>> = {
  [modes.script]: characters.scriptFirst,
  [modes.expression]: characters.expressionFirst,
  [modes.wild]: characters.wildRest,
  [modes.inputList]: characters.scriptFirst,
  [modes.versionTag]: characters.tagFirst,
  [modes.versionNode]: characters.versionRest,
  [modes.extension]: characters.expressionFirst,
}
const restClass: Readonly<Record<Mode, number>> = {
  [modes.script]: characters.scriptRest,
  [modes.expression]: characters.expressionRest,
  [modes.wild]: characters.wildRest,
  [modes.inputList]: characters.scriptRest,
  [modes.versionTag]: characters.tagRest,
  [modes.versionNode]: characters.versionRest,
  [modes.extension]: characters.expressionRest,
}

export class Scanner {
  mode: Mode = modes.script
  readonly comments: Comment[] = []
  readonly problems: SyntaxProblem[] = []
  /** an `@` statement was seen: unknown `@words` are statements too, and `${…}` joins values into names */
  extended = false
  /** tokens taken; grows whenever something was read */
  taken = 0
  /** the token taken last */
  previous: Token
  private offset = 0
  private line = 1
  private lineStart = 0
  private ahead: Token | undefined

  constructor(
    readonly text: string,
    readonly file: string,
  ) {
    this.previous = new Token(EOF, '', 0, 0, 1, 1, false, modes.script)
  }

  /** The next token, in the current mode unless it was looked at before. */
  peek(): Token {
    return (this.ahead ??= this.read())
  }

  take(): Token {
    const token = this.peek()
    this.previous = token
    this.ahead = undefined
    this.taken++
    return token
  }

  /** If the look-ahead is a name, read it again in the current mode: GNU ld does so behind `=fill` and LENGTH. */
  rereadName(): void {
    if (this.ahead !== undefined && this.ahead.tokenType === NameToken) this.reread()
  }

  /** Drops the look-ahead; the next `peek` reads it in the current mode. */
  reread(): void {
    if (this.ahead !== undefined) this.moveTo(this.ahead.startOffset, this.ahead.startLine, this.ahead.startColumn)
  }

  /** Goes on reading at `offset`, which is at or behind the look-ahead. */
  skipTo(offset: number): void {
    this.reread()
    while (this.offset < offset) this.step()
    this.ahead = undefined
    this.taken++
  }

  /** Ends the input here. */
  stop(): void {
    this.offset = this.text.length
    this.ahead = undefined
  }

  report(problem: SyntaxProblem): void {
    if (this.problems.length < longestProblemList) this.problems.push(problem)
    if (this.problems.length >= longestProblemList) this.stop()
  }

  spanOf(token: Token): Span {
    return {
      file: this.file,
      start: token.startOffset,
      end: token.endOffset,
      line: token.startLine,
      column: token.startColumn,
    }
  }

  /** From the start of `token` to the end of the token taken last. */
  spanFrom(token: Token): Span {
    return {
      file: this.file,
      start: token.startOffset,
      end: Math.max(this.previous.endOffset, token.endOffset),
      line: token.startLine,
      column: token.startColumn,
    }
  }

  /** Starts reading in the middle of the text, for an expression inside a name. */
  startAt(offset: number, line: number, column: number): void {
    this.moveTo(offset, line, column)
  }

  private moveTo(offset: number, line: number, column: number): void {
    this.offset = offset
    this.line = line
    this.lineStart = offset - column + 1
    this.ahead = undefined
  }

  private step(): void {
    if (this.text.charCodeAt(this.offset++) === newline) {
      this.line++
      this.lineStart = this.offset
    }
  }

  private read(): Token {
    const { text } = this
    for (;;) {
      const code = text.charCodeAt(this.offset)
      if (code === newline) this.step()
      else if (code === space || code === tab || code === carriageReturn) this.offset++
      else if (code === slash && text.charCodeAt(this.offset + 1) === star) this.readComment()
      else if (code === hash && this.mode !== modes.inputList) this.readLineComment()
      else if (this.offset >= text.length) return this.make(EOF, 0)
      else {
        const token = this.readToken(code)
        if (token !== undefined) return token
        this.skipInvalid(code)
      }
    }
  }

  /** The token at the offset, or undefined when the character makes none in this mode. */
  private readToken(code: number): Token | undefined {
    const { text, mode, offset } = this
    if (code === quote && mode !== modes.versionTag) return this.readQuoted()
    if (code === at) return this.readAtWord()
    if (mode === modes.script || mode === modes.expression || mode === modes.extension) {
      const number = this.numberLength()
      if (number > 0 && number >= this.nameEnd() - offset) return this.make(NumberToken, number)
    }
    const operator = operatorAt(text, offset, mode)
    const end = this.nameEnd()
    if (operator !== undefined && operator.length >= end - offset) return this.make(operator.type, operator.length)
    if (end > offset) return this.makeName(end)
    if (mode === modes.inputList) return this.readInputPrefix(code)
    return undefined
  }

  private numberLength(): number {
    if (this.mode === modes.extension) {
      const length = extensionNumberLength(this.text, this.offset)
      if (length > 0) return length
    }
    return gnuNumberLength(this.text, this.offset, this.mode !== modes.script)
  }

  /** Offset behind the name that starts here, the offset itself when none does. */
  private nameEnd(): number {
    const { text, mode, offset } = this
    const table = characters.characterClasses
    const first = text.charCodeAt(offset)
    const starts = first < 256 && (table[first] & firstClass[mode]) !== 0
    if (mode === modes.versionNode && (table[first] & characters.decimalDigit) !== 0) return offset
    if (mode === modes.expression && first === slash && text.startsWith('/DISCARD/', offset)) return offset + 9
    if (!starts) return offset
    const classes = restClass[mode]
    // The first character may be of another class than the rest (`$` in version tags).
    const joins = first === dollar && this.extended && text.charCodeAt(offset + 1) === openBrace
    let end = joins ? offset : offset + 1
    for (;;) {
      const code = text.charCodeAt(end)
      if (code === dollar && this.extended && text.charCodeAt(end + 1) === openBrace) end = this.embeddedEnd(end)
      else if (code < 256 && (table[code] & classes) !== 0) end++
      else if (mode === modes.versionNode && text.startsWith('::', end) && end > offset) end += 2
      else if (mode === modes.extension && first === dot && (code === star || code === 63)) end++
      else return end
    }
  }

  /** Behind the brace that closes the `${` at `start`; just behind the `$` when there is none on this line. */
  private embeddedEnd(start: number): number {
    let depth = 0
    for (let i = start + 1; i < this.text.length && this.text.charCodeAt(i) !== newline; i++) {
      const code = this.text.charCodeAt(i)
      if (code === openBrace) depth++
      else if (code === 125 && --depth === 0) return i + 1
    }
    return start + 1
  }

  private makeName(end: number): Token {
    const image = this.text.slice(this.offset, end)
    // Nearly all keywords start with a capital; `o org l len global local extern` do not.
    const type = keywordsByMode[this.mode].get(image) ?? NameToken
    if (type === SortByName && this.constructorsFollow(end)) return this.make(SortConstructors, end - this.offset)
    return this.make(type, end - this.offset)
  }

  private constructorsFollow(at: number): boolean {
    const pattern = /\s*\(\s*CONSTRUCTORS\s*\)/y
    pattern.lastIndex = at
    return pattern.test(this.text)
  }

  /** INPUT knows `-lname` and `=path` (below the sysroot). */
  private readInputPrefix(code: number): Token | undefined {
    const { text, offset } = this
    const rest = (from: number): number => {
      let end = from
      while (characters.isIn(text.charCodeAt(end), characters.scriptRest)) end++
      return end
    }
    if (code === minus && text.charCodeAt(offset + 1) === smallL) {
      const end = rest(offset + 2)
      return end > offset + 2 ? this.make(LibraryToken, end - offset) : undefined
    }
    const isPath = code === equals && characters.isIn(text.charCodeAt(offset + 1), characters.scriptFirst)
    return isPath ? this.make(NameToken, rest(offset + 1) - offset) : undefined
  }

  private readQuoted(): Token | undefined {
    const end = this.text.indexOf('"', this.offset + 1)
    if (end < 0) return undefined
    const { line, offset } = this
    const column = offset - this.lineStart + 1
    while (this.offset <= end) this.step()
    return new Token(NameToken, this.text.slice(offset + 1, end), offset, end + 1, line, column, true, this.mode)
  }

  /** `@word` is a statement when the word is known, or any word once the script is known to be extended. */
  private readAtWord(): Token | undefined {
    if (this.mode === modes.inputList) return undefined
    let end = this.offset + 1
    while (/[a-z_0-9]/.test(this.text.charAt(end))) end++
    const word = this.text.slice(this.offset + 1, end)
    if (word === '' || !(this.extended || isExtensionWord(word))) return undefined
    if (!this.extended && word !== 'tsld') this.reportUnannounced(word, end - this.offset)
    this.extended = true
    return this.make(atWords.get(word) ?? AtWord, end - this.offset)
  }

  private reportUnannounced(word: string, length: number): void {
    const first = this.text.startsWith('#!') ? this.text.indexOf('\n') + 1 : 0
    const start: Span = { file: this.file, start: first, end: first, line: first > 0 ? 2 : 1, column: 1 }
    this.report({
      code: 'S1009',
      severity: 'warning',
      message: `\`@${word}\` belongs to the extended language; begin the script with \`@tsld 1;\``,
      span: this.here(length),
      fix: [{ span: start, text: '@tsld 1;\n' }],
    })
  }

  private make(type: TokenType, length: number): Token {
    const start = this.offset
    this.offset += length
    const image = this.text.slice(start, this.offset)
    return new Token(type, image, start, this.offset, this.line, start - this.lineStart + 1, false, this.mode)
  }

  private here(length: number): Span {
    const { file, offset, line, lineStart } = this
    return { file, start: offset, end: offset + length, line, column: offset - lineStart + 1 }
  }

  private readComment(): void {
    const end = this.text.indexOf('*/', this.offset + 2)
    const stop = end < 0 ? this.text.length : end + 2
    const span = { ...this.here(stop - this.offset) }
    if (end < 0) {
      this.report({
        code: 'S1002',
        severity: 'error',
        message: 'this comment has no end: `*/` is missing',
        span: this.here(2),
        expected: '`*/`',
      })
    }
    this.comments.push({ text: this.text.slice(span.start, stop), span })
    while (this.offset < stop) this.step()
  }

  private readLineComment(): void {
    const newlineAt = this.text.indexOf('\n', this.offset)
    let stop = newlineAt < 0 ? this.text.length : newlineAt
    if (stop > this.offset && this.text.charCodeAt(stop - 1) === carriageReturn) stop--
    this.comments.push({ text: this.text.slice(this.offset, stop), span: this.here(stop - this.offset) })
    this.offset = stop
  }

  /** GNU ld skips a character that makes no token; so do we, with a warning each run of the same character. */
  private skipInvalid(code: number): void {
    const { text, offset } = this
    let length = 1
    while (text.charCodeAt(offset + length) === code) length++
    const span = this.here(length)
    if (code === quote) {
      this.report({
        code: 'S1003',
        severity: 'warning',
        message: 'this `"` opens a name that never ends; it is skipped',
        span,
      })
    } else if (code === at) {
      const word = /@[A-Za-z_]*/y
      word.lastIndex = offset
      const found = word.exec(text)?.[0] ?? '@'
      const message =
        found === '@'
          ? 'the character `@` is skipped'
          : `\`${found}\` is no statement of the language: the \`@\` is skipped, as GNU ld does`
      this.report({ code: 'S1004', severity: 'warning', message, span, expected: 'a known `@` statement' })
    } else {
      const shown = code > 32 && code < 127 ? `\`${text.charAt(offset)}\`` : `with the code ${hex(code)}`
      const where = this.mode === modes.inputList ? 'a file list' : 'the script here'
      this.report({
        code: 'S1001',
        severity: 'warning',
        message: `the character ${shown} has no meaning in ${where} and is skipped, as GNU ld does`,
        span,
      })
    }
    this.offset += length
  }
}

function hex(code: number): string {
  return '0x' + code.toString(16).padStart(2, '0')
}
