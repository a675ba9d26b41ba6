/**
 * Numbers in ARM and Thumb instructions (Arm Architecture Reference Manual), little-endian code. An offset counts from
 * the instruction plus 8 (ARM) or plus 4 (Thumb); the addends of the relocations hold that.
 *
 * A branch learns from bit 0 of its offset that it leads to Thumb code: BL and BLX change into each other.
 */
import type { InstructionFields } from '../../target.ts'

/** Codes of the fields; those behind `Call` and `ThumbCall` are chosen by branches.ts. */
export const Codec = {
  /** ARM B and conditional BL: leads to ARM code only */
  Jump24: 1,
  /** ARM BL or BLX */
  Call: 2,
  /** Thumb BL or BLX */
  ThumbCall: 3,
  /** the instruction stays, because what the target is is not known */
  ThumbSameModeCall: 4,
  /** B.W: leads to Thumb code only */
  ThumbJump24: 5,
  ThumbSameMode24: 6,
  /** B<c>.W */
  ThumbJump19: 7,
  ThumbSameMode19: 8,
  /** B, B<c>, CBZ of 16 bits */
  ThumbJump11: 9,
  ThumbJump8: 10,
  ThumbJump6: 11,
  MoveLow: 12,
  MoveHigh: 13,
  ThumbMoveLow: 14,
  ThumbMoveHigh: 15,
  /** 31 bits of a word; the highest bit stays */
  Prel31: 16,
  /** immediate of 12 bits without a sign */
  Absolute12: 17,
  ThumbAbsolute5: 18,
  /** LDR Rt, [PC, #imm8 * 4] */
  ThumbLoad8: 19,
  /** ADR.W: ADD or SUB with 12 bits */
  ThumbAddress12: 20,
  /** LDR.W Rt, [PC, #+-imm12] */
  ThumbLoad12: 21,
  ThumbByte0: 22,
  ThumbByte1: 23,
  ThumbByte2: 24,
  ThumbByte3: 25,
  AddGroup0NoCheck: 26,
  AddGroup0: 27,
  AddGroup1NoCheck: 28,
  AddGroup1: 29,
  AddGroup2: 30,
  LoadGroup0: 31,
  LoadGroup1: 32,
  LoadGroup2: 33,
  LoadHalfGroup0: 34,
  LoadHalfGroup1: 35,
  LoadHalfGroup2: 36,
  LoadCoprocessorGroup0: 37,
  LoadCoprocessorGroup1: 38,
  LoadCoprocessorGroup2: 39,
} as const

/** What is left of a number when the groups of eight bits in front of `group` are taken away. */
function residual(value: number, group: number): number {
  let rest = value >>> 0
  for (let i = 0; i < group && rest !== 0; i++) rest = (rest & ~(0xff << groupShift(rest))) >>> 0
  return rest
}

/** Where the highest eight bits of an immediate start: at an even bit. */
function groupShift(value: number): number {
  const highest = 31 - Math.clz32(value)
  const shift = highest - 7
  return shift <= 0 ? 0 : (shift + 1) & ~1
}

/** ADD or SUB Rd, PC, #immediate: eight bits rotated right by an even number. */
function writeAddGroup(view: DataView, at: number, value: number, group: number, isChecked: boolean): boolean {
  const instruction = view.getUint32(at, true)
  const rest = residual(Math.abs(value), group)
  const shift = rest === 0 ? 0 : groupShift(rest)
  const bits = (rest >>> shift) & 0xff
  if (isChecked && (rest & ~(0xff << shift)) >>> 0 !== 0) return false
  const rotation = shift === 0 ? 0 : (32 - shift) / 2
  const operation = value < 0 ? 1 << 22 : 1 << 23
  view.setUint32(at, ((instruction & 0xff1f_f000) | operation | (rotation << 8) | bits) >>> 0, true)
  return true
}

