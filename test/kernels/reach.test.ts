import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { findReferring } from '../../src/kernels/reach.ts'

test('files that name a wanted symbol', () => {
  const globals = [Int32Array.of(), Int32Array.of(0, -1, 2), Int32Array.of(-1, 1), Int32Array.of(1, 0)]
  const globalCount = Int32Array.of(0, 3, 2, 1)
  const refers = new Uint8Array(4)
  const wanted = Uint8Array.of(0, 1, 0)
  for (let file = 0; file < 4; file++) findReferring({ globals, globalCount, refers, wanted }, file)
  assert.equal([...refers], [0, 0, 1, 1])
  refers.fill(0)
  for (let file = 0; file < 4; file++)
    findReferring({ globals, globalCount, refers, wanted: Uint8Array.of(0, 0, 0) }, file)
  assert.equal([...refers], [0, 0, 0, 0])
})

test.run()
