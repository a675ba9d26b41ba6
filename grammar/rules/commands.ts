/** Commands of the top level, MEMORY and PHDRS. */
import type {
  AllocationStatement,
  AsNeeded,
  ExternStatement,
  HistoricStatement,
  InputFile,
  InputStatement,
  InsertStatement,
  MemoryAttributes,
  MemoryBlock,
  MemoryRegion,
  MemoryStatement,
  Name,
  NoCrossReferencesStatement,
  OutputFormatStatement,
  PhdrsBlock,
  PhdrsStatement,
  ProgramHeader,
  ProgramHeaderQualifier,
  RegionAliasStatement,
  TopStatement,
} from '../ast.ts'
import { modes } from '../modes.ts'
import type { Token } from '../scanner.ts'
import * as t from '../tokens.ts'
import { VersionRules } from './versions.ts'

export abstract class CommandRules extends VersionRules {
  readonly topList = this.RULE('topList', (closed: boolean): TopStatement[] => {
    const list: TopStatement[] = []
    do {
      this.MANY(() => this.guarded(list, 'top', modes.script, this.topItem))
    } while (this.skipUnexpected('top', modes.script, closed))
    return list
  })

  private readonly topItem = (): TopStatement | undefined => this.SUBRULE(this.topStatement)

  readonly topStatement = this.RULE('topStatement', (): TopStatement | undefined =>
    this.OR({ ERR_MSG: 'a statement', DEF: this.topAlternatives }),
  )

  private readonly topAlternatives = [
    { ALT: (): undefined => this.nothing(this.CONSUME(t.Semicolon)) },
    { ALT: (): TopStatement => this.assignmentAndSeparator(this.CONSUME(t.NameToken)) },
    { ALT: (): TopStatement => this.SUBRULE(this.providedAndSeparator) },
    { ALT: (): TopStatement => this.SUBRULE(this.assertStatement) },
    { ALT: (): TopStatement => this.SUBRULE(this.entryStatement) },
    { ALT: (): TopStatement => this.SUBRULE(this.includeStatement, { ARGS: ['top'] }) },
    { ALT: (): TopStatement => this.SUBRULE(this.sectionsBlock) },
    { ALT: (): TopStatement => this.SUBRULE(this.memoryBlock) },
    { ALT: (): TopStatement => this.SUBRULE(this.phdrsBlock) },
    { ALT: (): TopStatement => this.SUBRULE(this.versionBlock) },
    { ALT: (): TopStatement => this.SUBRULE(this.nameCommand) },
    { ALT: (): TopStatement => this.SUBRULE(this.inputCommand) },
    { ALT: (): TopStatement => this.SUBRULE(this.outputFormat) },
    { ALT: (): TopStatement => this.SUBRULE(this.externCommand) },
    { ALT: (): TopStatement => this.SUBRULE(this.regionAlias) },
    { ALT: (): TopStatement => this.SUBRULE(this.insertCommand) },
    { ALT: (): TopStatement => this.SUBRULE(this.noCrossReferences) },
    { ALT: (): TopStatement => this.SUBRULE(this.historicCommand) },
    { ALT: (): TopStatement => this.allocation(this.CONSUME(t.AllocationCommand) as Token) },
    { ALT: (): TopStatement => this.SUBRULE(this.extension, { ARGS: ['top'] }) as TopStatement },
  ]

  private allocation(token: Token): AllocationStatement {
    const command = token.image as AllocationStatement['command']
    return { kind: 'allocation', command, span: this.scanner.spanOf(token) }
  }

  /** `COMMAND(name)` */
  readonly nameCommand = this.RULE('nameCommand', (): TopStatement => {
    const word = this.CONSUME(t.NameCommand)
    this.CONSUME(t.LeftParen)
    const name = this.name(this.CONSUME(t.NameToken))
    this.CONSUME(t.RightParen)
    const span = this.spanFrom(word)
    switch (word.image) {
      case 'STARTUP':
        return { kind: 'startup', file: name, span }
      case 'OUTPUT':
        return { kind: 'output', file: name, span }
      case 'OUTPUT_ARCH':
        return { kind: 'output-arch', arch: name, span }
      case 'TARGET':
        return { kind: 'target', target: name, span }
      case 'SEARCH_DIR':
        return { kind: 'search-dir', directory: name, span }
      case 'LD_FEATURE':
        return { kind: 'ld-feature', feature: name, span }
      default:
        return { kind: 'map', file: name, span }
    }
  })

