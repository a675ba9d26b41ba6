/**
 * Calls of compiled kernels with the arguments that TypeScript functions take: an array goes as its address, a record as the
 * address of a copy of its fields. A call with an array that lies elsewhere runs the TypeScript function instead.
 */
import type { Kernels } from '../kernels/compute.ts'
import {
  type KernelSignature,
  type KernelSignatures,
  lowestArrayAddress,
  type RecordLayout,
} from '../kernels/signatures.ts'
import { elsewhere, type SharedMemory } from './shared-memory.ts'
import type { WasmExports } from './webassembly.ts'

type Call = (...values: never[]) => unknown
type Arrays = readonly ArrayBufferView[]

export class KernelCalls {
  readonly kernels: Kernels
  private readonly memory: SharedMemory
  private readonly signatures: KernelSignatures
  /** addresses of the copies of records: one object may have the fields of several interfaces */
  private readonly addresses = new Map<string, WeakMap<object, number>>()
  private readonly tables = new WeakMap<Arrays, Uint32Array>()

  /** @param plain what runs where compiled code cannot */
  constructor(memory: SharedMemory, exported: WasmExports, signatures: KernelSignatures, plain: Kernels) {
    this.memory = memory
    this.signatures = signatures
    const calls: Record<string, Call> = {}
    for (const [name, run] of Object.entries(plain)) {
      const signature = signatures.kernels[name]
      const compiled = exported[name]
      calls[name] =
        signature === undefined || compiled === undefined ? (run as Call) : this.call(signature, compiled, run as Call)
    }
    this.kernels = calls as unknown as Kernels
  }

  /** Address of what a kernel that does pieces takes, or `elsewhere`. */
  recordOf(name: string, record: object): number {
    const kind = this.signatures.kernels[name]?.parameters[0]
    return typeof kind === 'object' ? this.address(record, kind.record) : elsewhere
  }

  private call({ parameters, result }: KernelSignature, compiled: WasmExports[string], plain: Call): Call {
    return (...values: never[]): unknown => {
      const numbers = values as unknown as number[]
      const passed: number[] = new Array(parameters.length)
      for (let i = 0; i < parameters.length; i++) {
        const kind = parameters[i]!
        const value: unknown = values[i]
        if (typeof kind === 'object') passed[i] = this.address(value as object, kind.record)
        else if (kind === 'table') passed[i] = this.table(value as Arrays)
        else if (kind === 'array') passed[i] = this.arrayAddress(value as ArrayBufferView)
        else {
          passed[i] = Number(numbers[i])
          continue
        }
        if (passed[i] === elsewhere) return plain(...values)
      }
      const found = compiled(...passed)
      return result === 'boolean' ? found !== 0 : result === 'u32' ? found >>> 0 : found
    }
  }

  private arrayAddress(array: ArrayBufferView): number {
    // Nothing is read of an array without elements.
    if (array.byteLength === 0) return lowestArrayAddress
    return this.memory.holds(array) ? array.byteOffset : elsewhere
  }

  private address(record: object, name: string): number {
    let known = this.addresses.get(name)
    if (known === undefined) {
      known = new WeakMap()
      this.addresses.set(name, known)
    }
    let at = known.get(record)
    if (at === undefined) {
      at = this.copy(record as Readonly<Record<string, unknown>>, this.signatures.records[name]!)
      known.set(record, at)
    }
    return at
  }

  private copy(record: Readonly<Record<string, unknown>>, layout: RecordLayout): number {
    const at = this.memory.take(layout.size)
    if (at === elsewhere) return elsewhere
    const view = new DataView(this.memory.memory.buffer, at, layout.size)
    for (const { name, offset, kind } of layout.fields) {
      const value = record[name]
      if (kind === 'f64') view.setFloat64(offset, value as number, true)
      else {
        const word =
          kind === 'table'
            ? this.table(value as Arrays)
            : kind === 'array'
              ? this.arrayAddress(value as ArrayBufferView)
              : Number(value)
        if (word === elsewhere && (kind === 'array' || kind === 'table')) return elsewhere
        view.setInt32(offset, word, true)
      }
    }
    return at
  }

  /** A table that has grown since is made anew. */
  private table(arrays: Arrays): number {
    const known = this.tables.get(arrays)
    if (known?.length === arrays.length) return known.byteOffset
    const words = this.memory.uint32(arrays.length)
    for (let i = 0; i < arrays.length; i++) {
      const at = this.arrayAddress(arrays[i]!)
      if (at === elsewhere) return elsewhere
      words[i] = at
    }
    if (!this.memory.holds(words)) return elsewhere
    this.tables.set(arrays, words)
    return words.byteOffset
  }
}
