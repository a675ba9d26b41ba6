/** Kernels as WebAssembly through the calls that the engine makes, beside the same functions in TypeScript. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { SharedMemory } from '../../src/host-node/shared-memory.ts'

test('arrays lie apart in zeroed memory, which grows', () => {
  const memory = new SharedMemory(1 << 16)
  const first = memory.float64(3)
  const second = memory.uint8(300_000)
  assert.is(first.byteOffset % 64, 0)
  assert.ok(second.byteOffset >= first.byteOffset + first.byteLength)
  second.fill(7)
  assert.equal([...first], [0, 0, 0])
  assert.ok(memory.holds(first), 'an array from before the memory grew')
  assert.ok(memory.holds(second))
  assert.not(memory.holds(new Uint8Array(8)))
})

test('what does not fit into the memory lies elsewhere', () => {
  const memory = new SharedMemory(1 << 16)
  const large = memory.uint8(2 ** 32)
  assert.is(large.length, 2 ** 32)
  assert.not(memory.holds(large))
  assert.ok(memory.holds(memory.uint8(8)))
})

test.run()
