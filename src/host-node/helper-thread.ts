/**
 * A second thread for large links. It starts while this thread reads the command line, and reads the input files while
 * this one works on those that are there; later it takes pieces of work, and writes the output file behind them. It pays from some tens of megabytes of input on: a thread costs 25 ms.
 */

import type { Worker } from 'node:worker_threads'
import type { Helper, ImageWriting } from '../host.ts'
import type { FileIndex } from '../input/object-index.ts'
import { builtin } from './builtin.ts'
import type { SizedFile } from './file-status.ts'
import type { HelperStart, HelperTask } from './helper-tasks.ts'
import { helperText } from './helper-text.ts'
import { chunkSize, type ImageTask, imageTask, settle, stopWriting, writeRest } from './image-task.ts'
import { type Indexer, newCache, readIndex } from './index-file.ts'
import type { SharedCompute } from './shared-compute.ts'
import { awaitFile, type SharedFiles, shareFiles } from './shared-files.ts'
import { OutputFile } from './write-output.ts'

export class HelperThread implements Helper {
  private readonly shared: SharedFiles
  private readonly numberOf = new Map<string, number>()
  private readonly workers: readonly Worker[]
  /** bytes of all files */
  readonly totalBytes: number
  private output: { readonly path: string; readonly mode: number } | undefined
  private writing: { readonly file: OutputFile; readonly task: ImageTask } | undefined

  readonly compute: SharedCompute | undefined
  readonly chunkSize = chunkSize
  private readonly indexer?: Indexer

  /** @param count threads besides this one */
  constructor(shared: SharedFiles, text: string, compute?: SharedCompute, count = 1) {
    this.shared = shared
    this.compute = compute
    let total = 0
    shared.files.forEach(({ path, bytes }, index) => {
      this.numberOf.set(path, index)
      total += bytes.length
    })
    this.totalBytes = total
    // loaded here: a small link has no use for it
    const { Worker } = builtin('worker_threads')
    this.workers = Array.from({ length: count }, () => {
      const compiled =
        compute === undefined
          ? {}
          : { compiled: { module: compute.module, memory: compute.memory.memory, cache: newCache(compute.memory) } }
      const start: HelperStart = { files: shared, ...compiled }
      const worker = new Worker(text, { eval: true, workerData: start, env: {}, trackUnmanagedFds: false })
      worker.unref()
      return worker
    })
    if (compute === undefined) return
    this.indexer = { exported: compute.exported, cache: newCache(compute.memory) }
    compute.send = task => {
      for (const worker of this.workers) worker.postMessage(task)
    }
  }

  /** Content of a file that was to be read ahead; undefined for another file and for one that could not be read. */
  read(path: string): Uint8Array | undefined {
    const index = this.numberOf.get(path)
    return index === undefined ? undefined : awaitFile(this.shared, index, this.indexer)
  }

  /** Indexes of the objects in a file that was read. */
  indexOf(path: string): FileIndex | undefined {
    const index = this.numberOf.get(path)
    const room = index === undefined ? undefined : this.shared.files[index]!.index
    return room === undefined ? undefined : readIndex(room)
  }

  /** Where the image will be written: `writeImage` may begin with it. */
  writeTo(path: string, mode: number): void {
    this.output = { path, mode }
  }

  prepareImage(bytes: number, tables: number): Uint8Array {
    // Gaps come on top, too; room that is not touched costs nothing.
    const size = bytes + (bytes >> 1) + (1 << 24) + tables
    const room = this.compute?.memory.uint8(size) ?? new Uint8Array(new SharedArrayBuffer(size))
    this.send({ kind: 'touch', bytes: room.subarray(0, bytes) })
    return room
  }

  /** To one thread: the others do pieces of work meanwhile. */
  private send(task: HelperTask): void {
    this.workers[0]!.postMessage(task)
  }

  writeImage(image: Uint8Array, needs: Int32Array): ImageWriting | undefined {
    const file = this.output === undefined ? undefined : OutputFile.open(this.output.path, this.output.mode)
    if (file === undefined) return undefined
    const task = imageTask(image, needs, file.descriptor)
    this.writing = { file, task }
    this.send({ kind: 'image', task })
    return { settle: files => settle(task, files) }
  }

  /** Puts the file in its place if it holds these bytes. False: nothing was written, and it has to be done otherwise. */
  finishOutput(bytes: Uint8Array): boolean {
    const { writing } = this
    if (writing === undefined || writing.task.image !== bytes) return false
    this.writing = undefined
    return writeRest(writing.task) ? writing.file.keep() : writing.file.discard()
  }

  /** Ends what is still being written, without a trace. */
  abandonOutput(): void {
    const { writing } = this
    if (writing === undefined) return
    this.writing = undefined
    stopWriting(writing.task)
    writing.file.discard()
  }

  /** Ends the threads: for programs that go on after a link. */
  async end(): Promise<void> {
    for (const worker of this.workers) await worker.terminate()
  }
}

/** threads, this one too, above which more bring nothing: most of the rest is done in order */
const mostThreads = 4

/**
 * Starts threads for a link of these files. Undefined where none can be had, and where there is no second processor.
 * @param threads that were asked for, this one too; undefined: as many as are worth it
 */
export function startHelper(
  files: readonly SizedFile[],
  threads: number | undefined,
  compute: SharedCompute | undefined,
): HelperThread | undefined {
  const { availableParallelism } = builtin('os')
  const processors = availableParallelism()
  const count = Math.min(mostThreads, threads ?? processors, processors) - 1
  const text = count > 0 ? helperText() : undefined
  return text === undefined ? undefined : new HelperThread(shareFiles(files, compute?.memory), text, compute, count)
}
