/** Expressions: operators, functions, numbers and names. */
import type { IToken } from 'chevrotain'
import type { BinaryOperator, Expression, NameFunction, NamePart, UnaryOperator, ValueFunction } from '../ast.ts'
import { LazyParser } from '../lazy-parser.ts'
import { modes } from '../modes.ts'
import { extensionNumberLength, extensionNumberValue, gnuNumberValue } from '../numbers.ts'
import { joinOperators } from '../precedence.ts'
import { Scanner, type Token } from '../scanner.ts'
import type { Span } from '../span.ts'
import * as t from '../tokens.ts'

/** Operators in a row make a tree of that depth, which others walk by recursion. */
const longestRow = 2000
const longestSigns = 100

export abstract class ExpressionRules extends LazyParser {
  readonly conditional = this.RULE('conditional', (first?: Expression): Expression => {
    const condition = this.SUBRULE(this.operation, { ARGS: [first] })
    let result = condition
    this.OPTION(() => {
      const mark = this.CONSUME(t.Question)
      this.nest(mark)
      const whenTrue = this.SUBRULE(this.conditional)
      this.CONSUME(t.Colon)
      const whenFalse = this.SUBRULE2(this.conditional)
      this.depth--
      const span = joinSpans(condition.span, whenFalse.span)
      result = { kind: 'conditional', condition, whenTrue, whenFalse, span }
    })
    return result
  })

  /** Operands and operators in a row; precedence is settled afterwards, so the row costs no recursion. */
  readonly operation = this.RULE('operation', (given?: Expression): Expression => {
    let first = given as Expression
    if (this.RECORDING_PHASE || given === undefined) first = this.SUBRULE(this.operand)
    let operands: Expression[] | undefined
    let operators: BinaryOperator[] | undefined
    this.MANY(() => {
      const operator = this.OR([
        { ALT: () => this.CONSUME(t.Operator) },
        { ALT: () => this.CONSUME(t.Plus) },
        { ALT: () => this.CONSUME(t.Minus) },
        { ALT: () => this.CONSUME(t.Greater) },
        { ALT: () => this.CONSUME(t.Ampersand) },
      ])
      const right = this.SUBRULE2(this.operand)
      operators ??= []
      operands ??= [first]
      if (operators.length >= longestRow) this.tooLong(operator)
      operators.push(operator.image as BinaryOperator)
      operands.push(right)
    })
    return operands === undefined || this.RECORDING_PHASE
      ? first
      : joinOperators(operands, operators as BinaryOperator[])
  })

  readonly operand = this.RULE('operand', (): Expression => {
    let signs: IToken[] | undefined
    this.MANY(() => {
      const sign = this.OR([
        { ALT: () => this.CONSUME(t.Minus) },
        { ALT: () => this.CONSUME(t.Plus) },
        { ALT: () => this.CONSUME(t.Not) },
        { ALT: () => this.CONSUME(t.Tilde) },
      ])
      signs ??= []
      if (signs.length >= longestSigns) this.tooLong(sign)
      signs.push(sign)
    })
    const operand = this.OR2({ ERR_MSG: 'a value', DEF: this.operandAlternatives })
    if (signs === undefined || this.RECORDING_PHASE) return operand
    let result: Expression = operand
    for (let i = signs.length - 1; i >= 0; i--) {
      const span = joinSpans(this.scanner.spanOf(signs[i] as Token), result.span)
      result = { kind: 'unary', operator: signs[i].image as UnaryOperator, operand: result, span }
    }
    return result
  })

  // Made once: a list of closures per call would be the parser's largest cost.
  private readonly operandAlternatives = [
    { ALT: (): Expression => this.numberOf(this.CONSUME(t.NumberToken)) },
    { ALT: (): Expression => this.SUBRULE(this.nameOrCall) },
    { ALT: (): Expression => this.SUBRULE(this.parenthesised) },
    { ALT: (): Expression => this.SUBRULE(this.nameFunction) },
    { ALT: (): Expression => this.SUBRULE(this.valueFunction) },
    {
      ALT: (): Expression => ({ kind: 'sizeof-headers', span: this.spanFrom(this.CONSUME(t.SizeofHeaders)) }),
    },
    { ALT: (): Expression => this.SUBRULE(this.segmentStart) },
    { ALT: (): Expression => this.SUBRULE(this.assertExpression) },
  ]