function readAddGroup(instruction: number): number {
  const rotation = ((instruction >>> 8) & 15) * 2
  const bits = instruction & 0xff
  const value = rotation === 0 ? bits : ((bits >>> rotation) | (bits << (32 - rotation))) >>> 0
  return (instruction & (1 << 22)) !== 0 ? -value : value
}

/** Offset of 12 bits, of 8 in two halves, or of 8 words, with a bit for the sign. */
function writeLoadGroup(view: DataView, at: number, value: number, group: number, kind: number): boolean {
  const instruction = view.getUint32(at, true)
  const rest = residual(Math.abs(value), group)
  const sign = value >= 0 ? 1 << 23 : 0
  let bits: number
  let mask: number
  if (kind === Codec.LoadGroup0) {
    if (rest > 0xfff) return false
    bits = rest
    mask = 0xff7f_f000
  } else if (kind === Codec.LoadHalfGroup0) {
    if (rest > 0xff) return false
    bits = ((rest & 0xf0) << 4) | (rest & 15)
    mask = 0xff7f_f0f0
  } else {
    if ((rest & 3) !== 0 || rest > 0x3fc) return false
    bits = rest >>> 2
    mask = 0xff7f_ff00
  }
  view.setUint32(at, ((instruction & mask) | sign | bits) >>> 0, true)
  return true
}

/** The offset of BL, BLX and B.W: S:I1:I2:imm10:imm11:0 with I = NOT(J XOR S). */
function readThumb24(view: DataView, at: number): number {
  const high = view.getUint16(at, true)
  const low = view.getUint16(at + 2, true)
  const s = (high >> 10) & 1
  const i1 = ~((low >> 13) ^ s) & 1
  const i2 = ~((low >> 11) ^ s) & 1
  return -s * 0x100_0000 + ((i1 << 23) | (i2 << 22) | ((high & 0x3ff) << 12) | ((low & 0x7ff) << 1))
}

/** False: out of reach (16 MiB each way). */
function writeThumb24(view: DataView, at: number, value: number, low: number): boolean {
  if (value < -0x100_0000 || value > 0xff_ffff) return false
  const high = view.getUint16(at, true)
  const s = value < 0 ? 1 : 0
  const j1 = (~(value >> 23) & 1) ^ s
  const j2 = (~(value >> 22) & 1) ^ s
  view.setUint16(at, (high & 0xf800) | (s << 10) | ((value >> 12) & 0x3ff), true)
  view.setUint16(at + 2, (low & 0xd000) | (j1 << 13) | (j2 << 11) | ((value >> 1) & 0x7ff), true)
  return true
}

/** i:imm4:imm3:imm8 of MOVW, MOVT and 12 bits of them in ADR. */
function readThumbImmediate(view: DataView, at: number): number {
  const high = view.getUint16(at, true)
  const low = view.getUint16(at + 2, true)
  return ((high & 15) << 12) | ((high & 0x400) << 1) | ((low & 0x7000) >> 4) | (low & 0xff)
}

function writeThumbImmediate(view: DataView, at: number, bits: number): void {
  const high = view.getUint16(at, true)
  const low = view.getUint16(at + 2, true)
  view.setUint16(at, (high & 0xfbf0) | ((bits >> 12) & 15) | ((bits >> 1) & 0x400), true)
  view.setUint16(at + 2, (low & 0x8f00) | ((bits << 4) & 0x7000) | (bits & 0xff), true)
}

const signed = (value: number, bits: number): number => (value << (32 - bits)) >> (32 - bits)

/** ARM BL and B; `opcode` are the bits 24 to 31. */
function writeArm24(view: DataView, at: number, value: number, opcode: number): boolean {
  if (value < -0x200_0000 || value > 0x1ff_ffff) return false
  view.setUint32(at, ((opcode << 24) | ((value >> 2) & 0xff_ffff)) >>> 0, true)
  return true
}

