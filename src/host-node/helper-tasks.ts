/** What the helper is sent, and how it takes it. */
import { type ImageTask, writeSettled } from './image-task.ts'
import { type PieceTask, takePieces } from './piece-work.ts'
import type { SharedFiles } from './shared-files.ts'
import type { WasmExports, WasmMemory, WasmModule } from './webassembly.ts'

/** What a helper is started with. */
export interface HelperStart {
  readonly files: SharedFiles
  /** absent where kernels run as TypeScript, on the main thread */
  readonly compiled?: {
    readonly module: WasmModule
    readonly memory: WasmMemory
    /** memory to make indexes with */
    readonly cache: Int32Array
  }
}

export type HelperTask =
  | PieceTask
  | { readonly kind: 'image'; readonly task: ImageTask }
  /** memory that will be written: the system is asked for it beforehand */
  | { readonly kind: 'touch'; readonly bytes: Uint8Array }

/** bytes of a page of memory */
const page = 4096

export function carryOutTask(each: HelperTask, kernels: WasmExports): void {
  if (each.kind === 'pieces') takePieces(each, kernels[each.kernel]!)
  else if (each.kind === 'image') writeSettled(each.task)
  // A write that changes nothing, in one instruction: the other thread may have begun to use the memory. The others of Atomics
  // read first, which maps the page twice, and the second time has to interrupt the other thread.
  else for (let at = 0; at < each.bytes.length; at += page) Atomics.compareExchange(each.bytes, at, 0, 0)
}
