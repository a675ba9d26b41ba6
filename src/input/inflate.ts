/**
 * Decompression of zlib streams (RFC 1950, RFC 1951), for compressed debug sections. Synchronous and without the host's
 * libraries, so that it works wherever the linker does.
 */

/** Base values and extra bits of length codes 257-285 and distance codes 0-29 (RFC 1951, 3.2.5). */
const lengthBase = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
]
const lengthExtra = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0]
const distanceBase = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
  8193, 12289, 16385, 24577,
]
const distanceExtra = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13]
/** Order in which a block gives the lengths of its code-length codes. */
const lengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

/** Deflate makes at most 258 bytes of 2 bits. */
const largestRatio = 1032

/**
 * @param source a zlib stream
 * @param size bytes that it must give
 * @returns the bytes, or a sentence that says what is wrong
 */
export function inflate(source: Uint8Array, size: number): Uint8Array | string {
  if (source.length < 6) return 'the zlib stream has less than 6 bytes'
  const head = source[0]! * 256 + source[1]!
  if ((source[0]! & 15) !== 8 || head % 31 !== 0 || (source[1]! & 32) !== 0) return 'it does not begin as a zlib stream'
  if (size > source.length * largestRatio || size > 2 ** 32) return `${source.length} bytes cannot give ${size}`
  const output = new Uint8Array(size)
  const stream = new Inflater(source, output)
  const problem = stream.run()
  if (problem !== undefined) return problem
  if (stream.written !== size) return `it gives ${stream.written} bytes, expected ${size}`
  return output
}

class Inflater {
  private readonly source: Uint8Array
  private readonly output: Uint8Array
  /** next byte of source; bits taken from it and not used yet, lowest first */
  private at = 2
  private bits = 0
  private bitCount = 0
  written = 0
  private readonly literals = new DecodingTable()
  private readonly distances = new DecodingTable()

  constructor(source: Uint8Array, output: Uint8Array) {
    this.source = source
    this.output = output
  }

  run(): string | undefined {
    for (;;) {
      const isLast = this.take(1)
      const kind = this.take(2)
      let problem: string | undefined
      if (kind === 0) problem = this.stored()
      else if (kind === 3) problem = 'a block has the unknown type 3'
      else {
        problem = kind === 1 ? this.fixedCodes() : this.dynamicCodes()
        problem ??= this.compressed()
      }
      if (problem !== undefined) return problem
      if (isLast === 1) return undefined
    }
  }

  /** Behind the end of the stream come zeros; `overrun` tells. */
  private take(count: number): number {
    this.fill(count)
    const value = this.bits & ((1 << count) - 1)
    this.bits >>>= count
    this.bitCount -= count
    return value
  }

  private fill(count: number): void {
    while (this.bitCount < count) {
      this.bits |= (this.source[this.at++] ?? 0) << this.bitCount
      this.bitCount += 8
    }
  }

  private get overrun(): boolean {
    return this.at - (this.bitCount >> 3) > this.source.length
  }

  private stored(): string | undefined {
    this.at -= this.bitCount >> 3
    this.bits = 0
    this.bitCount = 0
    const { source, at } = this
    const length = (source[at] ?? 0) | ((source[at + 1] ?? 0) << 8)
    const inverse = (source[at + 2] ?? 0) | ((source[at + 3] ?? 0) << 8)
    if ((length ^ inverse) !== 0xffff) return 'the length of a stored block is damaged'
    if (at + 4 + length > source.length) return 'the zlib stream is truncated'
    if (this.written + length > this.output.length) return `it gives more than ${this.output.length} bytes`
    this.output.set(source.subarray(at + 4, at + 4 + length), this.written)
    this.written += length
    this.at = at + 4 + length
    return undefined
  }

  private fixedCodes(): string | undefined {
    const lengths = new Uint8Array(288).fill(8)
    lengths.fill(9, 144, 256)
    lengths.fill(7, 256, 280)
    this.literals.build(lengths)
    this.distances.build(new Uint8Array(30).fill(5))
    return undefined
  }