  readonly outputFormat = this.RULE('outputFormat', (): OutputFormatStatement => {
    const word = this.CONSUME(t.OutputFormat)
    let bigEndian: Name | undefined
    let littleEndian: Name | undefined
    this.CONSUME(t.LeftParen)
    const format = this.name(this.CONSUME(t.NameToken))
    this.OPTION(() => {
      this.CONSUME(t.Comma)
      bigEndian = this.name(this.CONSUME2(t.NameToken))
      this.CONSUME2(t.Comma)
      littleEndian = this.name(this.CONSUME3(t.NameToken))
    })
    this.CONSUME(t.RightParen)
    return { kind: 'output-format', format, bigEndian, littleEndian, span: this.spanFrom(word) }
  })

  readonly regionAlias = this.RULE('regionAlias', (): RegionAliasStatement => {
    const word = this.CONSUME(t.RegionAlias)
    this.CONSUME(t.LeftParen)
    const alias = this.name(this.CONSUME(t.NameToken))
    this.CONSUME(t.Comma)
    const region = this.name(this.CONSUME2(t.NameToken))
    this.CONSUME(t.RightParen)
    return { kind: 'region-alias', alias, region, span: this.spanFrom(word) }
  })

  readonly insertCommand = this.RULE('insertCommand', (): InsertStatement => {
    const word = this.CONSUME(t.Insert)
    const place = this.CONSUME(t.InsertPlace)
    const section = this.name(this.CONSUME(t.NameToken))
    const position = place.image as InsertStatement['position']
    return { kind: 'insert', position, section, span: this.spanFrom(word) }
  })

  readonly externCommand = this.RULE('externCommand', (): ExternStatement => {
    const word = this.CONSUME(t.Extern)
    const symbols: Name[] = []
    this.CONSUME(t.LeftParen)
    const old = this.enter(modes.expression)
    symbols.push(this.name(this.CONSUME(t.NameToken)))
    this.MANY(() => {
      this.OPTION(() => this.CONSUME(t.Comma))
      symbols.push(this.name(this.CONSUME2(t.NameToken)))
    })
    this.CONSUME(t.RightParen)
    this.enter(old)
    return { kind: 'extern', symbols, span: this.spanFrom(word) }
  })

  readonly noCrossReferences = this.RULE('noCrossReferences', (): NoCrossReferencesStatement => {
    const sections: Name[] = []
    const word = this.OR([{ ALT: () => this.CONSUME(t.NoCrossRefs) }, { ALT: () => this.CONSUME(t.NoCrossRefsTo) }])
    this.CONSUME(t.LeftParen)
    this.MANY(() => {
      sections.push(this.name(this.CONSUME(t.NameToken)))
      this.OPTION(() => this.CONSUME(t.Comma))
    })
    this.CONSUME(t.RightParen)
    const toFirst = word.image === 'NOCROSSREFS_TO'
    return { kind: 'no-cross-references', toFirst, sections, span: this.spanFrom(word) }
  })

  readonly historicCommand = this.RULE('historicCommand', (): HistoricStatement => {
    const files: Name[] = []
    const word = this.OR([
      { ALT: () => this.CONSUME(t.FloatCommand) },
      {
        ALT: () => {
          const token = this.CONSUME(t.LibraryCommand)
          this.CONSUME(t.LeftParen)
          this.OPTION(() => {
            files.push(this.name(this.CONSUME(t.NameToken)))
            this.MANY(() => {
              this.OPTION2(() => this.CONSUME(t.Comma))
              files.push(this.name(this.CONSUME2(t.NameToken)))
            })
          })
          this.CONSUME(t.RightParen)
          return token
        },
      },
    ])
    const command = word.image as HistoricStatement['command']
    return { kind: 'historic', command, files, span: this.spanFrom(word) }
  })

