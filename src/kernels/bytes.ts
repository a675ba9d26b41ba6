/**
 * Functions that WebAssembly has instructions for: the kernel compiler puts those in their place, and the bodies here are
 * what JavaScript runs. Nothing else than kernels needs them.
 */
import type { F64, I32 } from './types.ts'

/** Copies `count` bytes, 0 or more; the ranges may overlap. All numbers may be I32, U32 or F64. */
export function copyBytes(
  to: Uint8Array | DataView,
  toAt: F64,
  from: Uint8Array | DataView,
  fromAt: F64,
  count: F64,
): void {
  const source = new Uint8Array(from.buffer, from.byteOffset + fromAt, count)
  new Uint8Array(to.buffer, to.byteOffset + toAt, count).set(source)
}

/** Adds to an element that several threads add to. @returns the element before */
export function atomicAdd(array: Int32Array, index: I32, value: I32): I32 {
  return Atomics.add(array, index, value)
}

/** Sets bits of an element that several threads set bits of. @returns the element before */
export function atomicOr(array: Int32Array, index: I32, value: I32): I32 {
  return Atomics.or(array, index, value)
}

export function atomicLoad(array: Int32Array, index: I32): I32 {
  return Atomics.load(array, index)
}

export function atomicStore(array: Int32Array, index: I32, value: I32): void {
  Atomics.store(array, index, value)
}

/** Writes `replacement` if the element is `expected`. @returns the element before */
export function atomicCompareExchange(array: Int32Array, index: I32, expected: I32, replacement: I32): I32 {
  return Atomics.compareExchange(array, index, expected, replacement)
}
