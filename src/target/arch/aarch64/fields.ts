/**
 * Numbers inside A64 instructions (Arm ARM, chapter C4; AAELF64, "Relocation"): where the bits stand, which numbers fit.
 * Instructions are little-endian words whatever the byte order of the data.
 */
import type { InstructionFields } from '../../target.ts'

/** Codecs of RelocationKind.field. Groups of MOVW come as G0 .. G3, those of loads by log2 of the bytes loaded. */
export const Codec = {
  /** movz, movk: 16 bits of an unsigned number; plain: the bits above must be 0 */
  MoveG0: 1,
  MoveG1: 2,
  MoveG2: 3,
  MoveG3: 4,
  MoveG0Part: 5,
  MoveG1Part: 6,
  MoveG2Part: 7,
  /** movz or movn, whichever the sign asks for */
  MoveSignedG0: 8,
  MoveSignedG1: 9,
  MoveSignedG2: 10,
  MoveSignedG3: 11,
  /** ldr (literal), b.cond, cbz: 19 bits, words */
  Word19: 12,
  /** adr: 21 bits */
  Address21: 13,
  /** adrp: 21 bits, pages of 4096 bytes */
  Page21: 14,
  Page21Part: 15,
  /** tbz: 14 bits, words */
  Word14: 16,
  /** b, bl: 26 bits, words */
  Word26: 17,
  /** add: bits 0 .. 11, bits 12 .. 23 */
  AddLow: 18,
  AddLowPart: 19,
  AddHigh: 20,
  /** ldr, str with an unsigned offset in units of what is loaded: bits 0 .. 11 */
  Load8: 21,
  Load16: 22,
  Load32: 23,
  Load64: 24,
  Load128: 25,
  Load8Part: 26,
  Load16Part: 27,
  Load32Part: 28,
  Load64Part: 29,
  Load128Part: 30,
  /** ldr of 64 bits at most 32 KiB behind the page of the GOT */
  Load64From32K: 31,
  /** two instructions: add of bits 12 .. 23, then add of bits 0 .. 11 */
  AddPair: 32,
  /** two instructions: movk of bits 16 .. 31, then movk of bits 0 .. 15 */
  MovePair: 33,
} as const

/** bits that a number may have, by codec: lowest and highest (exclusive) value; absent: any number */
const signedBits: Readonly<Record<number, number>> = {
  [Codec.MoveSignedG0]: 17,
  [Codec.MoveSignedG1]: 33,
  [Codec.MoveSignedG2]: 49,
  [Codec.Word19]: 21,
  [Codec.Address21]: 21,
  [Codec.Page21]: 33,
  [Codec.Word14]: 16,
  [Codec.Word26]: 28,
}
const unsignedBits: Readonly<Record<number, number>> = {
  [Codec.MoveG0]: 16,
  [Codec.MoveG1]: 32,
  [Codec.MoveG2]: 48,
  [Codec.AddLow]: 12,
  [Codec.AddHigh]: 24,
  [Codec.AddPair]: 24,
  [Codec.Load8]: 12,
  [Codec.Load16]: 12,
  [Codec.Load32]: 12,
  [Codec.Load64]: 12,
  [Codec.Load128]: 12,
  [Codec.Load64From32K]: 15,
}
const alignments: Readonly<Record<number, number>> = {
  [Codec.Word19]: 4,
  [Codec.Word14]: 4,
  [Codec.Word26]: 4,
  [Codec.Load16]: 2,
  [Codec.Load32]: 4,
  [Codec.Load64]: 8,
  [Codec.Load128]: 16,
  [Codec.Load16Part]: 2,
  [Codec.Load32Part]: 4,
  [Codec.Load64Part]: 8,
  [Codec.Load128Part]: 16,
  [Codec.Load64From32K]: 8,
}

const count = 34
const low = new Float64Array(count).fill(Number.NEGATIVE_INFINITY)
const high = new Float64Array(count).fill(Number.POSITIVE_INFINITY)
const align = new Uint8Array(count).fill(1)
for (const [codec, bits] of Object.entries(signedBits)) {
  low[Number(codec)] = -(2 ** (bits - 1))
  high[Number(codec)] = 2 ** (bits - 1)
}
for (const [codec, bits] of Object.entries(unsignedBits)) {
  low[Number(codec)] = 0
  high[Number(codec)] = 2 ** bits
}
for (const [codec, unit] of Object.entries(alignments)) align[Number(codec)] = unit

/** Writes `bits` (shifted into place) where `mask` has ones. */
function put(view: DataView, at: number, mask: number, bits: number): boolean {
  view.setUint32(at, ((view.getUint32(at, true) & ~mask) | (bits & mask)) >>> 0, true)
  return true
}

const immediate12 = 0x003f_fc00
const immediate16 = 0x001f_ffe0
const immediate19 = 0x00ff_ffe0
const immediateAdr = 0x60ff_ffe0
/** opc of the moves: 00 movn, 10 movz */
const moveOpcode = 0x6000_0000
const movz = 0x4000_0000

