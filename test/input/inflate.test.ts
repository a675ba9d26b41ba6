/** zlib streams as Node's own zlib makes them, and damaged ones. */
import { constants, deflateSync } from 'node:zlib'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { inflate } from '../../src/input/inflate.ts'

/** Bytes with repetitions near and far, the same in every run. */
function sample(size: number): Uint8Array {
  let state = 12345
  return Uint8Array.from({ length: size }, (_, i) => {
    state = (state * 1103515245 + 12345) & 0x7fffffff
    return i % 700 < 500 ? (i >> 3) & 0xff : state >> 16
  })
}

test('every kind of block gives back what was compressed', () => {
  for (const size of [0, 1, 300, 70_000, 300_000])
    for (const options of [{ level: 0 }, { level: 9 }, { level: 1 }, { strategy: constants.Z_FIXED }]) {
      const bytes = sample(size)
      assert.equal(inflate(deflateSync(bytes, options), size), bytes)
    }
})

test('a damaged stream is described, whatever byte is wrong', () => {
  const bytes = sample(3000)
  const good = deflateSync(bytes)
  assert.is(inflate(good.subarray(0, 400), 3000), 'the zlib stream is truncated')
  assert.is(inflate(good, 2999), 'it gives more than 2999 bytes')
  assert.is(inflate(good, 3001), 'it gives 3000 bytes, expected 3001')
  assert.is(inflate(good, 1e12), `${good.length} bytes cannot give 1000000000000`)
  for (let at = 0; at < 400; at++) {
    const damaged = Uint8Array.from(good)
    damaged[at]! ^= 0x55
    const result = inflate(damaged, 3000)
    assert.ok(typeof result === 'string' || result.length === 3000)
  }
})

test.run()
