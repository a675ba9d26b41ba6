import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { alignUp, distance, fromColumn, isWide, log2Ceiling, toColumn } from '../../src/base/words.ts'

test('columns hold the high half exactly', () => {
  const kernel = 0xffffffff80000000n
  assert.is(toColumn(kernel), -2147483648)
  assert.is(fromColumn(toColumn(kernel)), kernel)
  assert.not(isWide(kernel))
  assert.ok(isWide(0x8000000000000000n))
})

test('alignment need not be a power of two', () => {
  assert.is(alignUp(7n, 5n), 10n)
  assert.is(alignUp(7n, 0n), 7n)
  assert.is(alignUp(0xffffffffffffffffn, 16n), 0n)
})

test('distance and logarithm', () => {
  assert.is(distance(0n, 0xffffffffffffffffn), 1)
  assert.is(log2Ceiling(0n), 0)
  assert.is(log2Ceiling(5n), 3)
  assert.is(log2Ceiling(8n), 3)
})

test.run()
