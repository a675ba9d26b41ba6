/** Values that become constants once a function is written out for a call with constant arguments. */
import type { Local, Value } from './tree.ts'

/** A value that is known before the function runs. `of` knows the locals that hold nothing but a number. */
export function known(value: Value, of: (local: Local) => number | undefined): number | undefined {
  switch (value.op) {
    case 'constant':
      return value.value
    case 'local':
      return of(value.local)
    case 'not': {
      const operand = known(value.operand, of)
      return operand === undefined ? undefined : operand === 0 ? 1 : 0
    }
    case 'and':
    case 'or': {
      const left = known(value.left, of)
      if (left === undefined) return undefined
      return (left !== 0) === (value.op === 'and') ? known(value.right, of) : left
    }
    case 'operation': {
      if (value.operands.length !== 2) return undefined
      const rule = integers[value.code]
      if (rule === undefined) return undefined
      const left = known(value.operands[0]!, of)
      if (left === undefined) return undefined
      const right = known(value.operands[1]!, of)
      return right === undefined ? undefined : Number(rule(left | 0, right | 0))
    }
    default:
      return undefined
  }
}

/** Instructions on 32-bit integers. */
const integers: Readonly<Record<number, (left: number, right: number) => number | boolean>> = {
  70: (left, right) => left === right,
  71: (left, right) => left !== right,
  72: (left, right) => left < right,
  73: (left, right) => left >>> 0 < right >>> 0,
  74: (left, right) => left > right,
  75: (left, right) => left >>> 0 > right >>> 0,
  76: (left, right) => left <= right,
  77: (left, right) => left >>> 0 <= right >>> 0,
  78: (left, right) => left >= right,
  79: (left, right) => left >>> 0 >= right >>> 0,
  106: (left, right) => (left + right) | 0,
  107: (left, right) => (left - right) | 0,
  108: (left, right) => Math.imul(left, right),
  113: (left, right) => left & right,
  114: (left, right) => left | right,
  115: (left, right) => left ^ right,
  116: (left, right) => left << right,
  117: (left, right) => left >> right,
  118: (left, right) => left >>> right,
}
