/** Version scripts, VERSION { } and dynamic lists. */
import type { IToken } from 'chevrotain'
import type { DynamicList, Name, VersionBlock, VersionNode, VersionPattern, VersionStatement } from '../ast.ts'
import { modes } from '../modes.ts'
import type { Token } from '../scanner.ts'
import * as t from '../tokens.ts'
import { SectionRules } from './sections.ts'

interface Patterns {
  readonly globals: VersionPattern[]
  readonly locals: VersionPattern[]
}

/** How far a node is: GNU ld wants `global:` once, then `local:` once, or patterns without a label. */
type Part = 'start' | 'plain' | 'global' | 'local'

export abstract class VersionRules extends SectionRules {
  readonly versionBlock = this.RULE('versionBlock', (): VersionBlock => {
    const word = this.CONSUME(t.Version)
    const old = this.enter(modes.versionTag)
    const open = this.CONSUME(t.LeftBrace)
    const nodes = this.SUBRULE(this.versionList, { ARGS: [true] })
    this.closeBrace(open)
    this.enter(old)
    if (nodes.length === 0 && !this.RECORDING_PHASE) {
      this.complain('S1019', 'VERSION needs at least one node', word as Token)
    }
    return { kind: 'version', nodes, span: this.spanFrom(word) }
  })

  readonly versionList = this.RULE('versionList', (closed: boolean): VersionStatement[] => {
    const list: VersionStatement[] = []
    do {
      this.MANY(() => this.guarded(list, 'version', modes.versionTag, this.versionItem))
    } while (this.skipUnexpected('version', modes.versionTag, closed))
    return list
  })

  private readonly versionItem = (): VersionStatement =>
    this.OR<VersionStatement>([
      { ALT: () => this.SUBRULE(this.versionNode) },
      { ALT: () => this.SUBRULE(this.extension, { ARGS: ['version'] }) as VersionStatement },
    ])

  /** `TAG { global: …; local: …; } PARENT …;` */
  readonly versionNode = this.RULE('versionNode', (): VersionNode => {
    const first = this.next
    const patterns: Patterns = { globals: [], locals: [] }
    const parents: Name[] = []
    let tag: Name | undefined
    this.OPTION(() => {
      tag = this.name(this.CONSUME(t.NameToken))
    })
    const open = this.CONSUME(t.LeftBrace)
    this.enter(modes.versionNode)
    this.SUBRULE(this.versionParts, { ARGS: [patterns] })
    this.enter(modes.versionTag)
    this.closeBrace(open)
    this.MANY({
      GATE: () => tag !== undefined,
      DEF: () => parents.push(this.name(this.CONSUME2(t.NameToken))),
    })
    this.CONSUME(t.Semicolon)
    return { kind: 'version-node', tag, ...patterns, parents, span: this.spanFrom(first) }
  })

  readonly versionParts = this.RULE('versionParts', (patterns: Patterns): void => {
    let part: Part = 'start'
    let count = 0
    this.MANY(() => {
      const token = this.OR([
        { ALT: () => this.CONSUME(t.NameToken) },
        { ALT: () => this.CONSUME(t.Global) },
        { ALT: () => this.CONSUME(t.Local) },
        { ALT: () => this.CONSUME(t.ExternLanguage) },
      ])
      if (this.RECORDING_PHASE) {
        this.SUBRULE(this.patternEnd, { ARGS: [token, [], 0] })
        return
      }
      const label = this.nextIs(t.Colon) ? this.labelOf(token as Token) : undefined
      if (label !== undefined) {
        if (count === 0 && part !== 'start') this.fail('a pattern')
        part = this.nextPart(part, label, token as Token)
        count = 0
        this.scanner.take()
        return
      }
      if (part === 'start') part = 'plain'
      const list = part === 'local' ? patterns.locals : patterns.globals
      this.SUBRULE(this.patternEnd, { ARGS: [token, list, 0] })
      count++
    })
    if (!this.RECORDING_PHASE && part !== 'start' && count === 0) this.fail('a pattern')
  })

