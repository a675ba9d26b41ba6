import type { CompiledKernels } from '../kernels/signatures.ts'

/** The bundle has them (scripts/bundle.ts puts a module in this place); from source kernels run as TypeScript. */
export function kernelCode(): CompiledKernels | undefined {
  return undefined
}
