/**
 * What a host has to know to call kernels as WebAssembly: plain data that the kernel compiler (scripts/kernels) writes and
 * that a bundle holds beside the module's bytes. The module imports one shared memory, `env.memory`, and exports every
 * kernel by its name; all addresses are byte offsets in that memory.
 */

/** A number as a WebAssembly parameter: `i32` for the first, second and fourth, `f64` for the third. */
export type ScalarKind = 'i32' | 'u32' | 'f64' | 'boolean'

/**
 * `array`: the byteOffset of a typed array or DataView. `table`: the address of a row of 32-bit byteOffsets, one for each
 * array of a `readonly DataView[]` and the like. A record: the address of its fields, laid out as `records` says.
 */
export type ParameterKind = ScalarKind | 'array' | 'table' | { readonly record: string }

export interface KernelSignature {
  readonly parameters: readonly ParameterKind[]
  /** `u32` and `boolean` arrive as a signed number: `>>> 0` and `!== 0` make them what TypeScript sees */
  readonly result: ScalarKind | 'void'
}

export interface RecordField {
  readonly name: string
  /** bytes from the start of the record; a multiple of the field's size, which is 8 for `f64` and 4 for all others */
  readonly offset: number
  readonly kind: ScalarKind | 'array' | 'table'
}

export interface RecordLayout {
  /** bytes, a multiple of 8; records lie at multiples of 8 */
  readonly size: number
  /** in the order of the interface */
  readonly fields: readonly RecordField[]
}

export interface KernelSignatures {
  /** by exported name */
  readonly kernels: Readonly<Record<string, KernelSignature>>
  /** by the interface's name */
  readonly records: Readonly<Record<string, RecordLayout>>
}

export interface CompiledKernels {
  /** a WebAssembly module */
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly signatures: KernelSignatures
}

/**
 * No array may lie below this address in the shared memory: `array[index + 3]` is compiled to a load at `index` with a
 * constant offset added by the processor, and `index` alone may be negative.
 */
export const lowestArrayAddress = 1024
