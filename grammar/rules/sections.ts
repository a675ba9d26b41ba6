/** SECTIONS: output sections, OVERLAY, GROUP. */
import type { IToken } from 'chevrotain'
import type {
  EntryStatement,
  Expression,
  Name,
  OutputSection,
  Overlay,
  OverlayMember,
  Placement,
  SectionsBlock,
  SectionsGroup,
  SectionsStatement,
  SectionType,
} from '../ast.ts'
import { modes } from '../modes.ts'
import type { Token } from '../scanner.ts'
import * as t from '../tokens.ts'
import { BodyRules } from './bodies.ts'
import { parenthesise } from './expressions.ts'

interface Address {
  address?: Expression
  block?: Expression
  type?: SectionType
}

type Changing<T> = { -readonly [K in keyof T]: T[K] }

export abstract class SectionRules extends BodyRules {
  readonly sectionsBlock = this.RULE('sectionsBlock', (): SectionsBlock => {
    const word = this.CONSUME(t.Sections)
    const open = this.CONSUME(t.LeftBrace)
    const statements = this.SUBRULE(this.sectionsList, { ARGS: [true] })
    this.enter(modes.script)
    this.closeBrace(open)
    return { kind: 'sections', statements, span: this.spanFrom(word) }
  })

  readonly sectionsList = this.RULE('sectionsList', (closed: boolean): SectionsStatement[] => {
    const list: SectionsStatement[] = []
    do {
      this.MANY(() => this.guarded(list, 'sections', modes.script, this.sectionsItem))
    } while (this.skipUnexpected('sections', modes.script, closed))
    return list
  })

  private readonly sectionsItem = (): SectionsStatement => this.SUBRULE(this.sectionsStatement)

  readonly sectionsStatement = this.RULE(
    'sectionsStatement',
    (): SectionsStatement => this.OR({ ERR_MSG: 'a statement', DEF: this.sectionsAlternatives }),
  )

  private readonly sectionsAlternatives = [
    { ALT: (): SectionsStatement => this.SUBRULE(this.nameInSections) },
    { ALT: (): SectionsStatement => this.SUBRULE(this.providedAndSeparator) },
    { ALT: (): SectionsStatement => this.SUBRULE(this.assertStatement) },
    { ALT: (): SectionsStatement => this.SUBRULE(this.entryStatement) },
    { ALT: (): SectionsStatement => this.SUBRULE(this.includeStatement, { ARGS: ['sections'] }) },
    { ALT: (): SectionsStatement => this.SUBRULE(this.overlay) },
    { ALT: (): SectionsStatement => this.SUBRULE(this.sectionsGroup) },
    { ALT: (): SectionsStatement => this.SUBRULE(this.extension, { ARGS: ['sections'] }) as SectionsStatement },
  ]

  readonly entryStatement = this.RULE('entryStatement', (): EntryStatement => {
    const word = this.CONSUME(t.Entry)
    this.CONSUME(t.LeftParen)
    const symbol = this.name(this.CONSUME(t.NameToken))
    this.CONSUME(t.RightParen)
    return { kind: 'entry', symbol, span: this.spanFrom(word) }
  })

  readonly nameInSections = this.RULE('nameInSections', (): SectionsStatement => {
    const token = this.CONSUME(t.NameToken)
    return this.OR<SectionsStatement>({
      ERR_MSG: '`:` or an assignment',
      DEF: [
        { ALT: () => this.assignmentAndSeparator(token) },
        { ALT: () => this.SUBRULE(this.outputSection, { ARGS: [token] }) },
      ],
    })
  })

  /** The name was read; the token behind it was read in the state between sections, the rest is in expression state. */
  readonly outputSection = this.RULE('outputSection', (token: IToken): OutputSection => {
    const name = this.name(token)
    let at: Expression | undefined
    let align: Expression | undefined
    let subalign: Expression | undefined
    let alignWithInput = false
    let constraint: OutputSection['constraint']
    this.enter(modes.expression)
    const address = this.SUBRULE(this.sectionAddress)
    this.CONSUME(t.Colon)
    this.OPTION(() => {
      at = this.SUBRULE(this.loadAddress)
    })
    this.OPTION2(() => {
      this.CONSUME(t.Align)
      align = this.SUBRULE(this.parenthesised)
    })
    this.OPTION3(() => {
      this.CONSUME(t.AlignWithInput)
      alignWithInput = true
    })
    this.OPTION4(() => {
      subalign = this.SUBRULE(this.subalign)
    })
    this.OPTION5(() => {
      constraint = this.CONSUME(t.Constraint).image as OutputSection['constraint']
    })
    const open = this.CONSUME(t.LeftBrace)
    this.enter(modes.wild)
    const body = this.SUBRULE(this.bodyList, { ARGS: [true] })
    this.enter(modes.script)
    this.closeBrace(open)
    const placement = this.SUBRULE(this.placement)
    const span = this.spanFrom(token)
    return {
      kind: 'output-section',
      name,
      ...address,
      at: unwrapped(at),
      align: unwrapped(align),
      alignWithInput,
      subalign: unwrapped(subalign),
      constraint,
      body,
      ...placement,
      span,
    }
  })

