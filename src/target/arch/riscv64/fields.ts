/**
 * Numbers in RISC-V instructions (The RISC-V Instruction Set Manual, volume I, "Immediate Encoding Variants" and the
 * compressed formats), and the numbers that relocations add to or subtract from what stands at their place.
 */
import type { InstructionFields } from '../../target.ts'

/** How a number is put in; `codec` of a Field. */
export const Codec = {
  /** B format: multiples of 2 within 4 KiB */
  Branch: 1,
  /** J format: multiples of 2 within 1 MiB */
  Jump: 2,
  /** U format: the upper 20 bits, rounded so that the signed lower 12 bits complete them */
  Upper: 3,
  /** the same, counted from the program counter */
  UpperPcRelative: 4,
  /** the same with addresses of 32 bits, where every number can be reached */
  UpperWrapping: 5,
  /** lower 12 bits in the I format, and in the S format */
  LowerLoad: 6,
  LowerStore: 7,
  /** U format and I format, one after the other: auipc, jalr */
  Call: 8,
  CallWrapping: 9,
  /** compressed: CB, CJ, and c.lui */
  ShortBranch: 10,
  ShortJump: 11,
  ShortUpper: 12,
  /** all 12 bits in the I and in the S format */
  Load: 13,
  Store: 14,
  Add8: 20,
  Add16: 21,
  Add32: 22,
  Add64: 23,
  Subtract8: 24,
  Subtract16: 25,
  Subtract32: 26,
  Subtract64: 27,
  /** the low 6 bits of a byte: operand of DW_CFA_advance_loc */
  Subtract6: 28,
  Set6: 29,
  Set8: 30,
  Set16: 31,
  Set32: 32,
  /** as many bytes as the number that stands there has */
  SetLeb128: 33,
  SubtractLeb128: 34,
} as const

/** Bytes of a field by codec. */
export const codecBytes: readonly number[] = sizes()

function sizes(): number[] {
  const bytes: number[] = new Array<number>(40).fill(4)
  for (const short of [
    Codec.ShortBranch,
    Codec.ShortJump,
    Codec.ShortUpper,
    Codec.Add16,
    Codec.Subtract16,
    Codec.Set16,
  ])
    bytes[short] = 2
  for (const one of [Codec.Add8, Codec.Subtract8, Codec.Subtract6, Codec.Set6, Codec.Set8]) bytes[one] = 1
  bytes[Codec.SetLeb128] = 1
  bytes[Codec.SubtractLeb128] = 1
  for (const double of [Codec.Call, Codec.CallWrapping, Codec.Add64, Codec.Subtract64]) bytes[double] = 8
  return bytes
}

/** Bits 31 .. 12 of an instruction that, with the signed 12 bits that follow, make `value`. */
function upperBits(value: number): number {
  return ((value + 0x800) | 0) & 0xffff_f000
}

/** Do upper and lower half reach `value` where addresses have 64 bits? */
function reachesUpper(value: number): boolean {
  return value >= -0x8000_0800 && value < 0x7fff_f800
}

function setUpper(view: DataView, at: number, value: number): void {
  view.setInt32(at, (view.getInt32(at, true) & 0xfff) | upperBits(value), true)
}

function setLoad(view: DataView, at: number, value: number): void {
  view.setInt32(at, (view.getInt32(at, true) & 0x000f_ffff) | (value << 20), true)
}

function setStore(view: DataView, at: number, value: number): void {
  const bits = value | 0
  const placed = ((bits & 0xfe0) << 20) | ((bits & 0x1f) << 7)
  view.setInt32(at, (view.getInt32(at, true) & 0x01ff_f07f) | placed, true)
}

/** imm[12|10:5] in bits 31 .. 25, imm[4:1|11] in bits 11 .. 7 */
function setBranch(view: DataView, at: number, value: number): boolean {
  if (value < -0x1000 || value > 0xffe || (value & 1) !== 0) return false
  const placed = ((value & 0x1000) << 19) | ((value & 0x7e0) << 20) | ((value & 0x1e) << 7) | ((value & 0x800) >> 4)
  view.setInt32(at, (view.getInt32(at, true) & 0x01ff_f07f) | placed, true)
  return true
}

