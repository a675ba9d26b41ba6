/** Assignments and ASSERT, which mean the same wherever they stand. */
import type { AssertStatement as AssertSyntax, Assignment } from '../../grammar/ast.ts'
import type { AssertStatement, AssignStatement } from '../plan/plan.ts'
import type { Compilation } from './compilation.ts'
import { lower } from './lower-expression.ts'
import { nameOrRaw } from './plan-time.ts'
import type { Scope } from './scope.ts'

export function lowerAssignment(syntax: Assignment, scope: Scope, c: Compilation): AssignStatement {
  return {
    kind: 'assign',
    id: c.nextId(),
    span: syntax.span,
    symbol: nameOrRaw(syntax.target, scope, c),
    operator: syntax.operator,
    value: lower(syntax.value, scope, c),
    provide: syntax.form === 'PROVIDE' || syntax.form === 'PROVIDE_HIDDEN',
    hidden: syntax.form === 'HIDDEN' || syntax.form === 'PROVIDE_HIDDEN',
  }
}

export function lowerAssert(syntax: AssertSyntax, scope: Scope, c: Compilation): AssertStatement {
  return {
    kind: 'assert',
    id: c.nextId(),
    span: syntax.span,
    value: lower(syntax.condition, scope, c),
    message: nameOrRaw(syntax.message, scope, c),
  }
}
