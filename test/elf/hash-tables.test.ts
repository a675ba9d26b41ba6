import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { encodeGnuHash, encodeSysvHash, gnuHash, gnuHashShape, sysvHash } from '../../src/elf/hash-tables.ts'

test('the hash functions give the values of the specifications', () => {
  assert.is(sysvHash('printf'), 0x077905a6)
  assert.is(sysvHash('GLIBC_2.2.5'), 0x09691a75)
  assert.is(gnuHash('printf'), 0x156b2bb8)
  assert.is(gnuHash(''), 5381)
})

test('every name is found through DT_HASH', () => {
  const names = ['', ...Array.from({ length: 50 }, (_, i) => `name${i}`)]
  const view = new DataView(encodeSysvHash(names, 17, true).buffer)
  for (let index = 1; index < names.length; index++) {
    let at = view.getUint32(8 + 4 * (sysvHash(names[index]!) % 17), true)
    while (at !== 0 && at !== index) at = view.getUint32(8 + 4 * 17 + 4 * at, true)
    assert.is(at, index)
  }
})

for (const bits of [32, 64] as const)
  test(`every name is found through DT_GNU_HASH, others mostly stop at the filter (${bits} bits)`, () => {
    const shape = gnuHashShape(60, bits)
    const names = Array.from({ length: 60 }, (_, i) => `symbol_${i}`).sort(
      (a, b) => (gnuHash(a) % shape.buckets) - (gnuHash(b) % shape.buckets),
    )
    const table = encodeGnuHash(names, 5, shape, bits, true)
    const find = (name: string): number => {
      const view = new DataView(table.buffer)
      const hash = gnuHash(name)
      const word = 16 + (Math.floor(hash / bits) % shape.bloomWords) * (bits / 8)
      for (const bit of [hash % bits, (hash >>> shape.bloomShift) % bits])
        if ((table[word + (bit >> 3)]! & (1 << (bit & 7))) === 0) return 0
      const heads = 16 + (shape.bloomWords * bits) / 8
      let index = view.getUint32(heads + 4 * (hash % shape.buckets), true)
      if (index === 0) return 0
      for (; ; index++) {
        const link = view.getUint32(heads + 4 * shape.buckets + 4 * (index - 5), true)
        if ((link | 1) >>> 0 === (hash | 1) >>> 0) return index
        if ((link & 1) === 1) return 0
      }
    }
    for (const [i, name] of names.entries()) assert.is(find(name), 5 + i)
    assert.is(find('absent'), 0)
  })

test.run()
