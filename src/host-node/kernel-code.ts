import type { Signatures } from '../kernels/signatures.ts'

/** Kernels as WebAssembly, and what they take. */
export interface KernelCode {
  readonly bytes: Uint8Array
  readonly signatures: Signatures
}

/** The bundle has them (scripts/bundle.ts puts a module in this place); from source kernels run as TypeScript. */
export function kernelCode(): KernelCode | undefined {
  return undefined
}