function writeThumb19(view: DataView, at: number, value: number): boolean {
  if (value < -0x10_0000 || value > 0xf_ffff) return false
  const high = view.getUint16(at, true)
  const low = view.getUint16(at + 2, true)
  const s = value < 0 ? 0x400 : 0
  view.setUint16(at, (high & 0xfbc0) | s | ((value >> 12) & 0x3f), true)
  const jumps = (((value >> 18) & 1) << 13) | (((value >> 19) & 1) << 11)
  view.setUint16(at + 2, (low & 0xd000) | jumps | ((value >> 1) & 0x7ff), true)
  return true
}

/** Short Thumb branches: `bits` of them, in halfwords. */
function writeThumbShort(view: DataView, at: number, value: number, bits: number): boolean {
  const reach = 2 ** bits
  if (value < -reach || value >= reach) return false
  const mask = reach - 1
  view.setUint16(at, (view.getUint16(at, true) & ~mask & 0xffff) | ((value >> 1) & mask), true)
  return true
}

/** Which numbers fit, for messages; by code. */
const limits: Readonly<Record<number, string>> = {
  [Codec.Jump24]: '-0x2000000 .. 0x1fffffc, and the target must be ARM code',
  [Codec.Call]: '-0x2000000 .. 0x1fffffe',
  [Codec.ThumbCall]: '-0x1000000 .. 0xfffffe',
  [Codec.ThumbSameModeCall]: '-0x1000000 .. 0xfffffe',
  [Codec.ThumbJump24]: '-0x1000000 .. 0xfffffe, and the target must be Thumb code',
  [Codec.ThumbSameMode24]: '-0x1000000 .. 0xfffffe',
  [Codec.ThumbJump19]: '-0x100000 .. 0xffffe, and the target must be Thumb code',
  [Codec.ThumbSameMode19]: '-0x100000 .. 0xffffe',
  [Codec.ThumbJump11]: '-0x800 .. 0x7fe',
  [Codec.ThumbJump8]: '-0x100 .. 0xfe',
  [Codec.ThumbJump6]: '0 .. 0x7e',
  [Codec.Prel31]: '-0x40000000 .. 0x3fffffff',
  [Codec.Absolute12]: '-0x800 .. 0xfff',
  [Codec.ThumbAbsolute5]: '0 .. 0x1f',
  [Codec.ThumbLoad8]: '0 .. 0x3fc',
  [Codec.ThumbAddress12]: '-0xfff .. 0xfff',
  [Codec.ThumbLoad12]: '-0xfff .. 0xfff',
}