  readonly loadAddress = this.RULE('loadAddress', (): Expression => {
    this.CONSUME(t.At)
    return this.SUBRULE(this.parenthesised)
  })

  readonly subalign = this.RULE('subalign', (): Expression => {
    this.CONSUME(t.Subalign)
    return this.SUBRULE(this.parenthesised)
  })

  /** Between name and colon: an address, `(TYPE)`, both, BIND(…), or nothing. `(` may open an address or a type. */
  readonly sectionAddress = this.RULE('sectionAddress', (): Address => {
    const result: Address = {}
    const calls = this.callsAllowed
    this.callsAllowed = false
    this.OPTION4(() =>
      this.OR({
        IGNORE_AMBIGUITIES: true,
        DEF: [
          {
            ALT: () => {
              this.CONSUME(t.Bind)
              result.address = unwrapped(this.SUBRULE(this.parenthesised))
              this.OPTION(() => {
                this.CONSUME(t.BlockWord)
                result.block = unwrapped(this.SUBRULE2(this.parenthesised))
              })
              this.OPTION2(() => this.SUBRULE(this.sectionType, { ARGS: [result] }))
            },
          },
          { ALT: () => this.SUBRULE(this.addressOrType, { ARGS: [result] }) },
          {
            ALT: () => {
              result.address = this.SUBRULE(this.conditional)
              this.OPTION3(() => this.SUBRULE3(this.sectionType, { ARGS: [result] }))
            },
          },
        ],
      }),
    )
    this.callsAllowed = calls
    return result
  })

  readonly addressOrType = this.RULE('addressOrType', (result: Address = {}): void => {
    const open = this.CONSUME(t.LeftParen)
    this.OR([
      { ALT: () => this.SUBRULE(this.typeRest, { ARGS: [result, open] }) },
      {
        ALT: () => {
          this.nest(open)
          const inner = this.SUBRULE(this.conditional)
          this.CONSUME(t.RightParen)
          this.depth--
          // `(base) + 4` is an address too: the parenthesis is its first operand.
          result.address = this.SUBRULE2(this.conditional, { ARGS: [parenthesise(inner)] })
          this.OPTION(() => this.SUBRULE(this.sectionType, { ARGS: [result] }))
        },
      },
    ])
  })

  readonly sectionType = this.RULE('sectionType', (result: Address): void => {
    const open = this.CONSUME(t.LeftParen)
    this.SUBRULE(this.typeRest, { ARGS: [result, open] })
  })

  /** `NOLOAD)`, `TYPE = 7)`, `READONLY (TYPE = 7))`, `)`. */
  readonly typeRest = this.RULE('typeRest', (result: Address, open: IToken): void => {
    let keyword: SectionType['keyword']
    let value: Expression | undefined
    this.OPTION(() =>
      this.OR({
        ERR_MSG: 'a section type',
        DEF: [
          {
            ALT: () => {
              keyword = this.CONSUME(t.SectionTypeWord).image as SectionType['keyword']
            },
          },
          {
            ALT: () => {
              this.CONSUME(t.OverlayWord)
              keyword = 'OVERLAY'
            },
          },
          {
            ALT: () => {
              this.CONSUME(t.ReadOnly)
              keyword = 'READONLY'
              this.OPTION2(() => {
                this.CONSUME(t.LeftParen)
                value = this.SUBRULE(this.typeValue)
                this.CONSUME(t.RightParen)
              })
            },
          },
          {
            ALT: () => {
              value = this.SUBRULE2(this.typeValue)
            },
          },
        ],
      }),
    )
    this.CONSUME2(t.RightParen)
    if (!this.RECORDING_PHASE) result.type = { kind: 'section-type', keyword, value, span: this.spanFrom(open) }
  })

  readonly typeValue = this.RULE('typeValue', (): Expression => {
    this.CONSUME(t.TypeWord)
    this.CONSUME(t.Equals)
    return this.SUBRULE(this.conditional)
  })

