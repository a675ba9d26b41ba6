/** What the helper is sent, and how it takes it. */
import { foldAll } from '../engine/contents/fold-ends.ts'
import type { FoldWork } from '../host.ts'
import { carryOut, type ImageTask, Piece } from './image-task.ts'
import { type PieceTask, takePieces } from './piece-work.ts'
import type { SharedFiles } from './shared-files.ts'
import type { WasmExports, WasmMemory, WasmModule } from './webassembly.ts'

/** Finding ends of strings: done by the thread that begins first. */
export interface FoldTask {
  readonly work: FoldWork
  /** one word: Piece; in shared memory */
  readonly state: Int32Array
}

/** What a helper is started with. */
export interface HelperStart {
  readonly files: SharedFiles
  /** absent where kernels run as TypeScript, on the main thread */
  readonly compiled?: { readonly module: WasmModule; readonly memory: WasmMemory }
}

export type HelperTask =
  | PieceTask
  | { readonly kind: 'image'; readonly task: ImageTask }
  | { readonly kind: 'fold'; readonly task: FoldTask }
  /** memory that will be written: the system is asked for it beforehand */
  | { readonly kind: 'touch'; readonly bytes: Uint8Array }

/** bytes of a page of memory */
const page = 4096

export function carryOutTask(each: HelperTask, kernels: WasmExports): void {
  if (each.kind === 'pieces') takePieces(each, kernels[each.kernel]!)
  else if (each.kind === 'image') carryOut(each.task)
  else if (each.kind === 'fold') foldIfWaiting(each.task)
  // A write that changes nothing, in one instruction: the other thread may have begun to use the memory. The others of Atomics
  // read first, which maps the page twice, and the second time has to interrupt the other thread.
  else for (let at = 0; at < each.bytes.length; at += page) Atomics.compareExchange(each.bytes, at, 0, 0)
}

/** Folds unless the other thread has begun. */
export function foldIfWaiting({ work, state }: FoldTask): void {
  if (Atomics.compareExchange(state, 0, Piece.Waiting, Piece.Taken) !== Piece.Waiting) return
  let outcome: number = Piece.Failed
  try {
    foldAll(work)
    outcome = Piece.Done
  } finally {
    Atomics.store(state, 0, outcome)
    Atomics.notify(state, 0)
  }
}
