/** Numbers in plain words of less than 64 bits. */
import { type Arch, checkCodes } from '../../target/target.ts'

/**
 * Writes a word of 1, 2 or 4 bytes. False when the value does not fit. Addresses of 32 bits have no sign, and go round.
 * @param check a value of checkCodes
 */
export function writeWord(
  view: DataView,
  at: number,
  value: number,
  bytes: number,
  check: number,
  arch: Arch,
): boolean {
  if (arch.bits === 32) value = check === checkCodes.unsigned ? value >>> 0 : value | 0
  const bits = bytes * 8
  const low = check === checkCodes.unsigned ? 0 : -(2 ** (bits - 1))
  const high = check === checkCodes.signed ? 2 ** (bits - 1) - 1 : 2 ** bits - 1
  if (check !== checkCodes.none && (value < low || value > high)) return false
  if (bytes === 1) view.setUint8(at, value & 0xff)
  else if (bytes === 4) view.setInt32(at, value | 0, arch.littleEndian)
  else view.setUint16(at, value & 0xffff, arch.littleEndian)
  return true
}