  readonly inputCommand = this.RULE('inputCommand', (): InputStatement => {
    const word = this.OR([{ ALT: () => this.CONSUME(t.Input) }, { ALT: () => this.CONSUME(t.Group) }])
    this.CONSUME(t.LeftParen)
    const old = this.enter(modes.inputList)
    const files = this.SUBRULE(this.inputList)
    this.CONSUME(t.RightParen)
    this.enter(old)
    return { kind: word.image === 'GROUP' ? 'group' : 'input', files, span: this.spanFrom(word) }
  })

  readonly inputList = this.RULE('inputList', (): readonly (InputFile | AsNeeded)[] => {
    const files: (InputFile | AsNeeded)[] = [this.SUBRULE(this.inputItem)]
    this.MANY(() => {
      this.OPTION(() => this.CONSUME(t.Comma))
      files.push(this.SUBRULE2(this.inputItem))
    })
    return files
  })

  readonly inputItem = this.RULE('inputItem', (): InputFile | AsNeeded =>
    this.OR<InputFile | AsNeeded>({
      ERR_MSG: 'a file',
      DEF: [
        { ALT: () => this.inputFile(this.CONSUME(t.NameToken) as Token, false) },
        { ALT: () => this.inputFile(this.CONSUME(t.LibraryToken) as Token, true) },
        {
          ALT: () => {
            const word = this.CONSUME(t.AsNeeded)
            this.nest(word)
            this.CONSUME(t.LeftParen)
            const files = this.SUBRULE(this.inputList)
            this.CONSUME(t.RightParen)
            this.depth--
            return { kind: 'as-needed', files, span: this.spanFrom(word) }
          },
        },
      ],
    }),
  )

  private inputFile(token: Token, library: boolean): InputFile {
    const name = this.name(token)
    if (!this.RECORDING_PHASE && !token.quoted && token.image.endsWith(',')) this.warnOfComma(token)
    const text = library ? name.text.slice(2) : name.text
    return { kind: 'input-file', name: { ...name, text }, library, span: name.span }
  }

  /** `INPUT(a.o, b.o)` names a file `a.o,`. */
  private warnOfComma(token: Token): void {
    this.report({
      code: 'S1013',
      severity: 'warning',
      message: `this names the file \`${token.image}\`: a comma may be part of a name here; put a space before it`,
      span: this.scanner.spanOf(token),
      fix: [{ span: this.scanner.spanOf(token), text: token.image.slice(0, -1) }],
    })
  }

  // --------------------------------------------------------------------------------------------------------- MEMORY

  readonly memoryBlock = this.RULE('memoryBlock', (): MemoryBlock => {
    const word = this.CONSUME(t.Memory)
    const open = this.CONSUME(t.LeftBrace)
    const statements = this.SUBRULE(this.memoryList, { ARGS: [true] })
    this.enter(modes.script)
    this.closeBrace(open)
    return { kind: 'memory', statements, span: this.spanFrom(word) }
  })

  readonly memoryList = this.RULE('memoryList', (closed: boolean): MemoryStatement[] => {
    const list: MemoryStatement[] = []
    do {
      this.MANY(() => this.guarded(list, 'memory', modes.script, this.memoryItem))
    } while (this.skipUnexpected('memory', modes.script, closed))
    return list
  })

  private readonly memoryItem = (): MemoryStatement => this.SUBRULE(this.memoryStatement)

  readonly memoryStatement = this.RULE('memoryStatement', (): MemoryStatement => {
    const statement = this.OR<MemoryStatement>([
      { ALT: () => this.SUBRULE(this.memoryRegion) },
      { ALT: () => this.SUBRULE(this.includeStatement, { ARGS: ['memory'] }) },
      { ALT: () => this.SUBRULE(this.extension, { ARGS: ['memory'] }) as MemoryStatement },
    ])
    this.OPTION(() => {
      this.CONSUME(t.Comma)
      if (!this.RECORDING_PHASE && this.nextIs(t.RightBrace)) this.fail('a memory region behind the `,`')
    })
    return statement
  })

