/**
 * Where columns lie, and who runs the loops over them. A host for large links has memory that several threads and
 * WebAssembly see, kernels compiled for it, and threads; everywhere else there are plain arrays and TypeScript functions.
 * Both give the same bytes: they are the same functions.
 */
import * as functions from './all.ts'
import { plainMemory } from './plain-memory.ts'
import type { I32 } from './types.ts'

/** Makes zeroed columns of `length` elements. They are never given back: one link, one memory. */
export interface Memory {
  uint8(length: number): Uint8Array
  uint16(length: number): Uint16Array
  int32(length: number): Int32Array
  uint32(length: number): Uint32Array
  float64(length: number): Float64Array
  /** Does the array lie in this memory? Absent: it does not matter. */
  holds?(array: ArrayBufferView): boolean
}

/** The column in this memory: itself, or a copy that does not follow later changes. */
export function held<Column extends Uint8Array | Uint16Array | Int32Array | Uint32Array | Float64Array>(
  memory: Memory,
  column: Column,
): Column {
  if (memory.holds?.(column) !== false) return column
  const copy = copyOf(memory, column)
  return copy as Column
}

function copyOf(memory: Memory, column: ArrayBufferView): ArrayBufferView {
  const from = new Uint8Array(column.buffer, column.byteOffset, column.byteLength)
  const to = memory.uint8(column.byteLength)
  to.set(from)
  if (column instanceof Uint16Array) return new Uint16Array(to.buffer, to.byteOffset, column.length)
  if (column instanceof Int32Array) return new Int32Array(to.buffer, to.byteOffset, column.length)
  if (column instanceof Uint32Array) return new Uint32Array(to.buffer, to.byteOffset, column.length)
  if (column instanceof Float64Array) return new Float64Array(to.buffer, to.byteOffset, column.length)
  return to
}

export type Kernels = typeof functions

/** Kernels that do one of many pieces: `kernel(record, piece)`. Pieces write to places of their own. */
export type PieceKernel = {
  // biome-ignore lint/suspicious/noExplicitAny: any record
  [Name in keyof Kernels]: Kernels[Name] extends (record: any, piece: I32) => void ? Name : never
}[keyof Kernels]

export interface Compute {
  readonly memory: Memory
  readonly kernels: Kernels
  /**
   * Has a kernel called for the pieces 0 to `count` - 1, in any order, by any thread, and returns at once. Nothing that
   * the record names may be touched until `finish`, which does what is left and waits for the rest.
   */
  begin<Name extends PieceKernel>(kernel: Name, record: Parameters<Kernels[Name]>[0], count: number): Work
}

export interface Work {
  finish(): void
}

const named: Kernels = { ...functions }

/** One thread, plain arrays. */
export const plainCompute: Compute = {
  memory: plainMemory,
  kernels: named,
  begin: (kernel, record, count) => ({ finish: () => runPieces(kernel, record, count) }),
}

function runPieces<Name extends PieceKernel>(kernel: Name, record: Parameters<Kernels[Name]>[0], count: number): void {
  const run = named[kernel] as (record: Parameters<Kernels[Name]>[0], piece: I32) => void
  for (let piece = 0; piece < count; piece++) run(record, piece)
}
