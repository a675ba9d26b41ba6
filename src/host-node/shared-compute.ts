/** Columns in shared memory, kernels as WebAssembly, pieces of work on several threads. */
import { type Compute, type Kernels, type PieceKernel, plainCompute, type Work } from '../kernels/compute.ts'
import type { CompiledKernels } from '../kernels/signatures.ts'
import { KernelCalls } from './kernel-calls.ts'
import { kernelCode } from './kernel-code.ts'
import { awaitPieces, counterWords, type PieceTask, takePieces } from './piece-work.ts'
import { elsewhere, SharedMemory } from './shared-memory.ts'
import { instantiate, type WasmExports, type WasmModule, webAssembly } from './webassembly.ts'

export class SharedCompute implements Compute {
  readonly memory: SharedMemory
  readonly kernels: Kernels
  readonly module: WasmModule
  readonly exported: WasmExports
  private readonly calls: KernelCalls
  /** sends work to other threads */
  send: ((task: PieceTask) => void) | undefined

  constructor(memory: SharedMemory, code: CompiledKernels) {
    this.memory = memory
    this.module = new webAssembly.Module(code.bytes)
    this.exported = instantiate(this.module, memory.memory)
    this.calls = new KernelCalls(memory, this.exported, code.signatures, plainCompute.kernels)
    this.kernels = this.calls.kernels
  }

  begin<Name extends PieceKernel>(kernel: Name, record: Parameters<Kernels[Name]>[0], count: number): Work {
    const address = this.calls.recordOf(kernel, record as object)
    const counter = this.memory.int32(counterWords)
    if (address === elsewhere || !this.memory.holds(counter)) return plainCompute.begin(kernel, record, count)
    const task: PieceTask = { kind: 'pieces', kernel, record: address, count, counter }
    if (count > 1) this.send?.(task)
    return {
      finish: () => {
        takePieces(task, this.exported[kernel]!)
        if (!awaitPieces(task)) throw new Error(`kernel ${kernel} failed on another thread`)
      },
    }
  }
}

/** bytes of a link for each byte of its inputs, roughly: the inputs, columns, the image */
const growth = 3
/** inputs above this many bytes leave too little of 4 GiB for the rest */
const mostInput = 800 << 20

/**
 * Compiled kernels for a link of about so many bytes of input. Undefined where there are none, or too little memory that they
 * could work in.
 */
export function compiledCompute(bytes: number): SharedCompute | undefined {
  const code = bytes > mostInput || webAssembly === undefined ? undefined : kernelCode()
  if (code === undefined) return undefined
  try {
    return new SharedCompute(new SharedMemory(bytes * growth), code)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
