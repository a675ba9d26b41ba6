/** Statements and calls, each as a function `(columns, row)` with rows from 0 to 63. */
import {
  atomicAdd,
  atomicCompareExchange,
  atomicLoad,
  atomicOr,
  atomicStore,
  copyBytes,
} from '../../../src/kernels/bytes.ts'
import type { F64, I32, U32 } from '../../../src/kernels/types.ts'
import type { Columns } from './columns.ts'
import { lengthOfRun } from './shared.ts'

export function loops(c: Columns, row: I32): I32 {
  const { small, out } = c
  let sum: I32 = 0
  for (let i = 0, j: I32 = row; i < j; i++, j -= 2) sum += small[i]! * j
  let at = row
  while (at > 0 && small[at]! > -30000) at--
  out[0] = at
  do {
    at += 3
    if (at === 9) continue
    sum ^= at
  } while (at < 20)
  for (;;) {
    if (at++ > row) break
    sum--
  }
  while (true) {
    if (sum < 1000) break
    sum = (sum / 2) | 0
  }
  return sum
}

export function labels(c: Columns, row: I32): I32 {
  let found = -1
  outer: for (let i = 0; i < 10; i++) {
    for (let j = 0; j < 10; j++) {
      if (j === 3) continue
      if (j > 6) continue outer
      if (i * j > row) {
        found = i * 16 + j
        break outer
      }
      c.out[j]! += i
    }
    c.out[20]!++
  }
  // biome-ignore lint/suspicious/noConfusingLabels: kernels may have them
  part: {
    if (row < 20) break part
    c.out[21] = row
  }
  return found
}

export function switches(c: Columns, row: I32): I32 {
  let result = 0
  for (let i = 0; i < 12; i++) {
    switch ((c.ints[row]! >>> i) & 15) {
      case 0:
      case 2:
        result += 1
        break
      case 3: {
        const twice = i * 2
        result += twice
        break
      }
      case 5:
        if (i > 4) break
        result += 100
        continue
      case 7:
        if (row === 11) return -1
        break
      case 12:
        continue
      default:
        result ^= i
    }
    result += 3
  }
  return result
}

export function sparseSwitch(c: Columns, row: I32): U32 {
  const word = c.words[row & 7]!
  let result: U32 = 1
  switch (row * 1000) {
    case 0:
      return 5
    case 3000:
      result = word
      break
    case 1000000:
      result = 3
      break
    case -1:
      result = 9
  }
  switch (word) {
    case 0xffff_ffff:
      result = 7
      break
    case 17:
      break
  }
  return result
}

export function earlyReturns(c: Columns, row: I32): I32 {
  c.out[0] = classOf(c.small[row]!)
  c.out[1] = classOf(row) + classOf(-5)
  mark(c, row)
  mark(c, 3)
  for (let i = 0; i < 4; i++) if (classOf(c.small[i]!) > 2) return i
  return classOf(classOf(row) + row)
}

function classOf(value: I32): I32 {
  if (value < 0) return 1
  for (let i = 2; i < 5; i++) if (value % i === 0) return i
  if (value > 1000) return 7
  return 0
}

function mark(c: Columns, row: I32): void {
  const { out } = c
  if (row > 30) return
  let at = row
  at += 2
  if (c.flag) {
    out[at] = row
    return
  }
  out[at + 1] = row
}

export function assignedParameters(c: Columns, row: I32): I32 {
  let i = row
  c.out[0] = halved(i, 3)
  c.out[1] = halved(i++, i)
  c.out[2] = i
  row += i
  return halved(row, i) - halved(100, 1)
}

function halved(value: I32, times: I32): I32 {
  while (times-- > 0) value >>= 1
  return value
}

export function recursion(c: Columns, row: I32): F64 {
  c.out[0] = ackermann(2, row & 3)
  return factorial(row & 15)
}

function factorial(number: F64): F64 {
  return number < 2 ? 1 : number * factorial(number - 1)
}

function ackermann(m: I32, n: I32): I32 {
  if (m === 0) return n + 1
  return n === 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1))
}

export function otherFiles(c: Columns, row: I32): I32 {
  return lengthOfRun(c.bytes, row) + lengthOfRun(pick(c, row), 0) + sign(c.doubles[row]!, true)
}