  /** `> region AT> region :phdr =fill ,` behind a closing brace. */
  readonly placement = this.RULE('placement', (): Placement => {
    const result: Changing<Placement> = { phdrs: [] }
    this.OPTION(() => {
      this.CONSUME(t.Greater)
      result.region = this.name(this.CONSUME(t.NameToken))
    })
    this.OPTION2(() => {
      this.CONSUME(t.At)
      this.CONSUME2(t.Greater)
      result.loadRegion = this.name(this.CONSUME2(t.NameToken))
    })
    this.SUBRULE(this.phdrsAndFill, { ARGS: [result] })
    return result
  })

  readonly phdrsAndFill = this.RULE('phdrsAndFill', (result: { phdrs: readonly Name[]; fill?: Expression }): void => {
    const phdrs: Name[] = []
    this.MANY(() => {
      this.CONSUME(t.Colon)
      phdrs.push(this.name(this.CONSUME(t.NameToken)))
    })
    if (!this.RECORDING_PHASE) result.phdrs = phdrs
    this.OPTION(() => {
      this.CONSUME(t.Equals)
      const old = this.enter(modes.expression)
      const fill = this.SUBRULE(this.conditional)
      this.enter(old)
      if (!this.RECORDING_PHASE) {
        result.fill = fill
        // The next section's name was read as part of the expression.
        this.scanner.rereadName()
      }
    })
    this.OPTION2(() => this.CONSUME(t.Comma))
  })

  readonly overlay = this.RULE('overlay', (): Overlay => {
    const word = this.CONSUME(t.OverlayWord)
    let address: Expression | undefined
    let at: Expression | undefined
    let subalign: Expression | undefined
    let noCrossReferences = false
    this.enter(modes.expression)
    this.OPTION(() => {
      address = this.SUBRULE(this.conditional)
    })
    this.CONSUME(t.Colon)
    this.OPTION2(() => {
      this.CONSUME(t.NoCrossRefs)
      noCrossReferences = true
    })
    this.OPTION3(() => {
      at = this.SUBRULE(this.loadAddress)
    })
    this.OPTION4(() => {
      subalign = this.SUBRULE(this.subalign)
    })
    const open = this.CONSUME(t.LeftBrace)
    this.enter(modes.script)
    const members = this.SUBRULE(this.overlayList)
    this.enter(modes.script)
    this.closeBrace(open)
    const placement = this.SUBRULE(this.placement)
    return {
      kind: 'overlay',
      address,
      noCrossReferences,
      at: unwrapped(at),
      subalign: unwrapped(subalign),
      members,
      ...placement,
      span: this.spanFrom(word),
    }
  })

  readonly overlayList = this.RULE('overlayList', (): OverlayMember[] => {
    const list: OverlayMember[] = []
    do {
      this.MANY(() => this.guarded(list, 'overlay', modes.script, () => this.SUBRULE(this.overlayMember)))
    } while (this.skipUnexpected('overlay', modes.script, true))
    return list
  })

  readonly overlayMember = this.RULE('overlayMember', (): OverlayMember => {
    const token = this.CONSUME(t.NameToken)
    const open = this.CONSUME(t.LeftBrace)
    this.enter(modes.wild)
    const body = this.SUBRULE(this.bodyList, { ARGS: [true] })
    this.enter(modes.script)
    this.closeBrace(open)
    const tail: { phdrs: readonly Name[]; fill?: Expression } = { phdrs: [] }
    this.SUBRULE(this.phdrsAndFill, { ARGS: [tail] })
    return { kind: 'overlay-member', name: this.name(token), body, ...tail, span: this.spanFrom(token as Token) }
  })

  readonly sectionsGroup = this.RULE('sectionsGroup', (): SectionsGroup => {
    const word = this.CONSUME(t.Group)
    this.nest(word)
    this.enter(modes.expression)
    const address = this.SUBRULE(this.sectionAddress)
    this.CONSUME(t.Colon)
    const open = this.CONSUME(t.LeftBrace)
    this.enter(modes.script)
    const statements = this.SUBRULE(this.sectionsList, { ARGS: [true] })
    this.enter(modes.script)
    this.closeBrace(open)
    this.depth--
    return { kind: 'sections-group', ...address, statements, span: this.spanFrom(word) }
  })
}

/** Takes off the parentheses that belong to AT( ) and the like. */
function unwrapped(expression: Expression | undefined): Expression | undefined {
  if (expression?.parentheses === undefined) return expression
  const count = expression.parentheses - 1
  return { ...expression, parentheses: count === 0 ? undefined : count }
}
