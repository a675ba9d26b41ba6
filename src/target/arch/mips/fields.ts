/** Numbers inside MIPS instructions (System V ABI, MIPS supplement, "Relocation"): words of the object's byte order. */
import type { InstructionFields } from '../../target.ts'

/** Codecs of RelocationKind.field. */
export const Codec = {
  /** j, jal: 26 bits, words, in the 256 MiB of the following instruction */
  Jump26: 1,
  /** lui: bits 16 .. 31 of an address whose lower half is added with its sign */
  Upper16: 2,
  /** addiu, lw, sw: bits 0 .. 15 */
  Lower16: 3,
  /** beq: distance in words from the place, 16 bits */
  Branch16: 4,
} as const

export function fieldsFor(littleEndian: boolean): InstructionFields {
  const word = (view: DataView, at: number): number => view.getUint32(at, littleEndian)
  const put = (view: DataView, at: number, mask: number, bits: number): boolean => {
    view.setUint32(at, ((word(view, at) & ~mask) | (bits & mask)) >>> 0, littleEndian)
    return true
  }
  return {
    read(codec, view, at) {
      const bits = word(view, at)
      switch (codec) {
        case Codec.Jump26:
          return (bits & 0x03ff_ffff) * 4
        case Codec.Upper16:
          return (bits << 16) | 0
        case Codec.Lower16:
          return (bits << 16) >> 16
        default:
          return ((bits << 16) >> 16) * 4
      }
    },
    write(codec, view, at, value, place) {
      switch (codec) {
        case Codec.Jump26: {
          const region = place + 4 - ((place + 4) % 0x1000_0000)
          if (value % 4 !== 0 || value < region || value >= region + 0x1000_0000) return false
          return put(view, at, 0x03ff_ffff, (value / 4) & 0x03ff_ffff)
        }
        case Codec.Upper16:
          if (value < -0x8000_0000 || value > 0xffff_ffff) return false
          return put(view, at, 0xffff, Math.floor((value + 0x8000) / 0x1_0000) & 0xffff)
        case Codec.Lower16:
          return put(view, at, 0xffff, value & 0xffff)
        default:
          if (value % 4 !== 0 || value < -0x2_0000 || value > 0x1_ffff) return false
          return put(view, at, 0xffff, (value / 4) & 0xffff)
      }
    },
  }
}
