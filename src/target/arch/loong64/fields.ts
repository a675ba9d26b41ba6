/** Numbers inside LoongArch instructions (LoongArch Reference Manual, volume 1): little-endian words. */
import type { InstructionFields } from '../../target.ts'

/** Codecs of RelocationKind.field. */
export const Codec = {
  /** beq: 16 bits, words */
  Branch16: 1,
  /** beqz: 21 bits, words, in two parts */
  Branch21: 2,
  /** b, bl: 26 bits, words, in two parts */
  Branch26: 3,
  /** pcalau12i: pages of 4096 bytes between the place and the address, which the signed lower 12 bits complete */
  Page20: 4,
  /** lu12i.w: bits 12 .. 31 */
  Upper20: 5,
  /** addi, ld, st, ori: bits 0 .. 11 */
  Lower12: 6,
  /** pcaddu18i and jirl: 38 bits, words */
  Call36: 7,
} as const

const immediate12 = 0x003f_fc00
const immediate16 = 0x03ff_fc00
const immediate20 = 0x01ff_ffe0
const immediate21 = 0x03ff_fc1f
const immediate26 = 0x03ff_ffff

function put(view: DataView, at: number, mask: number, bits: number): boolean {
  view.setUint32(at, ((view.getUint32(at, true) & ~mask) | (bits & mask)) >>> 0, true)
  return true
}

/** A distance in words that has `bits` bits with its sign. */
function fits(value: number, bits: number): boolean {
  return value % 4 === 0 && value >= -(2 ** (bits + 1)) && value < 2 ** (bits + 1)
}

export const fields: InstructionFields = {
  read: () => 0,
  write(codec, view, at, value, place) {
    const words = Math.floor(value / 4)
    switch (codec) {
      case Codec.Branch16:
        return fits(value, 16) && put(view, at, immediate16, (words & 0xffff) << 10)
      case Codec.Branch21:
        return fits(value, 21) && put(view, at, immediate21, ((words & 0xffff) << 10) | ((words >> 16) & 0x1f))
      case Codec.Branch26:
        return fits(value, 26) && put(view, at, immediate26, ((words & 0xffff) << 10) | ((words >> 16) & 0x3ff))
      case Codec.Page20: {
        const pages = Math.floor((value + place + 0x800) / 0x1000) - Math.floor(place / 0x1000)
        return pages >= -0x8_0000 && pages < 0x8_0000 && put(view, at, immediate20, (pages & 0xf_ffff) << 5)
      }
      case Codec.Upper20:
        return (
          value >= -0x8000_0000 && value <= 0x7fff_ffff && put(view, at, immediate20, ((value >> 12) & 0xf_ffff) << 5)
        )
      case Codec.Lower12:
        return put(view, at, immediate12, (Number(BigInt(value) & 0xfffn) & 0xfff) << 10)
      default: {
        // The lower part is signed: the upper one makes up for it.
        if (!fits(value, 36)) return false
        const upper = Math.floor((value + 0x2_0000) / 0x4_0000)
        put(view, at, immediate20, (upper & 0xf_ffff) << 5)
        return put(view, at + 4, immediate16, (words & 0xffff) << 10)
      }
    }
  },
}