  /** `name (attributes) : ORIGIN = address, LENGTH = size` */
  readonly memoryRegion = this.RULE('memoryRegion', (): MemoryRegion => {
    const token = this.CONSUME(t.NameToken)
    const attributes: MemoryAttributes[] = []
    this.OPTION(() => {
      this.CONSUME(t.LeftParen)
      this.AT_LEAST_ONE({
        ERR_MSG: 'attributes such as rwx',
        DEF: () => {
          const first = this.next
          let inverted = false
          this.OPTION2(() => {
            this.CONSUME(t.Not)
            inverted = true
          })
          const letters = this.CONSUME2(t.NameToken).image
          attributes.push({ kind: 'memory-attributes', letters, inverted, span: this.spanFrom(first) })
        },
      })
      this.CONSUME(t.RightParen)
    })
    this.CONSUME(t.Colon)
    this.CONSUME(t.Origin)
    this.CONSUME(t.Equals)
    this.enter(modes.expression)
    const origin = this.SUBRULE(this.conditional)
    this.enter(modes.script)
    this.OPTION3(() => this.CONSUME(t.Comma))
    this.CONSUME(t.Length)
    this.CONSUME2(t.Equals)
    this.enter(modes.expression)
    const length = this.SUBRULE2(this.conditional)
    this.enter(modes.script)
    // The next region's name was read as part of the expression.
    if (!this.RECORDING_PHASE) this.scanner.rereadName()
    return {
      kind: 'memory-region',
      name: this.name(token),
      attributes,
      origin,
      length,
      span: this.spanFrom(token),
    }
  })

  // ---------------------------------------------------------------------------------------------------------- PHDRS

  readonly phdrsBlock = this.RULE('phdrsBlock', (): PhdrsBlock => {
    const word = this.CONSUME(t.Phdrs)
    const open = this.CONSUME(t.LeftBrace)
    const statements = this.SUBRULE(this.phdrsList, { ARGS: [true] })
    this.enter(modes.script)
    this.closeBrace(open)
    return { kind: 'phdrs', statements, span: this.spanFrom(word) }
  })

  readonly phdrsList = this.RULE('phdrsList', (closed: boolean): PhdrsStatement[] => {
    const list: PhdrsStatement[] = []
    do {
      this.MANY(() => this.guarded(list, 'phdrs', modes.script, this.phdrsItem))
    } while (this.skipUnexpected('phdrs', modes.script, closed))
    return list
  })

  private readonly phdrsItem = (): PhdrsStatement =>
    this.OR<PhdrsStatement>([
      { ALT: () => this.SUBRULE(this.programHeader) },
      { ALT: () => this.SUBRULE(this.extension, { ARGS: ['phdrs'] }) as PhdrsStatement },
    ])

  readonly programHeader = this.RULE('programHeader', (): ProgramHeader => {
    const token = this.CONSUME(t.NameToken)
    const qualifiers: ProgramHeaderQualifier[] = []
    this.enter(modes.expression)
    const type = this.SUBRULE(this.conditional)
    this.MANY(() => {
      const qualifier = this.SUBRULE(this.programHeaderQualifier)
      qualifiers.push(qualifier)
    })
    this.enter(modes.script)
    this.CONSUME(t.Semicolon)
    return { kind: 'program-header', name: this.name(token), type, qualifiers, span: this.spanFrom(token) }
  })

  readonly programHeaderQualifier = this.RULE('programHeaderQualifier', (): ProgramHeaderQualifier => {
    const qualifier: { value?: ProgramHeaderQualifier['value'] } = {}
    const token = this.OR([
      {
        ALT: () => {
          const word = this.CONSUME(t.NameToken)
          this.OPTION(() => {
            qualifier.value = this.SUBRULE(this.parenthesised)
          })
          return word
        },
      },
      {
        ALT: () => {
          const word = this.CONSUME(t.At)
          qualifier.value = this.SUBRULE2(this.parenthesised)
          return word
        },
      },
    ])
    const name = this.name(token)
    return { kind: 'program-header-qualifier', name, value: qualifier.value, span: this.spanFrom(token) }
  })
}
