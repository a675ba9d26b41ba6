/**
 * Arithmetic modulo 2^64. An address is a bigint in 0 .. 2^64-1; a column of addresses holds signed doubles instead
 * (0xffffffff80000000 is -2147483648), so that kernels in the high half stay exact.
 */

/** A 64-bit value, 0 .. 2^64-1. */
export type Address = bigint

export const allOnes = 0xffff_ffff_ffff_ffffn

/** The value modulo 2^64. */
export function u64(value: bigint): Address {
  return BigInt.asUintN(64, value)
}

/** The same 64 bits read as two's complement. */
export function signed(value: Address): bigint {
  return BigInt.asIntN(64, value)
}

/** Rounds up to a multiple of `alignment` (any positive number, 0 and 1 change nothing), modulo 2^64. */
export function alignUp(value: Address, alignment: bigint): Address {
  if (alignment <= 1n) return value
  return u64(((value + alignment - 1n) / alignment) * alignment)
}

/** `to - from` as a signed double; exact up to 2^53. */
export function distance(to: Address, from: Address): number {
  return Number(BigInt.asIntN(64, to - from))
}

/** The form in which columns hold an address. Exact when its absolute value is below 2^53: see `isWide`. */
export function toColumn(value: Address): number {
  return Number(BigInt.asIntN(64, value))
}

/** True when `toColumn` loses bits, so that the exact value must be kept beside the column. */
export function isWide(value: Address): boolean {
  const number = Number(BigInt.asIntN(64, value))
  return number > 9007199254740991 || number < -9007199254740991
}

/** Address from a column entry. */
export function fromColumn(value: number): Address {
  return BigInt.asUintN(64, BigInt(value))
}

/** 0x-prefixed, lower case. */
export function hex(value: Address | number): string {
  return `0x${value.toString(16)}`
}

/** Smallest n with 2^n >= value; 0 for 0 and 1. */
export function log2Ceiling(value: Address): number {
  if (value <= 1n) return 0
  return (value - 1n).toString(2).length
}
