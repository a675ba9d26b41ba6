/**
 * Writing an image with two threads: the other one begins with what is final and goes on as more of it is, while this one
 * works on the rest; at the end this one writes whatever has not been begun, so that it never waits for a thread that gets
 * no processor. All agreements stand in shared memory, and no event loop is needed. The system writes to a file for one
 * thread at a time, so what counts is that somebody writes while somebody else works.
 */
import { writeSync } from 'node:fs'
import { neverSettled } from '../kernels/image.ts'

/** States of a chunk. */
const Chunk = { Waiting: 0, Taken: 1, Done: 2, Failed: 3 } as const

const allSettled = 0x7fff_ffff
const stopped = -1

/** bytes that are written at once */
export const chunkSize = 1 << 20

/** What both threads have. Arrays lie in shared memory. */
export interface ImageTask {
  readonly image: Uint8Array
  /** by chunk of the image: how many files must be settled before it is final */
  readonly needs: Int32Array
  /** Chunk by chunk */
  readonly chunks: Int32Array
  /** one word: files that are settled, `allSettled` or `stopped` */
  readonly settled: Int32Array
  /** open file to write the image to */
  readonly descriptor: number
}

export function imageTask(image: Uint8Array, needs: Int32Array, descriptor: number): ImageTask {
  const words = new Int32Array(new SharedArrayBuffer((needs.length + 1) * 4))
  return { image, needs, chunks: words.subarray(1), settled: words.subarray(0, 1), descriptor }
}

/** Says that so many files are settled. */
export function settle({ settled }: ImageTask, files: number): void {
  Atomics.store(settled, 0, files)
  Atomics.notify(settled, 0)
}

/** The other thread's part: chunk after chunk as they become final. What never is before the end is left. */
export function writeSettled(task: ImageTask): void {
  const { needs, chunks, settled } = task
  for (;;) {
    const files = Atomics.load(settled, 0)
    if (files === stopped) return
    let isWaiting = false
    for (let chunk = 0; chunk < needs.length; chunk++) {
      if (Atomics.load(chunks, chunk) !== Chunk.Waiting) continue
      if (needs[chunk]! > files) isWaiting ||= needs[chunk]! !== neverSettled
      else writeIfWaiting(task, chunk)
    }
    if (!isWaiting) return
    Atomics.wait(settled, 0, files)
  }
}

/** Writes all that has not been begun; everything is final. False when some chunk could not be written, by any thread. */
export function writeRest(task: ImageTask): boolean {
  const { chunks, settled } = task
  Atomics.store(settled, 0, allSettled)
  Atomics.notify(settled, 0)
  // The other thread comes from the front.
  for (let chunk = chunks.length - 1; chunk >= 0; chunk--) writeIfWaiting(task, chunk)
  awaitTaken(task)
  return chunks.every(state => state === Chunk.Done)
}

/** Returns when no thread writes any more, and none begins to. */
export function stopWriting(task: ImageTask): void {
  const { chunks, settled } = task
  Atomics.store(settled, 0, stopped)
  Atomics.notify(settled, 0)
  for (let chunk = 0; chunk < chunks.length; chunk++)
    Atomics.compareExchange(chunks, chunk, Chunk.Waiting, Chunk.Failed)
  awaitTaken(task)
}

function awaitTaken({ chunks }: ImageTask): void {
  for (let chunk = 0; chunk < chunks.length; chunk++)
    while (Atomics.load(chunks, chunk) === Chunk.Taken) Atomics.wait(chunks, chunk, Chunk.Taken)
}

function writeIfWaiting({ image, chunks, descriptor }: ImageTask, chunk: number): void {
  if (Atomics.compareExchange(chunks, chunk, Chunk.Waiting, Chunk.Taken) !== Chunk.Waiting) return
  let outcome: number = Chunk.Failed
  try {
    let at = chunk * chunkSize
    const end = Math.min(at + chunkSize, image.length)
    while (at < end) at += writeSync(descriptor, image, at, end - at, at)
    outcome = Chunk.Done
  } catch {
    // The thread that finishes the output finds out.
  }
  Atomics.store(chunks, chunk, outcome)
  Atomics.notify(chunks, chunk)
}
