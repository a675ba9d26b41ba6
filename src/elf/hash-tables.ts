/**
 * The two symbol hash tables of dynamic objects: DT_HASH (gABI, chapter 5) and DT_GNU_HASH.
 * Names are Latin-1 strings: dynamic symbol tables are small beside .symtab.
 */

/** Hash of DT_HASH and of version names. */
export function sysvHash(name: string): number {
  let hash = 0
  for (let i = 0; i < name.length; i++) {
    hash = ((hash << 4) + name.charCodeAt(i)) >>> 0
    const high = hash & 0xf0000000
    hash = (hash ^ (high >>> 24)) & ~high
  }
  return hash >>> 0
}

/** Hash of DT_GNU_HASH. */
export function gnuHash(name: string): number {
  let hash = 5381
  for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, 33) + name.charCodeAt(i)) >>> 0
  return hash
}

/** Number of buckets for `count` symbols: a prime near the count, so that chains stay short. */
export function bucketCount(count: number): number {
  const primes = [1, 3, 17, 37, 67, 97, 131, 197, 263, 521, 1031, 2053, 4099, 8209, 16411, 32771, 65537, 131101, 262147]
  let best = 1
  for (const prime of primes) if (prime <= Math.max(count, 1)) best = prime
  return best
}

/**
 * DT_HASH over a whole dynamic symbol table.
 * @param names by dynamic symbol index, with '' at 0
 * @param order dynamic symbol indices: a chain starts with the last of them; by default the indices as they come
 */
export function encodeSysvHash(
  names: readonly string[],
  buckets: number,
  littleEndian: boolean,
  order: Iterable<number> = names.keys(),
): Uint8Array {
  const out = new Uint8Array(4 * (2 + buckets + names.length))
  const view = new DataView(out.buffer)
  view.setUint32(0, buckets, littleEndian)
  view.setUint32(4, names.length, littleEndian)
  const heads = 8
  const chains = 8 + 4 * buckets
  for (const index of order) {
    if (index === 0) continue
    const at = heads + 4 * (sysvHash(names[index]!) % buckets)
    view.setUint32(chains + 4 * index, view.getUint32(at, littleEndian), littleEndian)
    view.setUint32(at, index, littleEndian)
  }
  return out
}

/** Shape of a DT_GNU_HASH table; fixed before symbols are ordered, since they are ordered by bucket. */
export interface GnuHashShape {
  readonly buckets: number
  /** words of the Bloom filter, a power of two */
  readonly bloomWords: number
  readonly bloomShift: number
}

/** As GNU ld chooses it, so that what stands behind the table has the same address: 4 to 16 bits of filter per symbol. */
export function gnuHashShape(hashed: number, bits: 32 | 64): GnuHashShape {
  if (hashed === 0) return { buckets: 1, bloomWords: 1, bloomShift: 0 }
  const wordShift = bits === 64 ? 6 : 5
  const digits = 32 - Math.clz32(hashed)
  const isUpperHalf = digits >= 2 && (hashed & (1 << (digits - 2))) !== 0
  const filterShift = digits < 3 ? wordShift : Math.max(wordShift, digits + (isUpperHalf ? 3 : 2))
  return {
    buckets: Math.max(2, bucketCount(hashed)),
    bloomWords: 2 ** (filterShift - wordShift),
    bloomShift: filterShift,
  }
}

/** Bytes of the table for `hashed` symbols. */
export function gnuHashSize(shape: GnuHashShape, hashed: number, bits: 32 | 64): number {
  return 16 + (shape.bloomWords * bits) / 8 + 4 * shape.buckets + 4 * hashed
}

/**
 * DT_GNU_HASH.
 * @param names names of the hashed symbols in .dynsym order, already sorted by `gnuHash(name) % shape.buckets`
 * @param first dynamic symbol index of the first of them
 */
export function encodeGnuHash(
  names: readonly string[],
  first: number,
  shape: GnuHashShape,
  bits: 32 | 64,
  littleEndian: boolean,
): Uint8Array {
  const out = new Uint8Array(gnuHashSize(shape, names.length, bits))
  const view = new DataView(out.buffer)
  view.setUint32(0, shape.buckets, littleEndian)
  view.setUint32(4, first, littleEndian)
  view.setUint32(8, shape.bloomWords, littleEndian)
  view.setUint32(12, shape.bloomShift, littleEndian)
  const wordBytes = bits / 8
  const heads = 16 + shape.bloomWords * wordBytes
  const chain = heads + 4 * shape.buckets
  names.forEach((name, i) => {
    const hash = gnuHash(name)
    const word = Math.floor(hash / bits) % shape.bloomWords
    for (const bit of [hash % bits, (hash >>> shape.bloomShift) % bits]) {
      const byte = littleEndian ? bit >> 3 : wordBytes - 1 - (bit >> 3)
      out[16 + word * wordBytes + byte]! |= 1 << (bit & 7)
    }
    const bucket = hash % shape.buckets
    if (view.getUint32(heads + 4 * bucket, littleEndian) === 0)
      view.setUint32(heads + 4 * bucket, first + i, littleEndian)
    const isLast = i + 1 === names.length || gnuHash(names[i + 1]!) % shape.buckets !== bucket
    view.setUint32(chain + 4 * i, isLast ? (hash | 1) >>> 0 : (hash & ~1) >>> 0, littleEndian)
  })
  return out
}
