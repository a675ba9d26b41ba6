/** `@` statements: what tsld adds to GNU ld's language. */
import type {
  ArgumentList,
  Block,
  BlockEntry,
  DefineParameter,
  DefineStatement,
  Expression,
  ExtensionArgument,
  ExtensionBlock,
  ExtensionInclude,
  ExtensionStatement,
  ForRange,
  ForStatement,
  IfStatement,
  Name,
  NamedArgument,
  ParameterStatement,
  Punctuation,
  ScriptContext,
  Statement,
  StringArgument,
  TsldStatement,
} from '../ast.ts'
import { type BlockKind, keyword } from '../keywords.ts'
import { insertBehind } from '../messages.ts'
import { type Mode, modes } from '../modes.ts'
import type { Token } from '../scanner.ts'
import * as t from '../tokens.ts'
import type { ExtensionNode } from './bodies.ts'
import { CommandRules } from './commands.ts'
import { parenthesise } from './expressions.ts'

const contextMode: Readonly<Record<ScriptContext, Mode>> = {
  top: modes.script,
  sections: modes.script,
  'section-body': modes.wild,
  memory: modes.script,
  phdrs: modes.script,
  version: modes.versionTag,
}

const levelWords: Readonly<Record<string, ScriptContext>> = {
  top: 'top',
  sections: 'sections',
  body: 'section-body',
  memory: 'memory',
  phdrs: 'phdrs',
  version: 'version',
}

export class ExtensionRules extends CommandRules {
  readonly extension = this.RULE('extension', (context: ScriptContext): ExtensionNode => {
    if (!this.RECORDING_PHASE) this.nest(this.next)
    const node = this.OR<ExtensionNode>([
      { ALT: () => this.announcement(this.SUBRULE(this.tsldStatement), context) },
      { ALT: () => this.SUBRULE(this.parameterStatement) },
      { ALT: () => this.SUBRULE(this.ifStatement, { ARGS: [context] }) },
      { ALT: () => this.SUBRULE(this.forStatement, { ARGS: [context] }) },
      { ALT: () => this.SUBRULE(this.defineStatement, { ARGS: [context] }) },
      { ALT: () => this.SUBRULE(this.extensionInclude, { ARGS: [context] }) },
      { ALT: () => this.SUBRULE(this.extensionStatement, { ARGS: [context] }) },
    ])
    this.depth--
    return node
  })

  /** Only a whole script has the statement in its list; a file included elsewhere tells it in `Script.tsld`. */
  private announcement(statement: TsldStatement, context: ScriptContext): TsldStatement | undefined {
    this.announced ??= statement
    return context === 'top' ? statement : undefined
  }

  /** `@tsld 1;` */
  readonly tsldStatement = this.RULE('tsldStatement', (): TsldStatement => {
    const word = this.CONSUME(t.AtTsld)
    const old = this.enter(modes.extension)
    const version = this.SUBRULE(this.conditional)
    this.endOfStatement()
    this.enter(old)
    return { kind: 'tsld', version, span: this.spanFrom(word) }
  })

  /** `@param NAME : type = value;` `@const NAME : type = value;` */
  readonly parameterStatement = this.RULE('parameterStatement', (): ParameterStatement => {
    const word = this.CONSUME(t.AtParameter)
    const old = this.enter(modes.extension)
    const name = this.name(this.CONSUME(t.NameToken))
    let type: Name | undefined
    let value: Expression | undefined
    this.OPTION(() => {
      this.CONSUME(t.Colon)
      type = this.name(this.CONSUME2(t.NameToken))
    })
    this.OPTION2(() => {
      this.CONSUME(t.Equals)
      value = this.SUBRULE(this.conditional)
    })
    this.endOfStatement()
    this.enter(old)
    return { kind: word.image === '@const' ? 'const' : 'param', name, type, value, span: this.spanFrom(word) }
  })

  readonly ifStatement = this.RULE('ifStatement', (context: ScriptContext): IfStatement<Statement> => {
    const word = this.CONSUME(t.AtIf)
    this.enter(modes.extension)
    this.CONSUME(t.LeftParen)
    const condition = this.SUBRULE(this.conditional)
    this.CONSUME(t.RightParen)
    const then = this.SUBRULE(this.block, { ARGS: [context] })
    let otherwise: IfStatement<Statement>['otherwise']
    this.OPTION(() => {
      const other = this.CONSUME(t.AtElse)
      this.nest(other)
      otherwise = this.OR<Block | IfStatement<Statement>>([
        { ALT: () => this.SUBRULE(this.ifStatement, { ARGS: [context] }) },
        { ALT: () => this.SUBRULE2(this.block, { ARGS: [context] }) },
      ])
      this.depth--
    })
    return { kind: 'if', condition, then, otherwise, span: this.spanFrom(word) }
  })

