/** Numbers inside instructions of 64-bit PowerPC (ABI supplements ELFv1 and ELFv2, "Relocation Types"). */
import type { InstructionFields } from '../../target.ts'

/** Codecs of RelocationKind.field. The fields of 16 bits are halfwords: their place is the halfword's. */
export const Codec = {
  /** bits 0 .. 15, 16 .. 31, the latter with a carry for a signed lower half */
  Lower: 1,
  Upper: 2,
  UpperAdjusted: 3,
  /** ld, std: bits 0 .. 15, multiples of 4, beside two bits of the opcode */
  LowerDouble: 4,
  /** bl: 26 bits, multiples of 4 */
  Branch24: 5,
  /** bc: 16 bits, multiples of 4 */
  Branch14: 6,
} as const

export function fieldsFor(littleEndian: boolean): InstructionFields {
  const half = (view: DataView, at: number, value: number): boolean => {
    view.setUint16(at, value & 0xffff, littleEndian)
    return true
  }
  const put = (view: DataView, at: number, mask: number, bits: number): boolean => {
    view.setUint32(at, ((view.getUint32(at, littleEndian) & ~mask) | (bits & mask)) >>> 0, littleEndian)
    return true
  }
  const inRange = (value: number): boolean => value >= -0x8000_0000 && value <= 0x7fff_ffff
  return {
    read: () => 0,
    write(codec, view, at, value) {
      switch (codec) {
        case Codec.Lower:
          return half(view, at, value)
        case Codec.Upper:
          return inRange(value) && half(view, at, value >> 16)
        case Codec.UpperAdjusted:
          return inRange(value + 0x8000) && half(view, at, (value + 0x8000) >> 16)
        case Codec.LowerDouble:
          return value % 4 === 0 && half(view, at, (value & 0xfffc) | (view.getUint16(at, littleEndian) & 3))
        case Codec.Branch24:
          if (value % 4 !== 0 || value < -0x200_0000 || value > 0x1ff_ffff) return false
          return put(view, at, 0x03ff_fffc, value)
        default:
          return value % 4 === 0 && value >= -0x8000 && value <= 0x7fff && put(view, at, 0xfffc, value)
      }
    },
  }
}
