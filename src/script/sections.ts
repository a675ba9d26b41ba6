/** SECTIONS: the statements between output sections. */
import type { Statement } from '../../grammar/ast.ts'
import { wrongLevel } from '../diag/catalogue/script-compile.ts'
import { lowerAssert, lowerAssignment } from './assignments.ts'
import type { Compilation } from './compilation.ts'
import { lowerExtension } from './extensions/index.ts'
import { type Level, levelWords, walk } from './flow.ts'
import { lower } from './lower-expression.ts'
import { lowerOutputSection } from './output-sections.ts'
import { lowerOverlay } from './overlay.ts'
import type { SectionsPlace } from './places.ts'
import { nameOrRaw } from './plan-time.ts'
import type { Scope } from './scope.ts'

/** Lowers statements of SECTIONS level into `place`. */
export function lowerSections(
  statements: readonly Statement[],
  place: SectionsPlace,
  scope: Scope,
  c: Compilation,
): void {
  walk(statements, scope, sectionsLevel(place, c), c)
}

export function sectionsLevel(place: SectionsPlace, c: Compilation): Level {
  return { context: 'sections', leaf: (statement, scope) => lowerStatement(statement, place, scope, c) }
}

function lowerStatement(statement: Statement, place: SectionsPlace, scope: Scope, c: Compilation): void {
  const { span } = statement
  switch (statement.kind) {
    case 'assignment':
      place.sink.push(lowerAssignment(statement, scope, c))
      return
    case 'assert':
      place.sink.push(lowerAssert(statement, scope, c))
      return
    case 'entry':
      c.draft.target.entry = { symbol: nameOrRaw(statement.symbol, scope, c), span }
      delete c.draft.target.entryAlternatives
      return
    case 'output-section':
      lowerOutputSection(statement, place, scope, c)
      return
    case 'overlay':
      lowerOverlay(statement, place, scope, c)
      return
    case 'sections-group':
      if (statement.address !== undefined)
        place.sink.push({
          kind: 'assign',
          id: c.nextId(),
          span: statement.address.span,
          symbol: '.',
          operator: '=',
          value: lower(statement.address, scope, c),
          provide: false,
          hidden: false,
        })
      lowerSections(statement.statements, place, scope, c)
      return
    case 'extension':
      lowerExtension(statement, { compilation: c, scope, context: 'sections', sections: place })
      return
    default:
      c.add(
        wrongLevel({ what: `a statement '${statement.kind}'`, level: levelWords('sections'), legal: 'elsewhere' }),
        span,
      )
  }
}