  readonly forStatement = this.RULE('forStatement', (context: ScriptContext): ForStatement<Statement> => {
    const word = this.CONSUME(t.AtFor)
    this.enter(modes.extension)
    this.CONSUME(t.LeftParen)
    const variable = this.name(this.CONSUME(t.NameToken))
    const isIn = this.CONSUME2(t.NameToken) as Token
    if (!this.RECORDING_PHASE && isIn.image !== 'in')
      this.complain('S1022', '`in` belongs here', isIn, undefined, '`in`')
    const first = this.SUBRULE(this.conditional)
    const range = this.OR<ForRange>([
      {
        ALT: () => {
          this.CONSUME(t.DotDot)
          return { kind: 'range', first, last: this.SUBRULE2(this.conditional) }
        },
      },
      {
        ALT: () => {
          const values = [first]
          this.MANY(() => {
            this.CONSUME(t.Comma)
            values.push(this.SUBRULE3(this.conditional))
          })
          return { kind: 'list', values }
        },
      },
    ])
    this.CONSUME(t.RightParen)
    const body = this.SUBRULE(this.block, { ARGS: [context] })
    return { kind: 'for', variable, range, body, span: this.spanFrom(word) }
  })

  readonly defineStatement = this.RULE('defineStatement', (context: ScriptContext): DefineStatement => {
    const word = this.CONSUME(t.AtDefine)
    const parameters: DefineParameter[] = []
    this.enter(modes.extension)
    const name = this.name(this.CONSUME(t.NameToken))
    this.CONSUME(t.LeftParen)
    this.MANY_SEP({ SEP: t.Comma, DEF: () => parameters.push(this.SUBRULE(this.defineParameter)) })
    this.CONSUME(t.RightParen)
    let level: ScriptContext = context === 'top' ? 'sections' : context
    this.OPTION(() => {
      const token = this.CONSUME2(t.NameToken) as Token
      if (this.RECORDING_PHASE) return
      const found = levelWords[token.image]
      if (found === undefined) {
        const known = Object.keys(levelWords).join(', ')
        this.complain('S1022', `\`${token.image}\` is no level; the levels are ${known}`, token, undefined, known)
      } else level = found
    })
    const body = this.SUBRULE(this.block, { ARGS: [level] })
    return { kind: 'define', name, parameters, body, span: this.spanFrom(word) }
  })

  readonly defineParameter = this.RULE('defineParameter', (): DefineParameter => {
    const token = this.CONSUME(t.NameToken)
    let value: Expression | undefined
    this.OPTION(() => {
      this.CONSUME(t.Equals)
      value = this.SUBRULE(this.conditional)
    })
    return { kind: 'define-parameter', name: this.name(token), value, span: this.spanFrom(token) }
  })

  /** `@include "file" (name = value, …);` */
  readonly extensionInclude = this.RULE('extensionInclude', (context: ScriptContext): ExtensionInclude => {
    const word = this.CONSUME(t.AtInclude)
    const list: NamedArgument[] = []
    const old = this.enter(modes.extension)
    const name = this.name(this.CONSUME(t.NameToken))
    const file: StringArgument = { kind: 'string', value: name.text, parts: name.parts, span: name.span }
    this.OPTION(() => {
      this.CONSUME(t.LeftParen)
      this.MANY_SEP({
        SEP: t.Comma,
        DEF: () => {
          const token = this.CONSUME2(t.NameToken)
          this.CONSUME(t.Equals)
          const value = this.SUBRULE(this.conditional)
          list.push({ kind: 'named-argument', name: this.name(token), value, span: this.spanFrom(token) })
        },
      })
      this.CONSUME(t.RightParen)
    })
    this.endOfStatement()
    this.enter(old)
    const optional = word.image === '@include_optional'
    return { kind: 'extension-include', optional, file, arguments: list, context, span: this.spanFrom(word) }
  })

