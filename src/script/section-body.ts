/** What stands in the braces of an output section. */
import type { BodyWord, DataStatement, SectionBodyStatement, Statement } from '../../grammar/ast.ts'
import { wrongLevel } from '../diag/catalogue/script-compile.ts'
import type { DataItem } from '../plan/plan.ts'
import { lowerAssert, lowerAssignment } from './assignments.ts'
import type { Compilation } from './compilation.ts'
import { lowerExtension } from './extensions/index.ts'
import { ascizBytes, lowerFill } from './fills.ts'
import { type Level, levelWords, walk } from './flow.ts'
import { lowerInputSections } from './input-patterns.ts'
import { lower } from './lower-expression.ts'
import type { BodyDraft } from './places.ts'
import type { Scope } from './scope.ts'

/** Lowers statements into `body`. */
export function lowerBody(
  statements: readonly SectionBodyStatement[],
  body: BodyDraft,
  scope: Scope,
  c: Compilation,
): void {
  walk(statements, scope, bodyLevel(body, c), c)
}

function bodyLevel(body: BodyDraft, c: Compilation): Level {
  return { context: 'section-body', leaf: (statement, scope) => lowerStatement(statement, body, scope, c) }
}

const dataSizes: Readonly<Record<DataStatement['command'], DataItem['size']>> = {
  BYTE: 1,
  SHORT: 2,
  LONG: 4,
  QUAD: 8,
  SQUAD: 8,
}

const wordKinds: Readonly<Record<BodyWord['kind'], 'constructors' | 'object-symbols' | 'linker-version'>> = {
  constructors: 'constructors',
  'create-object-symbols': 'object-symbols',
  'linker-version': 'linker-version',
}

function lowerStatement(statement: Statement, body: BodyDraft, scope: Scope, c: Compilation): void {
  const { items } = body
  const { span } = statement
  switch (statement.kind) {
    case 'assignment':
      items.push(lowerAssignment(statement, scope, c))
      return
    case 'assert':
      items.push(lowerAssert(statement, scope, c))
      return
    case 'input-sections':
      items.push(lowerInputSections(statement, body.order, scope, c))
      return
    case 'data': {
      const value = lower(statement.value, scope, c)
      const size = dataSizes[statement.command]
      items.push({ kind: 'data', id: c.nextId(), span, size, signed: statement.command === 'SQUAD', value })
      return
    }
    case 'asciz':
      items.push({ kind: 'string', id: c.nextId(), span, bytes: ascizBytes(statement.text, scope, c) })
      return
    case 'fill':
      items.push({ kind: 'fill', id: c.nextId(), span, fill: lowerFill(statement.value, scope, c) })
      return
    case 'constructors':
    case 'create-object-symbols':
    case 'linker-version':
      items.push({ kind: wordKinds[statement.kind], id: c.nextId(), span })
      return
    case 'extension':
      lowerExtension(statement, { compilation: c, scope, context: 'section-body', body })
      return
    default:
      c.add(
        wrongLevel({ what: `a statement '${statement.kind}'`, level: levelWords('section-body'), legal: 'elsewhere' }),
        span,
      )
  }
}
