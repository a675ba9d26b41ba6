/** Input section descriptions: file and section patterns, SORT, KEEP, EXCLUDE_FILE. */
import type { IToken } from 'chevrotain'
import type { Expression, FilePattern, InputSections, Name, SectionFlag, SectionPattern, SectionSort } from '../ast.ts'
import { modes } from '../modes.ts'
import type { Token } from '../scanner.ts'
import * as t from '../tokens.ts'
import { ExpressionRules } from './expressions.ts'

const noNames: readonly Name[] = []
const noFlags: readonly SectionFlag[] = []
const noSorts: readonly SectionSort[] = []

export abstract class PatternRules extends ExpressionRules {
  /** KEEP( … ) around a description, or the description alone; flags before the file name. */
  readonly keptSections = this.RULE('keptSections', (): InputSections => {
    const word = this.CONSUME(t.Keep)
    this.CONSUME(t.LeftParen)
    const description = this.SUBRULE(this.inputSections)
    this.CONSUME(t.RightParen)
    return { ...description, keep: true, span: this.spanFrom(word) }
  })

  readonly inputSections = this.RULE('inputSections', (): InputSections => {
    const first = this.next
    let flags = noFlags
    let file: FilePattern | undefined
    let sections: readonly SectionPattern[] | undefined
    this.OPTION(() => {
      flags = this.SUBRULE(this.sectionFlags)
    })
    this.OR({
      ERR_MSG: 'a file pattern',
      IGNORE_AMBIGUITIES: true,
      DEF: [
        {
          ALT: () => {
            file = this.plainFile(this.CONSUME(t.NameToken))
            this.OPTION2(() => {
              sections = this.SUBRULE(this.sectionList)
            })
          },
        },
        {
          ALT: () => {
            file = this.SUBRULE(this.decoratedFile)
            sections = this.SUBRULE2(this.sectionList)
          },
        },
        {
          ALT: () => {
            sections = this.SUBRULE(this.bracketList)
          },
        },
      ],
    })
    let where: Expression | undefined
    this.OPTION3(() => {
      where = this.SUBRULE(this.whereClause)
    })
    const span = this.spanFrom(first)
    if (where !== undefined) return { kind: 'input-sections', keep: false, flags, file, sections, where, span }
    return { kind: 'input-sections', keep: false, flags, file, sections, span }
  })

  readonly whereClause = this.RULE('whereClause', (): Expression => {
    this.CONSUME(t.AtWhere)
    const old = this.enter(modes.extension)
    this.CONSUME(t.LeftParen)
    const condition = this.SUBRULE(this.conditional)
    this.CONSUME(t.RightParen)
    this.enter(old)
    return condition
  })

  readonly sectionFlags = this.RULE('sectionFlags', (): readonly SectionFlag[] => {
    const flags: SectionFlag[] = []
    this.CONSUME(t.InputSectionFlags)
    this.CONSUME(t.LeftParen)
    this.AT_LEAST_ONE_SEP({
      SEP: t.Ampersand,
      DEF: () => {
        const token = this.CONSUME(t.NameToken)
        if (!this.RECORDING_PHASE) flags.push(this.sectionFlag(token))
      },
    })
    this.CONSUME(t.RightParen)
    return flags
  })

  /** `( pattern pattern, pattern )` */
  readonly sectionList = this.RULE('sectionList', (): readonly SectionPattern[] => {
    const list: SectionPattern[] = []
    this.CONSUME(t.LeftParen)
    this.AT_LEAST_ONE({ ERR_MSG: 'a section pattern', DEF: () => this.SUBRULE(this.sectionPattern, { ARGS: [list] }) })
    this.CONSUME(t.RightParen)
    return list
  })

