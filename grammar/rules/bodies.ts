/** Statements inside the braces of an output section, and assignments of all places. */
import type { IToken, ParserMethod } from 'chevrotain'
import type {
  AssertStatement,
  Assignment,
  AssignmentOperator,
  BodyWord,
  DataStatement,
  DefineStatement,
  Expression,
  ExtensionInclude,
  ExtensionStatement,
  FilePattern,
  FillStatement,
  ForStatement,
  IfStatement,
  IncludeStatement,
  InputSections,
  ParameterStatement,
  ScriptContext,
  SectionBodyStatement,
  SectionPattern,
  Statement,
  TsldStatement,
} from '../ast.ts'
import { modes } from '../modes.ts'
import type { Token } from '../scanner.ts'
import * as t from '../tokens.ts'
import { PatternRules } from './patterns.ts'

/** What the rule of `@` statements gives. */
export type ExtensionNode =
  | undefined
  | TsldStatement
  | ParameterStatement
  | ExtensionInclude
  | DefineStatement
  | ExtensionStatement
  | IfStatement<Statement>
  | ForStatement<Statement>

export abstract class BodyRules extends PatternRules {
  /** `@` statements of all levels; they hold blocks of all levels, so the rule stands above the others. */
  abstract readonly extension: ParserMethod<[context: ScriptContext], ExtensionNode>

  /** Statements up to the closing brace, or to the end of an included file. */
  readonly bodyList = this.RULE('bodyList', (closed: boolean): SectionBodyStatement[] => {
    const list: SectionBodyStatement[] = []
    do {
      this.MANY(() => this.guarded(list, 'section-body', modes.wild, this.bodyItem))
    } while (this.skipUnexpected('section-body', modes.wild, closed))
    return list
  })

  private readonly bodyItem = (): SectionBodyStatement | undefined => this.SUBRULE(this.bodyStatement)

  readonly bodyStatement = this.RULE('bodyStatement', (): SectionBodyStatement | undefined =>
    this.OR({ ERR_MSG: 'a statement', IGNORE_AMBIGUITIES: true, DEF: this.bodyAlternatives }),
  )

  private readonly bodyAlternatives = [
    { ALT: (): SectionBodyStatement => this.SUBRULE(this.nameInBody) },
    { ALT: (): SectionBodyStatement => this.SUBRULE(this.keptSections) },
    { ALT: (): SectionBodyStatement => this.SUBRULE(this.dataStatement) },
    { ALT: (): undefined => this.nothing(this.CONSUME(t.Semicolon)) },
    { ALT: (): SectionBodyStatement => this.SUBRULE(this.sortedConstructors) },
    { ALT: (): SectionBodyStatement => this.SUBRULE(this.inputSections) },
    { ALT: (): SectionBodyStatement => this.SUBRULE(this.providedAndSeparator) },
    { ALT: (): SectionBodyStatement => this.SUBRULE(this.fillStatement) },
    { ALT: (): SectionBodyStatement => this.SUBRULE(this.bodyWord) },
    { ALT: (): SectionBodyStatement => this.SUBRULE(this.ascizStatement) },
    { ALT: (): SectionBodyStatement => this.SUBRULE(this.assertAndSeparator) },
    { ALT: (): SectionBodyStatement => this.SUBRULE(this.includeStatement, { ARGS: ['section-body'] }) },
    {
      ALT: (): SectionBodyStatement => this.SUBRULE(this.extension, { ARGS: ['section-body'] }) as SectionBodyStatement,
    },
  ]

  /** A name starts an assignment (`x = 1;`), a pattern (`*(.text)`) or is a file pattern of its own. */
  readonly nameInBody = this.RULE('nameInBody', (): SectionBodyStatement => {
    const token = this.CONSUME(t.NameToken)
    let sections: readonly SectionPattern[] | undefined
    let where: Expression | undefined
    const assignment = this.OR([
      { ALT: () => this.assignmentAndSeparator(token) },
      {
        ALT: () => {
          sections = this.SUBRULE(this.sectionList)
          this.OPTION(() => {
            where = this.SUBRULE(this.whereClause)
          })
          return undefined
        },
      },
      { ALT: () => undefined },
    ])
    if (assignment !== undefined && !this.RECORDING_PHASE) return assignment
    if (sections === undefined && !this.RECORDING_PHASE) this.warnOfGluedOperator(token as Token)
    return this.inputSectionsOf(token, sections, where)
  })

  readonly sortedConstructors = this.RULE('sortedConstructors', (): BodyWord => {
    const word = this.CONSUME(t.SortConstructors)
    this.CONSUME(t.LeftParen)
    this.CONSUME(t.Constructors)
    this.CONSUME(t.RightParen)
    return { kind: 'constructors', sorted: true, span: this.spanFrom(word) }
  })

  readonly dataStatement = this.RULE('dataStatement', (): DataStatement => {
    const word = this.CONSUME(t.DataCommand)
    const value = this.argument()
    return { kind: 'data', command: word.image as DataStatement['command'], value, span: this.spanFrom(word) }
  })