/** imm[20|10:1|11|19:12] in bits 31 .. 12 */
function setJump(view: DataView, at: number, value: number): boolean {
  if (value < -0x10_0000 || value > 0xf_fffe || (value & 1) !== 0) return false
  const placed = ((value & 0x10_0000) << 11) | ((value & 0x7fe) << 20) | ((value & 0x800) << 9) | (value & 0xf_f000)
  view.setInt32(at, (view.getInt32(at, true) & 0xfff) | placed, true)
  return true
}

/** offset[8|4:3] in bits 12 .. 10, offset[7:6|2:1|5] in bits 6 .. 2 */
function setShortBranch(view: DataView, at: number, value: number): boolean {
  if (value < -0x100 || value > 0xfe || (value & 1) !== 0) return false
  const placed =
    ((value & 0x100) << 4) | ((value & 0x18) << 7) | ((value & 0xc0) >> 1) | ((value & 6) << 2) | ((value & 0x20) >> 3)
  view.setUint16(at, (view.getUint16(at, true) & 0xe383) | placed, true)
  return true
}

/** offset[11|4|9:8|10|6|7|3:1|5] in bits 12 .. 2 */
function setShortJump(view: DataView, at: number, value: number): boolean {
  if (value < -0x800 || value > 0x7fe || (value & 1) !== 0) return false
  const placed =
    ((value & 0x800) << 1) |
    ((value & 0x10) << 7) |
    ((value & 0x300) << 1) |
    ((value & 0x400) >> 2) |
    ((value & 0x40) << 1) |
    ((value & 0x80) >> 1) |
    ((value & 0xe) << 2) |
    ((value & 0x20) >> 3)
  view.setUint16(at, (view.getUint16(at, true) & 0xe003) | placed, true)
  return true
}

/** nzimm[17] in bit 12, nzimm[16:12] in bits 6 .. 2; a zero makes it c.li rd, 0 */
function setShortUpper(view: DataView, at: number, value: number): boolean {
  const pages = Math.floor((value + 0x800) / 0x1000)
  const instruction = view.getUint16(at, true)
  if (pages === 0) {
    view.setUint16(at, (instruction & 0x0f83) | 0x4001, true)
    return true
  }
  if (pages < -32 || pages > 31) return false
  view.setUint16(at, (instruction & 0xef83) | ((pages & 0x20) << 7) | ((pages & 0x1f) << 2), true)
  return true
}

function add64(view: DataView, at: number, value: number): void {
  view.setBigInt64(at, BigInt.asIntN(64, view.getBigInt64(at, true) + BigInt(value)), true)
}

/** Bytes of the number that stands at `at`; 0: it does not end within 10 bytes. */
function leb128Bytes(view: DataView, at: number): number {
  for (let bytes = 1; bytes <= 10 && at + bytes <= view.byteLength; bytes++)
    if (view.getUint8(at + bytes - 1) < 0x80) return bytes
  return 0
}

/** Writes as many bytes as stand there; what does not fit falls off, since the other half of the difference follows. */
function setLeb128(view: DataView, at: number, value: number, isDifference: boolean): boolean {
  const bytes = leb128Bytes(view, at)
  if (bytes === 0) return false
  let rest = BigInt(value)
  if (isDifference) {
    let old = 0n
    for (let i = bytes - 1; i >= 0; i--) old = (old << 7n) | BigInt(view.getUint8(at + i) & 0x7f)
    rest = old - rest
  }
  for (let i = 0; i < bytes; i++) {
    view.setUint8(at + i, Number(rest & 0x7fn) | (i < bytes - 1 ? 0x80 : 0))
    rest >>= 7n
  }
  return true
}

