/**
 * Memory that all threads and WebAssembly see: input files, columns, the image. It is handed out from its start to its end
 * and never given back: one process links once. Memory that is not touched costs nothing.
 */
import type { Memory } from '../kernels/compute.ts'
import { lowestArrayAddress } from '../kernels/signatures.ts'
import { type WasmMemory, webAssembly } from './webassembly.ts'

/** bytes of a page of WebAssembly */
const page = 65_536
/** 4 GiB, what 32-bit addresses reach */
const mostPages = 65_536
/** Stands for the address of what is not in this memory. */
export const elsewhere = -1
/** every array begins at a multiple of this: a cache line */
const alignment = 64

export class SharedMemory implements Memory {
  readonly memory: WasmMemory
  private used: number
  private buffer: SharedArrayBuffer
  /** buffers that show this memory, smaller ones from before it grew too */
  private readonly buffers = new Set<ArrayBufferLike>()

  /** @param bytes what will be needed, roughly; it grows */
  constructor(bytes: number) {
    const initial = Math.min(mostPages, Math.ceil(bytes / page) + 1)
    this.memory = new webAssembly.Memory({ initial, maximum: mostPages, shared: true })
    this.used = Math.ceil(lowestArrayAddress / alignment) * alignment
    this.buffer = this.memory.buffer
    this.buffers.add(this.buffer)
  }

  /** Does the array lie here? */
  holds(array: ArrayBufferView): boolean {
    return this.buffers.has(array.buffer)
  }

  /** Address of `bytes` zeroed bytes; `elsewhere` when they do not fit into 4 GiB. */
  take(bytes: number): number {
    const at = this.used
    const end = at + Math.ceil(bytes / alignment) * alignment
    if (end > this.buffer.byteLength && !this.grow(end)) return elsewhere
    this.used = end
    return at
  }

  // What does not fit lies elsewhere: kernels that take it run as TypeScript.

  uint8(length: number): Uint8Array {
    const at = this.take(length)
    return at === elsewhere ? new Uint8Array(length) : new Uint8Array(this.buffer, at, length)
  }

  uint16(length: number): Uint16Array {
    const at = this.take(length * 2)
    return at === elsewhere ? new Uint16Array(length) : new Uint16Array(this.buffer, at, length)
  }

  int32(length: number): Int32Array {
    const at = this.take(length * 4)
    return at === elsewhere ? new Int32Array(length) : new Int32Array(this.buffer, at, length)
  }

  uint32(length: number): Uint32Array {
    const at = this.take(length * 4)
    return at === elsewhere ? new Uint32Array(length) : new Uint32Array(this.buffer, at, length)
  }

  float64(length: number): Float64Array {
    const at = this.take(length * 8)
    return at === elsewhere ? new Float64Array(length) : new Float64Array(this.buffer, at, length)
  }

  /** False: there is no memory of that size. */
  private grow(end: number): boolean {
    const needed = Math.ceil(end / page)
    if (needed > mostPages) return false
    const have = this.buffer.byteLength / page
    const wanted = Math.min(mostPages, Math.max(needed, have + (have >> 2)))
    try {
      this.memory.grow(wanted - have)
    } catch (error) {
      if (error instanceof RangeError) return false
      throw error
    }
    this.buffer = this.memory.buffer
    this.buffers.add(this.buffer)
    return true
  }
}
