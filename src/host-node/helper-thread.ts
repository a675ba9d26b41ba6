/**
 * A second thread for large links. It starts while this thread reads the command line, and reads the input files while
 * this one works on those that are there. It pays from some tens of megabytes of input on: a thread costs 25 ms.
 */

import { createRequire } from 'node:module'
import type { Worker } from 'node:worker_threads'
import { helperText } from './helper-text.ts'
import { awaitFile, type SharedFiles } from './shared-files.ts'

export class HelperThread {
  private readonly shared: SharedFiles
  private readonly indexOf = new Map<string, number>()
  private readonly worker: Worker
  /** bytes of all files */
  readonly totalBytes: number

  constructor(shared: SharedFiles, text: string) {
    this.shared = shared
    let total = 0
    shared.files.forEach(({ path, bytes }, index) => {
      this.indexOf.set(path, index)
      total += bytes.length
    })
    this.totalBytes = total
    // loaded here: a small link has no use for it
    const { Worker } = createRequire(import.meta.url)('node:worker_threads') as typeof import('node:worker_threads')
    this.worker = new Worker(text, { eval: true, workerData: shared, env: {}, trackUnmanagedFds: false })
    this.worker.unref()
  }

  /** Content of a file that was to be read ahead; undefined for another file and for one that could not be read. */
  read(path: string): Uint8Array | undefined {
    const index = this.indexOf.get(path)
    return index === undefined ? undefined : awaitFile(this.shared, index)
  }
}

/** Starts the thread. Undefined where it can't be had. */
export function startHelper(shared: SharedFiles): HelperThread | undefined {
  const text = helperText()
  return text === undefined ? undefined : new HelperThread(shared, text)
}