  /** `@word argument … ;` or `@word argument … { block }` */
  readonly extensionStatement = this.RULE('extensionStatement', (context: ScriptContext): ExtensionStatement => {
    const word = this.CONSUME(t.AtWord)
    const list: ExtensionArgument[] = []
    const old = this.enter(modes.extension)
    this.MANY(() => list.push(this.SUBRULE(this.extensionArgument)))
    let block: ExtensionBlock | undefined
    this.OR({
      ERR_MSG: '`;` or `{`',
      DEF: [
        {
          ALT: () => {
            block = this.SUBRULE(this.extensionBlock, { ARGS: [word.image.slice(1), context] })
          },
        },
        { ALT: () => this.endOfStatement() },
      ],
    })
    this.enter(old)
    const nameSpan = this.scanner.spanOf(word as Token)
    const name = word.image.slice(1)
    return { kind: 'extension', name, nameSpan, arguments: list, block, context, span: this.spanFrom(word) }
  })

  readonly extensionArgument = this.RULE('extensionArgument', (): ExtensionArgument => {
    const first = this.next
    return this.OR<ExtensionArgument>({
      IGNORE_AMBIGUITIES: true,
      DEF: [
        { ALT: () => this.SUBRULE(this.argumentList) },
        { ALT: () => this.SUBRULE(this.conditional) },
        { ALT: () => this.punctuation(this.CONSUME(t.Comma) as Token, first) },
        { ALT: () => this.punctuation(this.CONSUME(t.Colon) as Token, first) },
        { ALT: () => this.punctuation(this.CONSUME(t.Equals) as Token, first) },
        { ALT: () => this.punctuation(this.CONSUME(t.DotDot) as Token, first) },
      ],
    })
  })

  /** `(a, b)`, `(name = value)`; `(a) + 1` is an expression whose first operand stands in parentheses. */
  readonly argumentList = this.RULE('argumentList', (): ArgumentList | Expression => {
    const open = this.CONSUME(t.LeftParen)
    const items: (Expression | NamedArgument)[] = []
    this.nest(open)
    this.MANY_SEP({ SEP: t.Comma, DEF: () => items.push(this.SUBRULE(this.listItem)) })
    this.CONSUME(t.RightParen)
    this.depth--
    const span = this.spanFrom(open)
    const [only] = items
    if (!this.RECORDING_PHASE && items.length === 1 && only.kind !== 'named-argument' && this.operatorFollows()) {
      return this.SUBRULE(this.conditional, { ARGS: [parenthesise(only)] })
    }
    return { kind: 'argument-list', items, span }
  })

  readonly listItem = this.RULE('listItem', (): Expression | NamedArgument => {
    const value = this.SUBRULE(this.conditional)
    let named: NamedArgument | undefined
    this.OPTION(() => {
      this.CONSUME(t.Equals)
      const given = this.SUBRULE2(this.conditional)
      if (this.RECORDING_PHASE) return
      if (value.kind !== 'symbol') this.fail('a name before the `=`')
      const span = { ...value.span, end: given.span.end }
      named = { kind: 'named-argument', name: (value as { readonly name: Name }).name, value: given, span }
    })
    return named ?? value
  })

  /** Statements in braces, of the level `context`. */
  readonly block = this.RULE('block', (context: ScriptContext): Block => {
    const open = this.CONSUME(t.LeftBrace)
    const mode = contextMode[context] ?? modes.script
    this.enter(mode)
    const statements = this.OR<readonly Statement[]>({
      IGNORE_AMBIGUITIES: true,
      DEF: [
        { GATE: () => context === 'top', ALT: () => this.SUBRULE(this.topList, { ARGS: [true] }) },
        { GATE: () => context === 'sections', ALT: () => this.SUBRULE(this.sectionsList, { ARGS: [true] }) },
        { GATE: () => context === 'section-body', ALT: () => this.SUBRULE(this.bodyList, { ARGS: [true] }) },
        { GATE: () => context === 'memory', ALT: () => this.SUBRULE(this.memoryList, { ARGS: [true] }) },
        { GATE: () => context === 'phdrs', ALT: () => this.SUBRULE(this.phdrsList, { ARGS: [true] }) },
        { GATE: () => context === 'version', ALT: () => this.SUBRULE(this.versionList, { ARGS: [true] }) },
      ],
    })
    this.enter(mode)
    this.closeBrace(open)
    return { kind: 'block', context, statements, span: this.spanFrom(open) }
  })

