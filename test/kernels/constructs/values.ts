/** Expressions, each as a function `(columns, row)` with rows from 0 to 63. */
import { SectionState } from '../../../src/engine/records/tables.ts'
import type { F64, I32, U32 } from '../../../src/kernels/types.ts'
import { formulaCodes } from '../../../src/target/target.ts'
import type { Columns } from './columns.ts'

const factor = 5
const mask = (1 << 12) - factor
const names = { first: 3, second: { third: 0xffff_ffff } } as const

export function integers(c: Columns, row: I32): I32 {
  const { small, out } = c
  const a = small[row]!
  const b = small[row + 1]!
  out[0] = a + b
  out[1] = a - b
  out[2] = a * 8 + b * factor
  out[3] = b === 0 ? 0 : a % b
  out[4] = -a
  out[5] = ~b
  return a - 7 * b
}

export function unsignedIntegers(c: Columns, row: I32): U32 {
  const a = c.smallWords[row]!
  const b = c.smallWords[row + 1]!
  c.outWords[0] = a + b
  c.outWords[1] = a > b ? a - b : b - a
  c.outWords[2] = a * b
  c.outWords[3] = b > 0 ? a % b : 0xffffffff
  c.outWords[4] = c.words[row]! % 1000
  c.outWords[5] = (c.words[row]! / 10) >>> 0
  c.out[6] = (c.ints[row]! / 10) | 0
  c.out[7] = (c.ints[row]! / 4) | 0
  return (c.words[row]! ^ mask) >>> 0
}

export function bitOperations(c: Columns, row: I32): I32 {
  const { ints, words, sizes, doubles, out } = c
  const i = ints[row]!
  const w = words[row]!
  out[0] = i & w
  out[1] = i | 0xff00ff00
  out[2] = w ^ i
  out[3] = i << (w & 63)
  out[4] = w >> 3
  out[5] = i >> w
  c.outWords[6] = i >>> 7
  c.outWords[7] = w >>> i
  out[8] = sizes[row]! | 0
  c.outWords[9] = sizes[row]! >>> 0
  out[10] = doubles[row]! | 0
  out[11] = Math.trunc(sizes[row]! / 4096) | 0
  out[12] = doubles[row]! & 0xffff
  return ~w
}

export function wrappingSums(c: Columns, row: I32): I32 {
  const { ints, words, out } = c
  out[0] = (ints[row]! + ints[row + 1]!) | 0
  out[1] = (ints[row]! + words[row + 1]! - ints[row + 2]!) | 0
  c.outWords[2] = (words[row]! - words[row + 1]! + 12345) >>> 0
  out[3] = (ints[row]! + 0x7fffffff) & 0xfffffff
  out[4] = Math.imul(ints[row]!, words[row]!)
  out[5] = Math.imul(words[row]!, 0x9e3779b1)
  return (words[row]! + 1) | 0
}

export function doubles(c: Columns, row: I32): F64 {
  const { doubles, sizes, ints, words, outDoubles } = c
  const a = doubles[row]!
  const b = doubles[row + 1]!
  outDoubles[0] = a + b
  outDoubles[1] = a * b - 0.5
  outDoubles[2] = a / b
  outDoubles[3] = Math.floor(a)
  outDoubles[4] = Math.ceil(b) + Math.trunc(a)
  outDoubles[5] = a + ints[row]!
  outDoubles[6] = words[row]! * a
  outDoubles[7] = ints[row]! / 3
  outDoubles[8] = words[row]!
  outDoubles[9] = ints[row]!
  outDoubles[10] = (ints[row]! as F64) * words[row + 1]! * 4
  outDoubles[11] = sizes[row]! % 4096
  outDoubles[12] = sizes[row]! % (sizes[row + 1]! + 1)
  outDoubles[13] = Math.floor(sizes[row]! / 4294967296)
  outDoubles[14] = Math.abs(a) + Math.sqrt(sizes[row]!)
  outDoubles[15] = (words[row]! as F64) + words[row + 1]!
  return -a
}

export function extremes(c: Columns, row: I32): F64 {
  const { ints, words, doubles, out, outWords } = c
  out[0] = Math.min(ints[row]!, ints[row + 1]!)
  out[1] = Math.max(ints[row]!, 0, ints[row + 1]!)
  outWords[2] = Math.min(words[row]!, words[row + 1]!)
  outWords[3] = Math.max(words[row]!, 4096)
  out[4] = Math.clz32(ints[row]!)
  out[5] = Math.clz32(words[row]! >>> 20)
  return Math.max(Math.min(doubles[row]!, doubles[row + 1]!), ints[row]!)
}

