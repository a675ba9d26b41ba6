/** Columns where nobody else looks: plain arrays. */
import type { Memory } from './compute.ts'

export const plainMemory: Memory = {
  uint8: length => new Uint8Array(length),
  uint16: length => new Uint16Array(length),
  int32: length => new Int32Array(length),
  uint32: length => new Uint32Array(length),
  float64: length => new Float64Array(length),
}