export const fields: InstructionFields = {
  limit(codec) {
    switch (codec) {
      case Codec.Branch:
        return '-0x1000 .. 0xffe, multiples of 2'
      case Codec.Jump:
        return '-0x100000 .. 0xffffe, multiples of 2'
      case Codec.ShortBranch:
        return '-0x100 .. 0xfe, multiples of 2'
      case Codec.ShortJump:
        return '-0x800 .. 0x7fe, multiples of 2'
      case Codec.ShortUpper:
        return '-0x20800 .. 0x1f7ff'
      case Codec.Load:
      case Codec.Store:
        return '-0x800 .. 0x7ff'
      case Codec.SetLeb128:
      case Codec.SubtractLeb128:
        return 'a LEB128 number of at most 10 bytes at the place'
      default:
        return '-0x80000800 .. 0x7ffff7ff'
    }
  },
  reaches(codec, distance) {
    return codec !== Codec.UpperPcRelative || reachesUpper(distance)
  },
  writeAddress(codec, view, at, address) {
    if (codec !== Codec.UpperPcRelative || !reachesUpper(address)) return false
    view.setInt32(at, (view.getInt32(at, true) & 0xf80) | 0x37, true) // auipc becomes lui
    setUpper(view, at, address)
    return true
  },
  read() {
    return 0 // addends are in the relocations: there is no REL form
  },
  write(codec, view, at, value) {
    switch (codec) {
      case Codec.Branch:
        return setBranch(view, at, value)
      case Codec.Jump:
        return setJump(view, at, value)
      case Codec.Upper:
      case Codec.UpperPcRelative:
        if (!reachesUpper(value)) return false
        setUpper(view, at, value)
        return true
      case Codec.UpperWrapping:
        setUpper(view, at, value)
        return true
      case Codec.LowerLoad:
        setLoad(view, at, value)
        return true
      case Codec.LowerStore:
        setStore(view, at, value)
        return true
      case Codec.Call:
        if (!reachesUpper(value)) return false
        setUpper(view, at, value)
        setLoad(view, at + 4, value)
        return true
      case Codec.CallWrapping:
        setUpper(view, at, value)
        setLoad(view, at + 4, value)
        return true
      case Codec.ShortBranch:
        return setShortBranch(view, at, value)
      case Codec.ShortJump:
        return setShortJump(view, at, value)
      case Codec.ShortUpper:
        return setShortUpper(view, at, value)
      case Codec.Load:
        if (value < -0x800 || value > 0x7ff) return false
        setLoad(view, at, value)
        return true
      case Codec.Store:
        if (value < -0x800 || value > 0x7ff) return false
        setStore(view, at, value)
        return true
      default:
        return writeDifference(codec, view, at, value)
    }
  },
}

function writeDifference(codec: number, view: DataView, at: number, value: number): boolean {
  const low = value | 0
  switch (codec) {
    case Codec.Add8:
      view.setInt8(at, view.getInt8(at) + low)
      return true
    case Codec.Subtract8:
      view.setInt8(at, view.getInt8(at) - low)
      return true
    case Codec.Set8:
      view.setInt8(at, low)
      return true
    case Codec.Add16:
      view.setInt16(at, view.getInt16(at, true) + low, true)
      return true
    case Codec.Subtract16:
      view.setInt16(at, view.getInt16(at, true) - low, true)
      return true
    case Codec.Set16:
      view.setInt16(at, low, true)
      return true
    case Codec.Add32:
      view.setInt32(at, (view.getInt32(at, true) + low) | 0, true)
      return true
    case Codec.Subtract32:
      view.setInt32(at, (view.getInt32(at, true) - low) | 0, true)
      return true
    case Codec.Set32:
      view.setInt32(at, low, true)
      return true
    case Codec.Add64:
      add64(view, at, value)
      return true
    case Codec.Subtract64:
      add64(view, at, -value)
      return true
    case Codec.Subtract6:
    case Codec.Set6: {
      const old = view.getUint8(at)
      const number = codec === Codec.Set6 ? low : (old & 0x3f) - low
      view.setUint8(at, (old & 0xc0) | (number & 0x3f))
      return true
    }
    case Codec.SetLeb128:
      return setLeb128(view, at, value, false)
    case Codec.SubtractLeb128:
      return setLeb128(view, at, value, true)
    default:
      return false
  }
}