  /** `[ pattern … ]`: sections of any file. */
  readonly bracketList = this.RULE('bracketList', (): readonly SectionPattern[] => {
    const list: SectionPattern[] = []
    this.CONSUME(t.LeftBracket)
    this.AT_LEAST_ONE({ ERR_MSG: 'a section pattern', DEF: () => this.SUBRULE(this.sectionPattern, { ARGS: [list] }) })
    this.CONSUME(t.RightBracket)
    return list
  })

  readonly sectionPattern = this.RULE('sectionPattern', (list: SectionPattern[]): void => {
    this.OR({
      ERR_MSG: 'a section pattern',
      DEF: [
        {
          ALT: () => {
            const token = this.CONSUME(t.NameToken)
            if (!this.RECORDING_PHASE)
              list.push(this.sectionPatternOf(token, this.name(token), noNames, noSorts, false))
          },
        },
        {
          ALT: () => {
            const first = this.next
            const excluded = this.SUBRULE(this.excludeFile)
            const token = this.CONSUME2(t.NameToken)
            if (!this.RECORDING_PHASE)
              list.push(this.sectionPatternOf(first, this.name(token), excluded, noSorts, false))
          },
        },
        { ALT: () => this.SUBRULE(this.sortedPattern, { ARGS: [list] }) },
      ],
    })
  })

  /**
   * SORT…(pattern), with a second SORT or REVERSE inside, or REVERSE around. GNU ld knows a fixed set of nestings:
   * NAME and ALIGNMENT nest in each other and in themselves; REVERSE goes around a pattern, NAME or INIT_PRIORITY.
   */
  readonly sortedPattern = this.RULE('sortedPattern', (list: SectionPattern[]): void => {
    const first = this.next
    const sorts: SectionSort[] = []
    let reversed = false
    let opened = 0
    let excluded = noNames
    this.AT_LEAST_ONE(() => {
      const word = this.OR([
        { ALT: () => this.CONSUME(t.SortByName) },
        { ALT: () => this.CONSUME(t.SortByAlignment) },
        { ALT: () => this.CONSUME(t.SortByInitPriority) },
        { ALT: () => this.CONSUME(t.SortNone) },
        { ALT: () => this.CONSUME(t.Reverse) },
      ])
      if (!this.RECORDING_PHASE) reversed = this.addSort(word as Token, sorts, reversed)
      this.CONSUME(t.LeftParen)
      opened++
    })
    this.OPTION(() => {
      excluded = this.SUBRULE(this.excludeFile)
    })
    const token = this.CONSUME(t.NameToken)
    this.MANY({ GATE: () => opened > 0, DEF: () => this.closeOne(() => opened--) })
    if (this.RECORDING_PHASE) return
    if (opened > 0) this.fail('`)`; a SORT holds one pattern')
    list.push(this.sectionPatternOf(first, this.name(token), excluded, sorts, reversed))
  })

  /** EXCLUDE_FILE(file file) */
  readonly excludeFile = this.RULE('excludeFile', (): readonly Name[] => {
    const names: Name[] = []
    this.CONSUME(t.ExcludeFile)
    this.CONSUME(t.LeftParen)
    this.AT_LEAST_ONE({ ERR_MSG: 'a file pattern', DEF: () => names.push(this.name(this.CONSUME(t.NameToken))) })
    this.CONSUME(t.RightParen)
    return names
  })

  /** A file pattern with EXCLUDE_FILE, SORT or REVERSE around it. */
  readonly decoratedFile = this.RULE('decoratedFile', (): FilePattern => {
    const first = this.next
    const sorts: SectionSort[] = []
    let reversed = false
    let opened = 0
    let excluded = noNames
    this.MANY(() => {
      const word = this.OR([
        { ALT: () => this.CONSUME(t.SortByName) },
        { ALT: () => this.CONSUME(t.SortNone) },
        { ALT: () => this.CONSUME(t.Reverse) },
      ])
      if (!this.RECORDING_PHASE) reversed = this.addFileSort(word as Token, sorts, reversed)
      this.CONSUME(t.LeftParen)
      opened++
    })
    this.OPTION(() => {
      excluded = this.SUBRULE(this.excludeFile)
    })
    const name = this.name(this.CONSUME(t.NameToken))
    this.MANY2({ GATE: () => opened > 0, DEF: () => this.closeOne(() => opened--) })
    if (!this.RECORDING_PHASE && opened > 0) this.fail('`)`')
    const sort = sorts[0] as FilePattern['sort']
    return { ...archiveParts(name), excluded, sort, reversed, span: this.spanFrom(first) }
  })

