/** Runs functions both as JavaScript and as compiled kernels, each over memory of its own with the same contents. */
import * as assert from 'uvu/assert'
import { compileKernels } from '../../scripts/kernels/index.ts'
import { instantiate, type WasmExports, type WasmMemory, webAssembly } from '../../src/host-node/webassembly.ts'
import { type KernelSignatures, lowestArrayAddress } from '../../src/kernels/signatures.ts'

/** Where arrays of one form lie. */
export interface Shelf {
  /** `bytes` zeroed bytes at a multiple of `alignment` */
  take(bytes: number, alignment?: number): [buffer: SharedArrayBuffer, at: number]
}

type Values = readonly unknown[]

export class KernelForms {
  readonly #plain: Readonly<Record<string, unknown>>
  readonly #compiled: WasmExports
  readonly #signatures: KernelSignatures
  readonly #memory: WasmMemory

  private constructor(
    plain: Readonly<Record<string, unknown>>,
    signatures: KernelSignatures,
    compiled: WasmExports,
    memory: WasmMemory,
  ) {
    this.#plain = plain
    this.#signatures = signatures
    this.#compiled = compiled
    this.#memory = memory
  }

  /** @param entry path from the project root; @param plain its exports */
  static async of(entry: string, plain: Readonly<Record<string, unknown>>): Promise<KernelForms> {
    const { bytes, signatures } = await compileKernels(entry)
    const memory = new webAssembly.Memory({ initial: 1, maximum: 65536, shared: true })
    return new KernelForms(plain, signatures, instantiate(new webAssembly.Module(bytes), memory), memory)
  }

  get names(): string[] {
    return Object.keys(this.#signatures.kernels)
  }

  /**
   * Calls a function in both forms and compares results and all that lies on the shelves.
   * @param make makes the arguments; called once for each form, it has to give the same both times
   */
  same(name: string, make: (shelf: Shelf) => Values): unknown {
    const plainBuffer = new SharedArrayBuffer(this.#memory.buffer.byteLength)
    const [plainShelf, compiledShelf] = [shelfOf(plainBuffer), shelfOf(this.#memory.buffer)]
    new Uint8Array(this.#memory.buffer).fill(0)
    const expected = (this.#plain[name] as (...values: Values) => unknown)(...make(plainShelf))
    const found = this.#call(name, make(compiledShelf), compiledShelf)
    assert.is(found, expected, name)
    const length = plainShelf.end()
    const before = Buffer.from(new Uint8Array(plainBuffer, 0, length))
    const after = Buffer.from(new Uint8Array(this.#memory.buffer, 0, length))
    if (!before.equals(after)) {
      const at = before.findIndex((byte, index) => byte !== after[index])
      assert.unreachable(`${name}: the byte at ${at} is ${after[at]} instead of ${before[at]}`)
    }
    return found
  }

  #call(name: string, values: Values, shelf: Shelf): unknown {
    const { parameters, result } = this.#signatures.kernels[name]!
    const passed = parameters.map((kind, at) => {
      const value = values[at]
      if (typeof kind !== 'object') return word(kind, value, shelf)
      const layout = this.#signatures.records[kind.record]!
      const [buffer, address] = shelf.take(layout.size)
      const view = new DataView(buffer, address, layout.size)
      for (const field of layout.fields) {
        const number = word(field.kind, (value as Record<string, unknown>)[field.name], shelf)
        if (field.kind === 'f64') view.setFloat64(field.offset, number, true)
        else view.setInt32(field.offset, number, true)
      }
      return address
    })
    const found = this.#compiled[name]!(...passed)
    return result === 'boolean' ? found !== 0 : result === 'u32' ? found >>> 0 : found
  }
}

function word(kind: string, value: unknown, shelf: Shelf): number {
  if (kind === 'array') return (value as ArrayBufferView).byteOffset
  if (kind !== 'table') return Number(value)
  const arrays = value as readonly ArrayBufferView[]
  const [buffer, at] = shelf.take(arrays.length * 4)
  new Uint32Array(buffer, at, arrays.length).set(arrays.map(array => array.byteOffset))
  return at
}

function shelfOf(buffer: SharedArrayBuffer): Shelf & { end(): number } {
  let next = lowestArrayAddress
  return {
    take(bytes, alignment = 8) {
      const at = Math.ceil(next / alignment) * alignment
      next = at + bytes
      return [buffer, at]
    },
    end: () => next,
  }
}