export function comparisons(c: Columns, row: I32): boolean {
  const { ints, words, doubles, out } = c
  const i = ints[row]!
  const j = ints[row + 1]!
  const w = words[row]!
  const v = words[row + 1]!
  const d = doubles[row]!
  let bits = 0
  if (i < j) bits |= 1
  if (i <= j) bits |= 2
  if (w > v) bits |= 4
  if (w >= v) bits |= 8
  if (d < i) bits |= 16
  if (!(d >= w)) bits |= 32
  if (i === j || w === v) bits |= 64
  if (i !== row && d !== 0) bits |= 128
  if (i < 0 === j < 0) bits |= 256
  if (w < 0x80000000) bits |= 512
  if (i & 1) bits |= 1024
  if (!(w & 2) && (i & 4 || w & 8)) bits |= 2048
  out[0] = bits
  const both = i < j && w < v
  const either = i < j || (w < v && d > 0)
  out[1] = both ? 1 : 0
  out[2] = either ? row : -row
  out[3] = (both ? 1 : 2) + (either ? 4 : 0)
  c.outWords[4] = either ? w : v
  c.outDoubles[0] = both ? d : i
  return both !== either
}

export function elements(c: Columns, row: I32): I32 {
  const { bytes, halves, ints, words, out, outBytes, outHalves, outWords, outDoubles } = c
  outBytes[row] = bytes[row]! + bytes[row + 1]!
  outHalves[row + 1] = halves[row]! * 3
  outBytes[row + 64] = ints[row]!
  outHalves[0] = words[row]!
  outWords[row] = -1
  out[row] = 0xfedc_ba98
  outWords[row + 1]! += 77
  outBytes[row]! ^= 0xff
  outHalves[row]! |= words[row]!
  out[row]! <<= 1
  outDoubles[row]! += 0.25
  out[c.sizes[row]! % 60] = row
  outDoubles[words[row]! % 60] = words[row]!
  let at = 3
  out[at++] = row
  out[at++] = at
  const before = out[++at]!++
  const after = --out[at]!
  return before * 2 + after + (outBytes[7] = row)
}

export function views(c: Columns, row: I32): I32 {
  const { view, outView } = c
  const at = row * 3
  outView.setUint8(at, view.getUint8(at + 1))
  outView.setInt8(at + 1, view.getInt8(at))
  outView.setUint16(at + 2, view.getUint16(at + 1, true), true)
  outView.setInt16(at + 5, view.getInt16(at + 1, true), true)
  outView.setUint32(at + 7, view.getUint32(at + 3, true), true)
  outView.setInt32(at + 11, view.getInt32(at + 2, true), true)
  outView.setFloat64(c.sizes[row]! % 100, view.getUint32(at, true) + view.getUint32(at + 4, true) * 4294967296, true)
  outView.setUint32(300, view.getInt8(at), true)
  return view.getInt16(at, true) + view.getUint16((at as F64) + 2, true)
}

export function tables(c: Columns, row: I32): F64 {
  const { tables, views } = c
  const first = tables[row & 1]!
  let view = views[0]!
  if (row > 8) view = views[1]!
  return first[row]! + (tables[1]![2]! as F64) + view.getUint32(row, true)
}

export function constants(c: Columns, row: I32): F64 {
  const local = 1 << 4
  const flags = local | 3
  const unsigned: U32 = 0xf000_0000
  c.out[0] = row + names.first + flags
  c.outWords[1] = names.second.third
  c.outWords[2] = c.words[row]! > unsigned ? unsigned : mask
  c.out[3] = row === SectionState.Table ? formulaCodes['S+A'] : formulaCodes['GOT+G+A']
  c.outDoubles[0] = 2 ** 40 + row
  c.outDoubles[1] = row < 1e10 ? 1.5 : Number.MAX_SAFE_INTEGER
  const bit: U32 = row > 3 ? 1 : 0
  return c.smallWords[row]! + (row & 1 ? 1 : 0) + bit * 0.5
}

export function fields(c: Columns, row: I32): F64 {
  const record = c
  const { limit, flag: isSet } = record
  let total: F64 = 0
  for (let i: I32 = 0; i < c.count; i++) {
    if (isSet && c.smallWords[i]! > limit) total += c.address
    total += record.small[i]!
  }
  return c.flag ? total : total + row
}

export function castings(c: Columns, row: I32): U32 {
  let at = c.smallWords[row]! as I32
  at -= 5
  c.out[0] = at
  const kept = (row + 3) as U32
  let old = c.words[row]!
  old >>>= 4
  const same = (c.out[1] = old | 0)
  c.out[2] = same
  return kept
}