  readonly parenthesised = this.RULE('parenthesised', (): Expression => {
    const open = this.CONSUME(t.LeftParen)
    this.nest(open)
    const inner = this.SUBRULE(this.conditional)
    this.CONSUME(t.RightParen)
    this.depth--
    return parenthesise(inner)
  })

  readonly nameOrCall = this.RULE('nameOrCall', (): Expression => {
    const token = this.CONSUME(t.NameToken)
    let call: Expression[] | undefined
    this.OPTION({
      GATE: () => this.callFollows(),
      DEF: () => {
        const open = this.CONSUME(t.LeftParen)
        this.nest(open)
        const items: Expression[] = []
        this.MANY_SEP({ SEP: t.Comma, DEF: () => items.push(this.SUBRULE(this.conditional)) })
        this.CONSUME(t.RightParen)
        this.depth--
        call = items
      },
    })
    if (call !== undefined) {
      return { kind: 'extension-call', name: this.name(token), arguments: call, span: this.spanFrom(token) }
    }
    return this.nameExpression(token as Token)
  })

  readonly nameFunction = this.RULE('nameFunction', (): Expression => {
    const word = this.OR([
      { ALT: () => this.CONSUME(t.ScriptNameFunction) },
      { ALT: () => this.CONSUME(t.ExpressionNameFunction) },
      { ALT: () => this.CONSUME(t.Origin) },
      { ALT: () => this.CONSUME(t.Length) },
    ])
    // The argument of ADDR and the like is lexed as between sections (`.a-b` is one name), that of DEFINED is not.
    const inExpression = word.tokenTypeIdx === t.ExpressionNameFunction.tokenTypeIdx
    const old = inExpression ? this.scanner.mode : this.enter(modes.script)
    this.CONSUME(t.LeftParen)
    const name = this.CONSUME(t.NameToken)
    this.CONSUME(t.RightParen)
    this.enter(old)
    return { kind: 'name-function', function: functionName(word), name: this.name(name), span: this.spanFrom(word) }
  })

  readonly valueFunction = this.RULE('valueFunction', (): Expression => {
    const values: Expression[] = []
    const word = this.OR([
      { ALT: () => this.CONSUME(t.OneValueFunction) },
      { ALT: () => this.CONSUME(t.TwoValueFunction) },
      { ALT: () => this.CONSUME(t.Align) },
      { ALT: () => this.CONSUME(t.BlockWord) },
    ])
    const open = this.CONSUME(t.LeftParen)
    this.nest(open)
    values.push(this.SUBRULE(this.conditional))
    const two = word.tokenTypeIdx === t.TwoValueFunction.tokenTypeIdx
    this.OPTION({
      GATE: () => two || word.tokenTypeIdx === t.Align.tokenTypeIdx,
      DEF: () => {
        this.CONSUME(t.Comma)
        values.push(this.SUBRULE2(this.conditional))
      },
    })
    if (two && values.length < 2 && !this.RECORDING_PHASE) this.fail('`,` and a second value')
    this.CONSUME(t.RightParen)
    this.depth--
    return {
      kind: 'value-function',
      function: word.image as ValueFunction,
      arguments: values,
      span: this.spanFrom(word),
    }
  })

  readonly segmentStart = this.RULE('segmentStart', (): Expression => {
    const word = this.CONSUME(t.SegmentStart)
    const old = this.enter(modes.script)
    this.CONSUME(t.LeftParen)
    const segment = this.CONSUME(t.NameToken)
    this.CONSUME(t.Comma)
    this.enter(old)
    this.nest(word)
    const fallback = this.SUBRULE(this.conditional)
    this.CONSUME(t.RightParen)
    this.depth--
    return { kind: 'segment-start', segment: this.name(segment), fallback, span: this.spanFrom(word) }
  })

  readonly assertExpression = this.RULE('assertExpression', (): Expression => {
    const word = this.CONSUME(t.Assert)
    this.CONSUME(t.LeftParen)
    this.nest(word)
    const condition = this.SUBRULE(this.conditional)
    this.CONSUME(t.Comma)
    const message = this.CONSUME(t.NameToken)
    this.CONSUME(t.RightParen)
    this.depth--
    return { kind: 'assert-expression', condition, message: this.name(message), span: this.spanFrom(word) }
  })

