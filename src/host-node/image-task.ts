/**
 * Writing an image with two threads: the other one begins with what is final while this one goes on with the rest, and at
 * the end this one writes whatever has not been begun, so that it never waits for a thread that gets no processor. All
 * agreements stand in shared memory, and no event loop is needed. The system writes to one file at a time, so what counts
 * is that somebody writes while somebody else works.
 */
import { writeSync } from 'node:fs'

/** States of a chunk. */
const Chunk = { Waiting: 0, Taken: 1, Done: 2, Failed: 3, NotFinal: 4 } as const

/** bytes that are written at once */
export const chunkSize = 1 << 20

/** What both threads have. Arrays lie in shared memory. */
export interface ImageTask {
  readonly image: Uint8Array
  /** Chunk by chunk of the image */
  readonly chunks: Int32Array
  /** open file to write the image to */
  readonly descriptor: number
}

/** @param unsettled by chunk of the image: 1 when it is not final */
export function imageTask(image: Uint8Array, unsettled: Uint8Array, descriptor: number): ImageTask {
  const count = Math.ceil(image.length / chunkSize)
  const chunks = new Int32Array(new SharedArrayBuffer(Math.max(1, count) * 4)).subarray(0, count)
  for (let chunk = 0; chunk < count; chunk++) if (unsettled[chunk] === 1) chunks[chunk] = Chunk.NotFinal
  return { image, chunks, descriptor }
}

/** The other thread's part: what is final. */
export function writeFinal(task: ImageTask): void {
  for (let chunk = 0; chunk < task.chunks.length; chunk++) writeIf(task, chunk, Chunk.Waiting)
}

/** Writes all that has not been begun. False when some chunk could not be written, by any thread. */
export function writeRest(task: ImageTask): boolean {
  const { chunks } = task
  for (let chunk = 0; chunk < chunks.length; chunk++)
    if (!writeIf(task, chunk, Chunk.Waiting)) writeIf(task, chunk, Chunk.NotFinal)
  awaitTaken(task)
  return chunks.every(state => state === Chunk.Done)
}

/** Returns when no thread writes any more, and none begins to. */
export function stopWriting(task: ImageTask): void {
  const { chunks } = task
  for (let chunk = 0; chunk < chunks.length; chunk++)
    Atomics.compareExchange(chunks, chunk, Chunk.Waiting, Chunk.Failed)
  awaitTaken(task)
}

function awaitTaken({ chunks }: ImageTask): void {
  for (let chunk = 0; chunk < chunks.length; chunk++)
    while (Atomics.load(chunks, chunk) === Chunk.Taken) Atomics.wait(chunks, chunk, Chunk.Taken)
}

/** Writes a chunk if it is in that state; false if it is not. */
function writeIf({ image, chunks, descriptor }: ImageTask, chunk: number, state: number): boolean {
  if (Atomics.compareExchange(chunks, chunk, state, Chunk.Taken) !== state) return false
  let outcome: number = Chunk.Failed
  try {
    let at = chunk * chunkSize
    const end = Math.min(at + chunkSize, image.length)
    while (at < end) at += writeSync(descriptor, image, at, end - at, at)
    outcome = Chunk.Done
  } catch {
    // The thread that finishes the output reports it.
  }
  Atomics.store(chunks, chunk, outcome)
  Atomics.notify(chunks, chunk)
  return true
}
