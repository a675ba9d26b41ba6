/** The parser itself: entry rules for each kind of text. Built once, when something is parsed for the first time. */
import type { Assignment, DynamicList, Expression, OutputSection, Script, ScriptContext, Statement } from './ast.ts'
import type { Level } from './messages.ts'
import { type Mode, modes } from './modes.ts'
import { ExtensionRules } from './rules/extensions.ts'
import type { Scanner } from './scanner.ts'
import * as t from './tokens.ts'

export class ScriptParser extends ExtensionRules {
  constructor(skipValidations = true) {
    super(skipValidations)
    this.performSelfAnalysis()
  }

  /** A line of `--section-ordering-file`: `name : { patterns }`, assignments, ASSERT. */
  readonly orderList = this.RULE('orderList', (): Statement[] => {
    const list: Statement[] = []
    do {
      this.MANY(() => this.guarded(list, 'section-order', modes.script, this.orderItem))
    } while (this.skipUnexpected('section-order', modes.script, false))
    return list
  })

  private readonly orderItem = (): Statement =>
    this.OR3<Statement>([
      {
        ALT: () => {
          const token = this.CONSUME(t.NameToken)
          return this.OR2<Statement>([
            { ALT: () => this.assignmentAndSeparator(token) },
            {
              ALT: (): OutputSection => {
                this.enter(modes.expression)
                this.CONSUME(t.Colon)
                const open = this.CONSUME(t.LeftBrace)
                this.enter(modes.wild)
                const body = this.SUBRULE(this.bodyList, { ARGS: [true] })
                this.enter(modes.script)
                this.closeBrace(open)
                const name = this.name(token)
                const span = this.spanFrom(token)
                return { kind: 'output-section', name, alignWithInput: false, body, phdrs: [], span }
              },
            },
          ])
        },
      },
      { ALT: () => this.SUBRULE(this.providedAndSeparator) },
      { ALT: () => this.SUBRULE(this.assertStatement) },
    ])

  /** `name = expression` or an expression alone. */
  readonly definition = this.RULE('definition', (): Assignment | undefined => {
    const token = this.CONSUME(t.NameToken)
    const assignment = this.SUBRULE(this.assignmentRest, { ARGS: [token] })
    return assignment
  })

  parseStatements(scanner: Scanner, context: ScriptContext): Script {
    const [mode, level] = startOf[context]
    this.start(scanner, mode, level)
    const statements = this.listOf(context)
    const end = scanner.text.length
    const span = { file: scanner.file, start: 0, end, line: 1, column: 1 }
    return { kind: 'script', context, extended: scanner.extended, tsld: this.announced, statements, span }
  }

  parseDynamicLists(scanner: Scanner): readonly DynamicList[] {
    this.start(scanner, modes.versionTag, 'dynamic-list')
    return this.dynamicLists()
  }

  parseOrder(scanner: Scanner): Script {
    this.start(scanner, modes.script, 'section-order')
    const statements = this.orderList()
    const span = { file: scanner.file, start: 0, end: scanner.text.length, line: 1, column: 1 }
    return { kind: 'script', context: 'sections', extended: scanner.extended, statements, span }
  }

  parseWhole<T>(scanner: Scanner, rule: 'conditional' | 'definition', mode: Mode = modes.expression): T | undefined {
    this.start(scanner, mode, 'expression')
    const list: T[] = []
    this.guarded(list, 'expression', mode, () => {
      const result = (rule === 'conditional' ? this.conditional() : this.definition()) as T
      if (!this.nextIs(t.EndOfFile)) this.fail('an operator or the end')
      return result
    })
    return list[0]
  }

  /** An expression; `missing` where the text holds none. */
  parseExpression(scanner: Scanner, extended: boolean): Expression {
    scanner.extended = extended
    const result = this.parseWhole<Expression>(scanner, 'conditional', extended ? modes.extension : modes.expression)
    const span = { file: scanner.file, start: 0, end: scanner.text.length, line: 1, column: 1 }
    return result ?? { kind: 'missing', span }
  }

  private listOf(context: ScriptContext): readonly Statement[] {
    switch (context) {
      case 'top':
        return this.topList(false)
      case 'sections':
        return this.sectionsList(false)
      case 'section-body':
        return this.bodyList(false)
      case 'memory':
        return this.memoryList(false)
      case 'phdrs':
        return this.phdrsList(false)
      default:
        return this.versionList(false)
    }
  }
}

const startOf: Readonly<Record<ScriptContext, readonly [Mode, Level]>> = {
  top: [modes.script, 'top'],
  sections: [modes.script, 'sections'],
  'section-body': [modes.wild, 'section-body'],
  memory: [modes.script, 'memory'],
  phdrs: [modes.script, 'phdrs'],
  version: [modes.versionTag, 'version'],
}
