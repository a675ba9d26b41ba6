/** Operator precedence of GNU ld, applied to a row of operands and operators. */
import type { BinaryOperator, Expression } from './ast.ts'

const strength: Readonly<Record<BinaryOperator, number>> = {
  '||': 1,
  '&&': 2,
  '|': 3,
  '^': 4,
  '&': 5,
  '==': 6,
  '!=': 6,
  '<': 7,
  '<=': 7,
  '>': 7,
  '>=': 7,
  '<<': 8,
  '>>': 8,
  '+': 9,
  '-': 9,
  '*': 10,
  '/': 10,
  '%': 10,
}

/** Builds the tree of `operands[0] operators[0] operands[1] …`; operators of equal strength group to the left. */
export function joinOperators(operands: readonly Expression[], operators: readonly BinaryOperator[]): Expression {
  const values: Expression[] = [operands[0]]
  const pending: BinaryOperator[] = []
  const reduce = (): void => {
    const operator = pending.pop() as BinaryOperator
    const right = values.pop() as Expression
    const left = values.pop() as Expression
    const { file, start, line, column } = left.span
    values.push({ kind: 'binary', operator, left, right, span: { file, start, end: right.span.end, line, column } })
  }
  operators.forEach((operator, i) => {
    while (pending.length > 0 && strength[pending[pending.length - 1]] >= strength[operator]) reduce()
    pending.push(operator)
    values.push(operands[i + 1])
  })
  while (pending.length > 0) reduce()
  return values[0]
}