  /** What follows the first token of a pattern: `;`, or the language and block of an `extern`. */
  readonly patternEnd = this.RULE('patternEnd', (token: IToken, list: VersionPattern[], semicolon: number): void => {
    this.OR([
      {
        GATE: () => token.tokenTypeIdx === t.ExternLanguage.tokenTypeIdx,
        ALT: () => {
          const language = this.CONSUME(t.NameToken) as Token
          if (!this.RECORDING_PHASE && !language.quoted) {
            this.complain('S1020', 'the language of `extern` stands in quotes: "C" or "C++"', language)
          }
          this.nest(token)
          const open = this.CONSUME(t.LeftBrace)
          const inner: VersionPattern[] = []
          this.SUBRULE(this.externPatterns, { ARGS: [inner] })
          this.closeBrace(open)
          this.depth--
          for (const pattern of inner) list.push({ ...pattern, language: pattern.language ?? language.image })
        },
      },
      {
        ALT: () => {
          const name = this.name(token)
          if (!this.RECORDING_PHASE) list.push({ kind: 'version-pattern', name, span: name.span })
        },
      },
    ])
    // Inside `extern` the last pattern needs no `;`.
    const optional = semicolon === 1 && !this.RECORDING_PHASE && this.nextIs(t.RightBrace)
    if (!optional) this.CONSUME(t.Semicolon)
  })

  readonly externPatterns = this.RULE('externPatterns', (list: VersionPattern[]): void => {
    this.AT_LEAST_ONE({
      ERR_MSG: 'a pattern',
      DEF: () => {
        const token = this.OR([
          { ALT: () => this.CONSUME(t.NameToken) },
          { ALT: () => this.CONSUME(t.Global) },
          { ALT: () => this.CONSUME(t.Local) },
          { ALT: () => this.CONSUME(t.ExternLanguage) },
        ])
        this.SUBRULE(this.patternEnd, { ARGS: [token, list, 1] })
      },
    })
  })

  /** `{ pattern; … }; …` */
  readonly dynamicLists = this.RULE('dynamicLists', (): DynamicList[] => {
    const lists: DynamicList[] = []
    do {
      this.MANY(() => this.guarded(lists, 'dynamic-list', modes.versionTag, this.dynamicItem))
    } while (this.skipUnexpected('dynamic-list', modes.versionTag, false))
    return lists
  })

  private readonly dynamicItem = (): DynamicList => this.SUBRULE(this.dynamicList)

  readonly dynamicList = this.RULE('dynamicList', (): DynamicList => {
    const patterns: VersionPattern[] = []
    const open = this.CONSUME(t.LeftBrace)
    this.enter(modes.versionNode)
    this.AT_LEAST_ONE({
      ERR_MSG: 'a pattern',
      DEF: () => {
        const token = this.OR([
          { ALT: () => this.CONSUME(t.NameToken) },
          { ALT: () => this.CONSUME(t.Global) },
          { ALT: () => this.CONSUME(t.Local) },
          { ALT: () => this.CONSUME(t.ExternLanguage) },
        ])
        this.SUBRULE(this.patternEnd, { ARGS: [token, patterns, 0] })
      },
    })
    this.enter(modes.versionTag)
    this.closeBrace(open)
    this.CONSUME(t.Semicolon)
    return { kind: 'dynamic-list', patterns, span: this.spanFrom(open) }
  })

  private labelOf(token: Token): 'global' | 'local' | undefined {
    if (token.tokenType === t.Global) return 'global'
    return token.tokenType === t.Local ? 'local' : undefined
  }

  private nextPart(part: Part, label: 'global' | 'local', token: Token): Part {
    if (part === 'start' || (part === 'global' && label === 'local')) return label
    const message =
      part === 'plain'
        ? `\`${label}:\` behind patterns without a label; put \`global:\` before the first pattern`
        : `\`${label}:\` cannot stand behind \`${part}:\`; a node is \`global:\` patterns, then \`local:\` patterns`
    this.complain('S1021', message, token)
    return label
  }
}