  readonly extensionBlock = this.RULE('extensionBlock', (word: string, context: ScriptContext): ExtensionBlock => {
    const kind = this.RECORDING_PHASE ? 'same' : this.blockKind(word)
    return this.OR<ExtensionBlock>({
      IGNORE_AMBIGUITIES: true,
      DEF: [
        { GATE: () => kind === 'names', ALT: () => this.SUBRULE(this.nameBlock, { ARGS: [context] }) },
        { GATE: () => kind === 'entries', ALT: () => this.SUBRULE(this.entryBlock, { ARGS: [context] }) },
        { ALT: () => this.SUBRULE(this.block, { ARGS: [blockContext(kind, context)] }) },
      ],
    })
  })

  /** `{ .symtab .strtab .debug_* }`, with or without commas. */
  readonly nameBlock = this.RULE('nameBlock', (context: ScriptContext) => {
    const names: Name[] = []
    const open = this.CONSUME(t.LeftBrace)
    this.enter(modes.wild)
    this.MANY(() => {
      const name = this.name(this.CONSUME(t.NameToken))
      if (!this.RECORDING_PHASE) names.push(...withoutComma(name))
    })
    this.enter(contextMode[context] ?? modes.script)
    this.closeBrace(open)
    return { kind: 'names' as const, names, span: this.spanFrom(open) }
  })

  /** `{ BOOT : 32K; APP : rest - 4K; }` */
  readonly entryBlock = this.RULE('entryBlock', (context: ScriptContext) => {
    const entries: BlockEntry[] = []
    const open = this.CONSUME(t.LeftBrace)
    this.enter(modes.extension)
    this.MANY(() => {
      const token = this.CONSUME(t.NameToken)
      const list: ExtensionArgument[] = []
      this.MANY2(() => list.push(this.SUBRULE(this.extensionArgument)))
      this.endOfStatement()
      entries.push({ kind: 'entry-line', name: this.name(token), arguments: list, span: this.spanFrom(token) })
    })
    this.enter(contextMode[context] ?? modes.script)
    this.closeBrace(open)
    return { kind: 'entries' as const, entries, span: this.spanFrom(open) }
  })

  /** `;`; a missing one at the end of a line or block is reported and the statement counts. */
  private endOfStatement(): void {
    if (this.RECORDING_PHASE || this.nextIs(t.Semicolon)) {
      this.CONSUME(t.Semicolon)
      return
    }
    const { previous } = this.scanner
    if (this.next.startLine === previous.startLine && !this.nextIs(t.RightBrace)) this.fail('`;`')
    const fix = insertBehind(this.scanner, previous, ';')
    this.complain('S1010', `\`;\` is missing behind \`${previous.image}\``, previous, fix, '`;`')
    this.scanner.reread()
  }

  private punctuation(token: Token, first: Token): Punctuation {
    return { kind: 'punctuation', text: token.image as Punctuation['text'], span: this.scanner.spanOf(first) }
  }

  private operatorFollows(): boolean {
    const kind = this.next.tokenType
    return [t.Operator, t.Plus, t.Minus, t.Greater, t.Ampersand, t.Question].includes(kind)
  }

  /** What the block of `@word` holds: the table says it, or it is plainly a list of names. */
  private blockKind(word: string): BlockKind {
    const kind = keyword('@' + word)?.block ?? 'same'
    if (kind === 'names' || kind === 'entries') return kind
    const { text } = this.scanner
    const end = text.slice(this.next.endOffset, this.next.endOffset + 4096).replaceAll(/\/\*[\s\S]*?\*\//g, ' ')
    return kind !== 'section-body' && /^\s*[^\s{}();=@][^{}();=@]*\}/.test(end) && !/^[^}]*\s:\s/.test(end)
      ? 'names'
      : kind
  }
}

function blockContext(kind: BlockKind, context: ScriptContext): ScriptContext {
  if (kind === 'section-body') return 'section-body'
  if (kind === 'sections' || kind === 'assignments') return 'sections'
  return context === 'top' ? 'sections' : context
}

/** `.data,` in a list of names is `.data`; a lone `,` is nothing. */
function withoutComma(name: Name): readonly Name[] {
  if (name.quoted || !/,/.test(name.text)) return [name]
  const text = name.text.replace(/^,|,$/g, '')
  return text === '' ? [] : [{ ...name, text, span: { ...name.span, end: name.span.start + text.length } }]
}