/** movz, or movn of the inverted number when it is negative. */
function putSignedMove(view: DataView, at: number, value: number, group: number): boolean {
  const isNegative = value < 0
  const bits = isNegative ? -1 - value : value
  const part = Math.floor(bits / 2 ** (16 * group)) & 0xffff
  return put(view, at, immediate16 | moveOpcode, (part << 5) | (isNegative ? 0 : movz))
}

function putMove(view: DataView, at: number, value: number, group: number): boolean {
  return put(view, at, immediate16, (Math.floor(value / 2 ** (16 * group)) & 0xffff) << 5)
}

function putAdr(view: DataView, at: number, number: number): boolean {
  return put(view, at, immediateAdr, ((number & 3) << 29) | (((number >> 2) & 0x7_ffff) << 5))
}

/** Bits 0 .. 11 of `value`, counted in units of 2^log bytes. */
function putLow(view: DataView, at: number, value: number, log: number): boolean {
  // The remainder of a double may be negative; the bits of its 32-bit form are what is wanted.
  return put(view, at, immediate12, ((value & 0xfff) >> log) << 10)
}

export const fields: InstructionFields = {
  read(codec, view, at) {
    const word = view.getUint32(at, true)
    switch (codec) {
      case Codec.Word19:
        return ((word << 8) >> 13) * 4
      case Codec.Word14:
        return ((word << 13) >> 18) * 4
      case Codec.Word26:
        return ((word << 6) >> 6) * 4
      case Codec.Address21:
      case Codec.Page21:
      case Codec.Page21Part: {
        const number = (((word << 8) >> 13) << 2) | ((word >>> 29) & 3)
        return codec === Codec.Address21 ? number : number * 4096
      }
      default:
        // Every move and add of a REL object would stand for a whole number: the ABI gives its field alone.
        return codec <= Codec.MoveSignedG3 ? (word & immediate16) >> 5 : (word & immediate12) >> 10
    }
  },
  write(codec, view, at, value) {
    if (!(value >= low[codec]! && value < high[codec]!)) return false
    if (align[codec]! > 1 && (value & (align[codec]! - 1)) !== 0) return false
    switch (codec) {
      case Codec.MoveG0:
      case Codec.MoveG0Part:
        return putMove(view, at, value, 0)
      case Codec.MoveG1:
      case Codec.MoveG1Part:
        return putMove(view, at, value, 1)
      case Codec.MoveG2:
      case Codec.MoveG2Part:
        return putMove(view, at, value, 2)
      case Codec.MoveG3:
        return putMove(view, at, value, 3)
      case Codec.MoveSignedG0:
      case Codec.MoveSignedG1:
      case Codec.MoveSignedG2:
      case Codec.MoveSignedG3:
        return putSignedMove(view, at, value, codec - Codec.MoveSignedG0)
      case Codec.Word19:
        return put(view, at, immediate19, (value >> 2) << 5)
      case Codec.Address21:
        return putAdr(view, at, value)
      case Codec.Page21:
      case Codec.Page21Part:
        return putAdr(view, at, Math.floor(value / 4096))
      case Codec.Word14:
        return put(view, at, 0x7_ffe0, (value >> 2) << 5)
      case Codec.Word26:
        return put(view, at, 0x03ff_ffff, value >> 2)
      case Codec.AddLow:
      case Codec.AddLowPart:
      case Codec.Load8:
      case Codec.Load8Part:
        return putLow(view, at, value, 0)
      case Codec.AddHigh:
        return put(view, at, immediate12, (value >> 12) << 10)
      case Codec.Load16:
      case Codec.Load16Part:
        return putLow(view, at, value, 1)
      case Codec.Load32:
      case Codec.Load32Part:
        return putLow(view, at, value, 2)
      case Codec.Load64:
      case Codec.Load64Part:
        return putLow(view, at, value, 3)
      case Codec.Load128:
      case Codec.Load128Part:
        return putLow(view, at, value, 4)
      case Codec.Load64From32K:
        return put(view, at, immediate12, (value >> 3) << 10)
      case Codec.AddPair:
        return put(view, at, immediate12, (value >> 12) << 10) && putLow(view, at + 4, value, 0)
      case Codec.MovePair:
        return putMove(view, at, value, 1) && putMove(view, at + 4, value, 0)
      default:
        return false
    }
  },
  limit(codec) {
    const unit = align[codec]! > 1 ? `multiples of ${align[codec]}` : ''
    if (low[codec] === Number.NEGATIVE_INFINITY) return unit
    const hex = (value: number): string => `${value < 0 ? '-' : ''}0x${Math.abs(value).toString(16)}`
    return `${hex(low[codec]!)} .. ${hex(high[codec]! - 1)}${unit === '' ? '' : `, ${unit}`}`
  },
}
