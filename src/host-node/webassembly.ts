/** What is used of WebAssembly (its JavaScript interface, W3C): the types of Node 20 leave it out. */

/** memory of several threads */
export interface WasmMemory {
  /** all of it; a new object after it grew, and the former ones stay good */
  readonly buffer: SharedArrayBuffer
  /** By pages of 64 KiB. */
  grow(pages: number): number
}

export type WasmExports = Readonly<Record<string, (...values: number[]) => number>>

/** compiled code: it can be sent to other threads */
export type WasmModule = object

interface WebAssemblyObject {
  readonly Memory: new (sizes: { initial: number; maximum: number; shared: true }) => WasmMemory
  readonly Module: new (bytes: Uint8Array) => WasmModule
  readonly Instance: new (module: WasmModule, imports: object) => { readonly exports: WasmExports }
}

/** Undefined in an engine that may not make machine code. */
export const webAssembly = (globalThis as { WebAssembly?: unknown }).WebAssembly as WebAssemblyObject

/** Makes a module's kernels callable. */
export function instantiate(module: WasmModule, memory: WasmMemory): WasmExports {
  return new webAssembly.Instance(module, { env: { memory } }).exports
}