function pick(c: Columns, row: I32): Uint8Array {
  return row > 20 ? c.bytes : c.outBytes
}

function sign(value: F64, exact: boolean): I32 {
  if (exact) return value < 0 ? -1 : value > 0 ? 1 : 0
  return value < 0 ? -1 : 1
}

export function filling(c: Columns, row: I32): void {
  c.outBytes.fill(row, row, row + 9)
  c.outBytes.fill(c.bytes[row]!, c.smallWords[row]! % 100, 100)
  c.outHalves.fill(-1, 3, row)
  c.outWords.fill(0, row, 20)
  c.out.fill(-1, 0, row >> 1)
  c.outDoubles.fill(0, 1, 2)
}

export function copying(c: Columns, row: I32): void {
  copyBytes(c.outBytes, row, c.bytes, c.smallWords[row]! % 50, 40 - (row >> 1))
  copyBytes(c.outBytes, row + 3, c.outBytes, row, 30)
  copyBytes(c.outBytes, 1, c.outBytes, 2, c.sizes[row]! % 30)
  copyBytes(c.outView, row, c.view, 7, 33)
  copyBytes(c.outBytes, 0, c.views[1]!, 3, 0)
}

export function atomics(c: Columns, row: I32): I32 {
  const { out } = c
  atomicStore(out, row, 40)
  atomicStore(out, row + 1, c.ints[row]!)
  const before = atomicAdd(out, row, -row)
  atomicOr(out, row, 1 << 20)
  if (atomicCompareExchange(out, row + 2, 0, 99) !== 0) out[5] = 1
  return atomicLoad(out, row + 1) ^ before
}

export function shadowing(c: Columns, row: I32): I32 {
  const value = row * 2
  let sum = value
  {
    const value = c.small[row]!
    sum += value
    for (let row = 0; row < 3; row++) {
      const value = row * 5
      sum += value
    }
  }
  let later: I32
  if (sum > 5) later = sum
  else later = value
  return later + value
}

/** What holds a variable that has no value yet is not taken for others before. */
export function lateValues(c: Columns, row: I32): I32 {
  let last: I32
  let view: DataView
  let sum = 0
  let i = 0
  do {
    const twice = c.small[i]! * 2
    sum += twice & 15
    last = (sum & 3) + i
    view = c.views[last & 1]!
    sum += view.getUint8(i)
  } while (i++ < row && last < 40)
  return last + sum + otherArray(c.bytes, c.outBytes, row)
}

function otherArray(bytes: Uint8Array, other: Uint8Array, at: I32): I32 {
  if (at > 5) bytes = other
  return bytes[at]!
}

interface Weights {
  readonly small: Int32Array
  readonly count: I32
}

interface MoreWeights extends Weights {
  readonly out: Int32Array
}

/** Functions take any record that has the fields of theirs, wherever they lie in it. */
export function wideRecords(c: Columns, row: I32): I32 {
  return weightSum(c, row, 3) + putWeight(c, row)
}

function putWeight(weights: MoreWeights, at: I32): I32 {
  weights.out[at] = weightSum(weights, at, 2)
  return weights.count
}

function weightSum(weights: Weights, at: I32, depth: I32): I32 {
  if (depth === 0) return weights.count
  return weights.small[at]! + weightSum(weights, at + 1, depth - 1)
}

/** Destructures in a loop, through a function that is written out there. */
export function hoisting(c: Columns, row: I32): I32 {
  let sum: I32 = 0
  if (row > 5) for (let i = 0; i < 20; i++) sum += weight(c, i, row)
  sum += weight(c, row, 1)
  return sum
}

function weight(c: Columns, at: I32, by: I32): I32 {
  const { small, limit, flag } = c
  const value = small[at]!
  return flag && c.smallWords[at]! > limit ? value * 2 : value + by
}

/** A record goes to a function that is written out, beside an argument that needs a local of its own. */
export function besideMinimum(c: Columns, row: I32): I32 {
  let sum: I32 = 0
  for (let i = 0; i < 3; i++) sum += sumOf(c, row, Math.min(20, row - i))
  return sum
}

function sumOf(c: Columns, at: I32, count: I32): I32 {
  const { small } = c
  let sum: I32 = 0
  for (let i = 0; i < count; i++) sum += small[at + i]!
  return sum
}