export const fields: InstructionFields = {
  limit: codec => limits[codec] ?? 'what the instruction can hold',
  read(codec, view, at) {
    switch (codec) {
      case Codec.Jump24:
        return signed(view.getUint32(at, true), 24) * 4
      case Codec.Call: {
        const instruction = view.getUint32(at, true)
        const half = instruction >>> 28 === 15 ? (instruction >> 23) & 2 : 0
        return signed(instruction, 24) * 4 + half
      }
      case Codec.ThumbCall:
      case Codec.ThumbSameModeCall:
      case Codec.ThumbJump24:
      case Codec.ThumbSameMode24:
        return readThumb24(view, at)
      case Codec.ThumbJump19:
      case Codec.ThumbSameMode19: {
        const high = view.getUint16(at, true)
        const low = view.getUint16(at + 2, true)
        const top = (((high >> 10) & 1) << 20) | (((low >> 11) & 1) << 19) | (((low >> 13) & 1) << 18)
        return signed(top | ((high & 0x3f) << 12) | ((low & 0x7ff) << 1), 21)
      }
      case Codec.ThumbJump11:
        return signed(view.getUint16(at, true), 11) * 2
      case Codec.ThumbJump8:
        return signed(view.getUint16(at, true), 8) * 2
      case Codec.ThumbJump6: {
        // The instruction holds the offset without a sign; assemblers write -4 as 0x7e, all bits but the lowest.
        const instruction = view.getUint16(at, true)
        const bits = ((instruction & 0x200) >> 3) | ((instruction & 0xf8) >> 2)
        return signed(bits + 4, 7) - 4
      }
      case Codec.MoveLow:
      case Codec.MoveHigh: {
        const instruction = view.getUint32(at, true)
        return signed(((instruction >> 4) & 0xf000) | (instruction & 0xfff), 16)
      }
      case Codec.ThumbMoveLow:
      case Codec.ThumbMoveHigh:
        return signed(readThumbImmediate(view, at), 16)
      case Codec.Prel31:
        return signed(view.getUint32(at, true), 31)
      case Codec.Absolute12:
        return view.getUint32(at, true) & 0xfff
      case Codec.ThumbAbsolute5:
        return (view.getUint16(at, true) >> 6) & 31
      case Codec.ThumbLoad8:
        // Counts from the aligned program counter: 0xff means -4.
        return signed((view.getUint16(at, true) & 0xff) * 4 + 4, 10) - 4
      case Codec.ThumbAddress12: {
        const bits = readThumbImmediate(view, at) & 0xfff
        return (view.getUint16(at, true) & 0xa0) !== 0 ? -bits : bits
      }
      case Codec.ThumbLoad12: {
        const bits = view.getUint16(at + 2, true) & 0xfff
        return (view.getUint16(at, true) & 0x80) !== 0 ? bits : -bits
      }
      case Codec.ThumbByte0:
      case Codec.ThumbByte1:
      case Codec.ThumbByte2:
      case Codec.ThumbByte3:
        return view.getUint16(at, true) & 0xff
      case Codec.AddGroup0NoCheck:
      case Codec.AddGroup0:
      case Codec.AddGroup1NoCheck:
      case Codec.AddGroup1:
      case Codec.AddGroup2:
        return readAddGroup(view.getUint32(at, true))
      default: {
        const instruction = view.getUint32(at, true)
        let bits = instruction & 0xfff
        if (codec >= Codec.LoadCoprocessorGroup0) bits = (instruction & 0xff) * 4
        else if (codec >= Codec.LoadHalfGroup0) bits = ((instruction >> 4) & 0xf0) | (instruction & 15)
        return (instruction & (1 << 23)) !== 0 ? bits : -bits
      }
    }
  },

  write(codec, view, at, exact, place) {
    const value = exact | 0 // addresses wrap at 32 bits
    switch (codec) {
      case Codec.Jump24:
        if ((value & 1) !== 0) return false // B cannot change to Thumb
        return writeArm24(view, at, value, view.getUint8(at + 3))
      case Codec.Call: {
        const opcode = view.getUint8(at + 3)
        if ((value & 1) !== 0) return writeArm24(view, at, value, 0xfa | ((value >> 1) & 1))
        return writeArm24(view, at, value, (opcode & 0xfe) === 0xfa ? 0xeb : opcode)
      }
      case Codec.ThumbCall: {
        const low = view.getUint16(at + 2, true)
        if ((value & 1) !== 0) return writeThumb24(view, at, value, low | 0x1000)
        // BLX counts from the place rounded down to words.
        return writeThumb24(view, at, (value + 2) & ~3, low & 0xefff)
      }
      case Codec.ThumbJump24:
        if ((value & 1) === 0) return false
        return writeThumb24(view, at, value, view.getUint16(at + 2, true))
      case Codec.ThumbSameModeCall:
      case Codec.ThumbSameMode24:
        return writeThumb24(view, at, value, view.getUint16(at + 2, true))
      case Codec.ThumbJump19:
        return (value & 1) !== 0 && writeThumb19(view, at, value)
      case Codec.ThumbSameMode19:
        return writeThumb19(view, at, value)
      case Codec.ThumbJump11:
        return writeThumbShort(view, at, value, 11)
      case Codec.ThumbJump8:
        return writeThumbShort(view, at, value, 8)
      case Codec.ThumbJump6: {
        if (value < 0 || value > 0x7f) return false
        const instruction = view.getUint16(at, true)
        view.setUint16(at, (instruction & 0xfd07) | ((value & 0x40) << 3) | ((value & 0x3e) << 2), true)
        return true
      }
      case Codec.MoveLow:
      case Codec.MoveHigh: {
        const bits = codec === Codec.MoveHigh ? value >>> 16 : value & 0xffff
        const instruction = view.getUint32(at, true)
        view.setUint32(at, ((instruction & 0xfff0_f000) | ((bits & 0xf000) << 4) | (bits & 0xfff)) >>> 0, true)
        return true
      }
      case Codec.ThumbMoveLow:
        writeThumbImmediate(view, at, value & 0xffff)
        return true
      case Codec.ThumbMoveHigh:
        writeThumbImmediate(view, at, value >>> 16)
        return true
      case Codec.Prel31:
        if (value < -0x4000_0000 || value > 0x3fff_ffff) return false
        view.setUint32(at, ((view.getUint32(at, true) & 0x8000_0000) | (value & 0x7fff_ffff)) >>> 0, true)
        return true
      case Codec.Absolute12:
        if (value < -0x800 || value > 0xfff) return false
        view.setUint32(at, ((view.getUint32(at, true) & 0xffff_f000) | (value & 0xfff)) >>> 0, true)
        return true
      case Codec.ThumbAbsolute5:
        if (value < 0 || value > 31) return false
        view.setUint16(at, (view.getUint16(at, true) & 0xf83f) | (value << 6), true)
        return true
      case Codec.ThumbLoad8: {
        const aligned = value + (place & 2)
        if (aligned < 0 || aligned > 0x3fc) return false
        view.setUint16(at, (view.getUint16(at, true) & 0xff00) | (aligned >> 2), true)
        return true
      }
      case Codec.ThumbAddress12: {
        const aligned = value + (place & 2)
        if (aligned < -0xfff || aligned > 0xfff) return false
        view.setUint16(at, (view.getUint16(at, true) & 0xfb5f) | (aligned < 0 ? 0xa0 : 0), true)
        const bits = Math.abs(aligned)
        const high = view.getUint16(at, true)
        const low = view.getUint16(at + 2, true)
        view.setUint16(at, (high & 0xfbff) | ((bits >> 1) & 0x400), true)
        view.setUint16(at + 2, (low & 0x8f00) | ((bits << 4) & 0x7000) | (bits & 0xff), true)
        return true
      }
      case Codec.ThumbLoad12: {
        const aligned = value + (place & 2)
        if (aligned < -0xfff || aligned > 0xfff) return false
        view.setUint16(at, (view.getUint16(at, true) & 0xff7f) | (aligned < 0 ? 0 : 0x80), true)
        view.setUint16(at + 2, (view.getUint16(at + 2, true) & 0xf000) | Math.abs(aligned), true)
        return true
      }
      case Codec.ThumbByte0:
      case Codec.ThumbByte1:
      case Codec.ThumbByte2:
      case Codec.ThumbByte3: {
        const bits = (value >>> (8 * (codec - Codec.ThumbByte0))) & 0xff
        view.setUint16(at, (view.getUint16(at, true) & 0xff00) | bits, true)
        return true
      }
      case Codec.AddGroup0NoCheck:
        return writeAddGroup(view, at, value, 0, false)
      case Codec.AddGroup0:
        return writeAddGroup(view, at, value, 0, true)
      case Codec.AddGroup1NoCheck:
        return writeAddGroup(view, at, value, 1, false)
      case Codec.AddGroup1:
        return writeAddGroup(view, at, value, 1, true)
      case Codec.AddGroup2:
        return writeAddGroup(view, at, value, 2, true)
      default: {
        const first =
          codec >= Codec.LoadCoprocessorGroup0
            ? Codec.LoadCoprocessorGroup0
            : codec >= Codec.LoadHalfGroup0
              ? Codec.LoadHalfGroup0
              : Codec.LoadGroup0
        return writeLoadGroup(view, at, value, codec - first, first)
      }
    }
  },
}