  private tooLong(token: IToken): never {
    this.complain('S1006', 'too many operators in one expression', token as Token)
    return this.leave()
  }

  private numberOf(token: IToken): Expression {
    const { image, mode } = token as Token
    const span = this.scanner.spanOf(token as Token)
    if (this.RECORDING_PHASE) return { kind: 'number', value: 0n, text: '', span }
    const isNew = mode === modes.extension && extensionNumberLength(image, 0) === image.length
    const value = isNew ? extensionNumberValue(image) : gnuNumberValue(image, mode !== modes.script)
    const plainHex = /^0[xX]([0-9a-fA-F]+)$/.exec(image)
    if (plainHex === null) return { kind: 'number', value, text: image, span }
    return { kind: 'number', value, text: image, hexDigits: plainHex[1], span }
  }

  private nameExpression(token: Token): Expression {
    const { image, quoted, mode } = token
    if (image === '.' && !quoted) return { kind: 'dot', span: this.scanner.spanOf(token) }
    const name = this.name(token)
    const { span } = name
    if (mode === modes.extension) {
      if (quoted) return { kind: 'string', value: image, parts: name.parts, span }
      if (image === 'true' || image === 'false') return { kind: 'boolean', value: image === 'true', span }
    }
    return { kind: 'symbol', name, span }
  }

  /** `name(` without a space is a call, in the extended language only: plain GNU has no such functions. */
  private callFollows(): boolean {
    const { previous, extended } = this.scanner
    return extended && this.callsAllowed && !previous.quoted && this.next.startOffset === previous.endOffset
  }

  protected override nameParts(token: Token): readonly NamePart[] | undefined {
    const start = token.startOffset + (token.quoted ? 1 : 0)
    const parts: NamePart[] = []
    const { text } = this.scanner
    const end = start + token.image.length
    let at = start
    const spanOf = (from: number, to: number): Span => ({
      file: this.scanner.file,
      start: from,
      end: to,
      line: token.startLine,
      column: token.startColumn + from - token.startOffset,
    })
    while (at < end) {
      const open = text.indexOf('${', at)
      const close = open < 0 || open >= end ? -1 : closingBrace(text, open + 1, end)
      if (close < 0) break
      if (open > at) parts.push({ kind: 'text', text: text.slice(at, open), span: spanOf(at, open) })
      const span = spanOf(open, close + 1)
      parts.push({ kind: 'value', expression: this.embedded(open + 2, close, span), span })
      at = close + 1
    }
    if (parts.length === 0) return undefined
    if (at < end) parts.push({ kind: 'text', text: text.slice(at, end), span: spanOf(at, end) })
    return parts
  }

  /** Parses the text between `${` and `}` in place: the scanner is lent to it and given back. */
  private embedded(from: number, to: number, span: Span): Expression {
    const outer = this.scanner
    const inner = new Scanner(outer.text.slice(0, to), outer.file)
    inner.extended = true
    inner.startAt(from, span.line, span.column + 2)
    inner.mode = modes.extension
    this.scanner = inner
    try {
      const expression = this.conditional.call(this)
      if (!this.nextIs(t.EndOfFile)) this.fail('`}`')
      return expression
    } finally {
      this.scanner = outer
      for (const problem of inner.problems) outer.report(problem)
    }
  }
}

function functionName(word: IToken): NameFunction {
  if (word.tokenTypeIdx === t.Origin.tokenTypeIdx) return 'ORIGIN'
  return word.tokenTypeIdx === t.Length.tokenTypeIdx ? 'LENGTH' : (word.image as NameFunction)
}

function closingBrace(text: string, from: number, end: number): number {
  let depth = 0
  for (let i = from; i < end; i++) {
    if (text[i] === '{') depth++
    else if (text[i] === '}' && --depth === 0) return i
  }
  return -1
}

/** From the start of one span to the end of another. */
export function joinSpans(first: Span | undefined, last: Span | undefined): Span {
  // Without spans only while Chevrotain records the grammar.
  if (first === undefined || last === undefined) return { file: '', start: 0, end: 0, line: 1, column: 1 }
  return {
    file: first.file,
    start: first.start,
    end: Math.max(first.end, last.end),
    line: first.line,
    column: first.column,
  }
}

/** The expression with one more pair of parentheses around it. */
export function parenthesise(inner: Expression): Expression {
  return { ...inner, parentheses: (inner.parentheses ?? 0) + 1 }
}