  readonly fillStatement = this.RULE('fillStatement', (): FillStatement => {
    const word = this.CONSUME(t.FillWord)
    const value = this.argument()
    return { kind: 'fill', value, span: this.spanFrom(word) }
  })

  readonly ascizStatement = this.RULE('ascizStatement', (): SectionBodyStatement => {
    const word = this.CONSUME(t.Asciz)
    const text = this.name(this.CONSUME(t.NameToken))
    return { kind: 'asciz', text, span: this.spanFrom(word) }
  })

  readonly bodyWord = this.RULE('bodyWord', (): BodyWord => {
    const word = this.OR([
      { ALT: () => this.CONSUME(t.CreateObjectSymbols) },
      { ALT: () => this.CONSUME(t.Constructors) },
      { ALT: () => this.CONSUME(t.LinkerVersion) },
    ])
    const kind =
      word.image === 'CONSTRUCTORS'
        ? 'constructors'
        : word.image === 'LINKER_VERSION'
          ? 'linker-version'
          : 'create-object-symbols'
    return { kind, sorted: false, span: this.spanFrom(word) }
  })

  readonly includeStatement = this.RULE('includeStatement', (context: ScriptContext): IncludeStatement => {
    const word = this.CONSUME(t.Include)
    const file = this.name(this.CONSUME(t.NameToken))
    return { kind: 'include', file, context, span: this.spanFrom(word) }
  })

  readonly assertStatement = this.RULE('assertStatement', (): AssertStatement => {
    const word = this.CONSUME(t.Assert)
    const old = this.enter(modes.expression)
    this.CONSUME(t.LeftParen)
    const condition = this.SUBRULE(this.conditional)
    this.CONSUME(t.Comma)
    const message = this.name(this.CONSUME(t.NameToken))
    this.CONSUME(t.RightParen)
    this.enter(old)
    return { kind: 'assert', condition, message, span: this.spanFrom(word) }
  })

  readonly assertAndSeparator = this.RULE('assertAndSeparator', (): AssertStatement => {
    // GNU ld reads the separator in expression state still: `ASSERT(1, "x"),` ends with a comma here.
    const old = this.enter(modes.expression)
    const statement = this.SUBRULE(this.assertStatement)
    this.separator()
    this.enter(old)
    return statement
  })

  /** PROVIDE(x = 1) HIDDEN(x = 1) PROVIDE_HIDDEN(x = 1) */
  readonly providedAndSeparator = this.RULE('providedAndSeparator', (): Assignment => {
    const word = this.CONSUME(t.Provide)
    this.CONSUME(t.LeftParen)
    const target = this.name(this.CONSUME(t.NameToken))
    this.CONSUME(t.Equals)
    const old = this.enter(modes.expression)
    const value = this.SUBRULE(this.conditional)
    this.CONSUME(t.RightParen)
    this.enter(old)
    const form = word.image as Assignment['form']
    const node: Assignment = { kind: 'assignment', form, target, operator: '=', value, span: this.spanFrom(word) }
    this.separator()
    return node
  })

  readonly assignmentRest = this.RULE('assignmentRest', (token: IToken): Assignment => {
    const operator = this.OR({
      ERR_MSG: '`=` or another assignment operator',
      DEF: [{ ALT: () => this.CONSUME(t.Equals) }, { ALT: () => this.CONSUME(t.AssignOperator) }],
    })
    const old = this.enter(modes.expression)
    const value = this.SUBRULE(this.conditional)
    this.enter(old)
    const target = this.name(token)
    return {
      kind: 'assignment',
      form: 'plain',
      target,
      operator: operator.image as AssignmentOperator,
      value,
      span: this.spanFrom(token),
    }
  })

  protected assignmentAndSeparator(token: IToken): Assignment {
    const assignment = this.SUBRULE(this.assignmentRest, { ARGS: [token] })
    this.separator()
    return assignment
  }

  /** `(expression)` of a data command. */
  private argument(): Expression {
    this.CONSUME(t.LeftParen)
    const old = this.enter(modes.expression)
    const value = this.SUBRULE(this.conditional)
    this.CONSUME(t.RightParen)
    this.enter(old)
    return value
  }

  protected nothing(_token: IToken): undefined {
    return undefined
  }

  /** `x =1;` is two file patterns here: legal, and never meant. */
  private warnOfGluedOperator(token: Token): void {
    const found = /^([-+*/^]?=)(.+)$/.exec(token.image)
    if (found === null || token.quoted) return
    this.report({
      code: 'S1014',
      severity: 'warning',
      message: `\`${token.image}\` is a file pattern here; an assignment in an output section needs space on both sides of \`${found[1]}\``,
      span: this.scanner.spanOf(token),
      fix: [{ span: this.scanner.spanOf(token), text: `${found[1]} ${found[2]}` }],
    })
  }

  private inputSectionsOf(
    token: IToken,
    sections: readonly SectionPattern[] | undefined,
    where: Expression | undefined,
  ): InputSections {
    const file: FilePattern = this.plainFile(token)
    const span = this.spanFrom(token)
    if (where !== undefined) return { kind: 'input-sections', keep: false, flags: [], file, sections, where, span }
    return { kind: 'input-sections', keep: false, flags: [], file, sections, span }
  }
}