  private dynamicCodes(): string | undefined {
    const literalCount = this.take(5) + 257
    const distanceCount = this.take(5) + 1
    const codeCount = this.take(4) + 4
    if (literalCount > 286 || distanceCount > 30) return 'a block has too many codes'
    const lengths = new Uint8Array(19)
    for (let i = 0; i < codeCount; i++) lengths[lengthOrder[i]!] = this.take(3)
    if (!this.literals.build(lengths)) return 'the code lengths of a block are damaged'
    const all = new Uint8Array(literalCount + distanceCount)
    for (let i = 0; i < all.length; ) {
      const code = this.decode(this.literals)
      if (code < 0 || this.overrun) return 'the code lengths of a block are damaged'
      if (code < 16) all[i++] = code
      else {
        if (code === 16 && i === 0) return 'the code lengths of a block are damaged'
        const value = code === 16 ? all[i - 1]! : 0
        const times = code === 16 ? 3 + this.take(2) : code === 17 ? 3 + this.take(3) : 11 + this.take(7)
        if (i + times > all.length) return 'the code lengths of a block are damaged'
        all.fill(value, i, i + times)
        i += times
      }
    }
    const sound = this.literals.build(all.subarray(0, literalCount)) && this.distances.build(all.subarray(literalCount))
    return sound ? undefined : 'the codes of a block are damaged'
  }

  private compressed(): string | undefined {
    const { output, literals, distances } = this
    for (;;) {
      const code = this.decode(literals)
      if (code < 0) return 'the zlib stream holds a code that does not exist'
      if (this.overrun) return 'the zlib stream is truncated'
      if (code === 256) return undefined
      if (code < 256) {
        if (this.written >= output.length) return `it gives more than ${output.length} bytes`
        output[this.written++] = code
        continue
      }
      if (code > 285) return 'the zlib stream holds a code that does not exist'
      const length = lengthBase[code - 257]! + this.take(lengthExtra[code - 257]!)
      const distanceCode = this.decode(distances)
      if (distanceCode < 0 || distanceCode > 29) return 'the zlib stream holds a code that does not exist'
      const distance = distanceBase[distanceCode]! + this.take(distanceExtra[distanceCode]!)
      if (distance > this.written) return 'the zlib stream refers to bytes in front of its beginning'
      if (this.written + length > output.length) return `it gives more than ${output.length} bytes`
      const end = this.written + length
      // Byte by byte: the copy may overlap what it makes
      for (let to = this.written; to < end; to++) output[to] = output[to - distance]!
      this.written = end
    }
  }

  /** The next symbol, or -1. */
  private decode(table: DecodingTable): number {
    this.fill(15)
    const entry = table.entries[this.bits & 0x7fff]!
    const length = entry & 15
    if (length === 0) return -1
    this.bits >>>= length
    this.bitCount -= length
    return entry >> 4
  }
}

/** A prefix code: the next 15 bits, lowest first, to `symbol * 16 + length`; 0 where no code begins so. */
class DecodingTable {
  readonly entries = new Uint16Array(1 << 15)

  /** False when the lengths promise more codes than there are. */
  build(lengths: Uint8Array): boolean {
    const { entries } = this
    entries.fill(0)
    const counts = new Uint16Array(16)
    for (const length of lengths) counts[length]!++
    counts[0] = 0
    const next = new Uint32Array(16)
    let code = 0
    for (let length = 1; length <= 15; length++) {
      code = (code + counts[length - 1]!) << 1
      next[length] = code
      if (code + counts[length]! > 1 << length) return false
    }
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      const length = lengths[symbol]!
      if (length === 0) continue
      let reversed = 0
      for (let value = next[length]!++, i = 0; i < length; i++, value >>= 1) reversed = (reversed << 1) | (value & 1)
      for (let at = reversed; at < entries.length; at += 1 << length) entries[at] = symbol * 16 + length
    }
    return true
  }
}
