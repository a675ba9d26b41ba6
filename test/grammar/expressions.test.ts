import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { NumberExpression } from '../../grammar/ast.ts'
import { parseDefinition, parseExpression } from '../../grammar/index.ts'
import { expression } from './brief.ts'

test('precedence and grouping', () => {
  const rows = {
    '1+2*3': '(+ 1 (* 2 3))',
    '1-2-3': '(- (- 1 2) 3)',
    'a ? b : c ? d : e': '(? a b (? c d e))',
    '-a*~b': '(* (- a) (~ b))',
    '1<2==3&4^5|6&&7||8': '(|| (&& (| (^ (& (== (< 1 2) 3) 4) 5) 6) 7) 8)',
    '1<<2+3': '(<< 1 (+ 2 3))',
    '!!a': '(! (! a))',
  }
  for (const [text, expected] of Object.entries(rows)) assert.is(expression(text), expected, text)
})

test('names by state', () => {
  assert.is(expression('a-b'), '(- a b)')
  assert.is(expression('a/b'), 'a/b')
  assert.is(expression('SIZEOF(a-b)+1'), '(+ (SIZEOF a-b) 1)')
  assert.is(expression('DEFINED(a-b)'), 'S1007')
  assert.is(expression('"a-b"'), '"a-b"')
})

test('functions', () => {
  assert.is(expression('ALIGN(4)'), '(ALIGN 4)')
  assert.is(expression('ALIGN(.,4)'), '(ALIGN . 4)')
  assert.is(expression('MAX(ADDR(.a), ORIGIN(r))'), '(MAX (ADDR .a) (ORIGIN r))')
  assert.is(expression('SEGMENT_START("t", 4)'), '(segment-start segment="t" fallback=4)')
  assert.is(expression('SIZEOF_HEADERS'), '(sizeof-headers)')
  assert.is(expression('ASSERT(1,"x")'), '(assert-expression condition=1 message="x")')
  for (const text of [
    'MAX(1)',
    'BLOCK(1,2)',
    'ALIGN(1,2,3)',
    'ALIGN()',
    'foo(1)',
    'SIZEOF_HEADERS()',
    '(1',
    '1)',
    '1 2',
    '',
  ]) {
    assert.ok(parseExpression(text, 't').problems.length > 0, text)
  }
})

test('numbers as GNU ld 2.44 reads them', () => {
  const rows: Record<string, bigint> = {
    '010': 8n,
    '019': 1n,
    '08': 0n,
    '0x10k': 0x4000n,
    '1M': 0x100000n,
    $ff: 255n,
    $10K: 0x4000n,
    '0ffh': 255n,
    ffh: 255n,
    '10x': 16n,
    '101b': 5n,
    '17o': 15n,
    '99d': 99n,
    '0x1d': 0x1dn,
    '0x10b': 0x10bn,
    '0777K': 523264n,
    '0x': 0n,
    '0b': 0n,
    '0xffffffffffffffffff': 0xffffffffffffffffn,
    '99999999999999999999999': 0xffffffffffffffffn,
    '0xffffffffffffffffM': 0xfffffffffff00000n,
  }
  for (const [text, value] of Object.entries(rows)) {
    const { tree, problems } = parseExpression(text, 't')
    assert.equal(problems, [], text)
    assert.is((tree as NumberExpression).value, value, text)
  }
  for (const text of ['0b11', '12ab', '102b', '99o', '1fd', '0xfh', '5e', '1 M']) {
    assert.ok(parseExpression(text, 't').problems.length > 0, text)
  }
  for (const text of ['add', 'ab', 'feed']) assert.is(expression(text), text)
})

test('the digits of a hexadecimal literal are kept for fills', () => {
  assert.is((parseExpression('0x0090', 't').tree as NumberExpression).hexDigits, '0090')
  assert.is((parseExpression('0x90K', 't').tree as NumberExpression).hexDigits, undefined)
})

test('new numbers in the extended language', () => {
  const rows: Record<string, bigint> = {
    '2G': 2n << 30n,
    '1T': 1n << 40n,
    '64KiB': 65536n,
    '1_000': 1000n,
    '0b101': 5n,
    '0x2000_0000': 0x20000000n,
    '4K': 4096n,
  }
  for (const [text, value] of Object.entries(rows)) {
    assert.is((parseExpression(text, 't', true).tree as NumberExpression).value, value, text)
  }
})

test('--defsym', () => {
  assert.is(parseDefinition('a=b+1', 'o').tree?.target.text, 'a')
  assert.equal(parseDefinition('a=b+1', 'o').problems, [])
  for (const text of ['a', 'a=', '=1', 'a=1;', 'a=1 2']) assert.ok(parseDefinition(text, 'o').problems.length > 0, text)
})

test.run()
