import type { I32 } from './types.ts'

/** Placeholder until the first kernels arrive. */
export interface SampleRecord {
  readonly from: Uint32Array
  readonly to: Uint32Array
}

export function foldPiece(record: SampleRecord, piece: I32): void {
  record.to[piece] = record.from[piece]! ^ 1
}
