/** A function that those of another file call. */
import type { I32 } from '../../../src/kernels/types.ts'

export const runEnd = 128

/** Bytes from `at` to the first of `runEnd` or more. */
export function lengthOfRun(bytes: Uint8Array, at: I32): I32 {
  let end = at
  while (end < 63 && bytes[end]! < runEnd) end++
  return end - at
}