  private closeOne(counted: () => void): void {
    this.CONSUME(t.RightParen)
    counted()
  }

  /** Adds a SORT or REVERSE word to the row of words; returns whether the row is reversed now. */
  private addSort(word: Token, sorts: SectionSort[], reversed: boolean): boolean {
    const refuse = (why: string): never => this.refuseNesting(word, why)
    if (word.tokenType === t.Reverse) {
      if (reversed) refuse('REVERSE is there already')
      return true
    }
    const sort = sortOf(word)
    if (reversed && sorts.length > 0) refuse('this nesting is not known')
    if (reversed && sort !== 'name' && sort !== 'init-priority') {
      refuse('REVERSE takes a pattern, SORT_BY_NAME or SORT_BY_INIT_PRIORITY')
    }
    if (sorts.length === 2) refuse('sorts nest once')
    if (sorts.length === 1 && !(isNestable(sorts[0]) && isNestable(sort))) {
      refuse('only SORT_BY_NAME and SORT_BY_ALIGNMENT nest')
    }
    sorts.push(sort)
    return reversed
  }

  private addFileSort(word: Token, sorts: SectionSort[], reversed: boolean): boolean {
    if (word.tokenType === t.Reverse) {
      if (reversed) this.refuseNesting(word, 'REVERSE is there already')
      return true
    }
    if (sorts.length > 0) this.refuseNesting(word, 'the sorts of files do not nest')
    if (reversed && word.tokenType === t.SortNone) this.refuseNesting(word, 'REVERSE takes a file or SORT_BY_NAME')
    sorts.push(sortOf(word))
    return reversed
  }

  private refuseNesting(word: Token, why: string): never {
    this.complain('S1018', `\`${word.image}\` is not possible here: ${why}`, word)
    return this.leave()
  }

  private sectionFlag(token: IToken): SectionFlag {
    const name = this.name(token)
    const negated = !name.quoted && name.text.startsWith('!')
    return {
      kind: 'section-flag',
      name: negated ? { ...name, text: name.text.slice(1) } : name,
      negated,
      span: name.span,
    }
  }

  protected plainFile(token: IToken): FilePattern {
    const name = this.name(token)
    return { ...archiveParts(name), excluded: noNames, reversed: false, span: name.span }
  }

  private sectionPatternOf(
    first: IToken,
    name: Name,
    excluded: readonly Name[],
    sorts: readonly SectionSort[],
    reversed: boolean,
  ): SectionPattern {
    return { kind: 'section-pattern', name, excluded, sorts, reversed, span: this.spanFrom(first) }
  }
}

function sortOf(word: Token): SectionSort {
  if (word.tokenType === t.SortByAlignment) return 'alignment'
  if (word.tokenType === t.SortByInitPriority) return 'init-priority'
  return word.tokenType === t.SortNone ? 'none' : 'name'
}

function isNestable(sort: SectionSort): boolean {
  return sort === 'name' || sort === 'alignment'
}

/** `archive:member`: split at the first colon. */
function archiveParts(name: Name): Pick<FilePattern, 'kind' | 'name' | 'archive' | 'member'> {
  const colon = name.text.indexOf(':')
  if (colon < 0) return { kind: 'file-pattern', name }
  return { kind: 'file-pattern', name, archive: name.text.slice(0, colon), member: name.text.slice(colon + 1) }
}
