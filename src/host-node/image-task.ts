/**
 * Filling and writing an image with two threads: the helper copies contents in front of relocation, file by file, and
 * writes to disk what is settled behind it. Whatever one thread has not begun the other one may take, so none waits for
 * a thread that the system lets wait. All agreements stand in shared memory, and no event loop is needed.
 */
import { writeSync } from 'node:fs'
import { SHT_NOBITS } from '../elf/constants.ts'
import { copyFile, fillGaps } from '../engine/write/write-sections.ts'
import type { ImageWork } from '../host.ts'
import { archForMachine } from '../target/arch/index.ts'

/** Places in the control words. */
export const Control = {
  /** rises with every file copied: what a waiting thread watches */
  Copied: 0,
  /** files whose copied sections are settled; `allSettled`, or `stopped` */
  Settled: 1,
  /** Outcome of filling gaps, after all files were copied */
  Filled: 2,
  /** Outcome of writing: the helper's part of it */
  Written: 3,
  words: 4,
} as const

export const Outcome = { Running: 0, Done: 1, Failed: 2 } as const

/** States of a file or a chunk. */
export const Piece = { Waiting: 0, Taken: 1, Done: 2, Failed: 3 } as const

export const allSettled = 0x7fff_ffff
export const stopped = -1

/** What both threads have. Arrays lie in shared memory. */
export interface ImageTask {
  readonly work: ImageWork
  /** Control */
  readonly control: Int32Array
  /** Piece by file: copying */
  readonly files: Int32Array
  /** Piece by chunk of the image: writing */
  readonly chunks: Int32Array
  /** open file to write the image to, or -1 */
  readonly descriptor: number
}

/** bytes that are written at once */
const chunkSize = 1 << 20

/** A chunk that is settled last. */
const never = 0x7fff_fffe

export function imageTask(work: ImageWork, descriptor: number): ImageTask {
  const shared = (words: number): Int32Array => new Int32Array(new SharedArrayBuffer(words * 4))
  const files = shared(work.sourceOf.length)
  return { work, control: shared(Control.words), files, chunks: shared(chunkCount(work)), descriptor }
}

function chunkCount(work: ImageWork): number {
  return Math.ceil(work.image.length / chunkSize)
}

/** The helper's side. */
export function carryOut(task: ImageTask): void {
  const { work, control, descriptor } = task
  try {
    for (let file = 0; file < work.sourceOf.length; file++) {
      copyIfWaiting(task, file)
      // Waking is a system call: not for every file.
      if (file % 16 === 15) Atomics.notify(control, Control.Copied)
    }
    fillAllGaps(work)
    tell(control, Control.Filled, Outcome.Done)
  } catch {
    // The other thread does the rest itself.
    tell(control, Control.Filled, Outcome.Failed)
    tell(control, Control.Written, Outcome.Failed)
    Atomics.notify(control, Control.Copied)
    return
  }
  if (descriptor >= 0) tell(control, Control.Written, writeSettled(task) ? Outcome.Done : Outcome.Failed)
}

/** Copies a file if no thread has begun with it. */
export function copyIfWaiting({ work, control, files }: ImageTask, file: number): void {
  if (Atomics.compareExchange(files, file, Piece.Waiting, Piece.Taken) !== Piece.Waiting) return
  copyFile(work, file)
  Atomics.store(files, file, Piece.Done)
  Atomics.add(control, Control.Copied, 1)
}

export function fillAllGaps(work: ImageWork): void {
  const arch = archForMachine(work.machine, work.bits, work.littleEndian)
  if (arch === undefined) throw new Error('unknown machine')
  fillGaps(work, (out, at, length) => arch.padCode(out, at, length))
}

function tell(control: Int32Array, place: number, value: number): void {
  Atomics.store(control, place, value)
  Atomics.notify(control, place)
}

/** Writes chunk after chunk as they settle. False when it failed or was told to stop. */
function writeSettled(task: ImageTask): boolean {
  const { work, control, chunks } = task
  const needs = settledBy(work)
  let left = needs.length
  while (left > 0) {
    const settled = Atomics.load(control, Control.Settled)
    if (settled === stopped) return false
    left = 0
    for (let chunk = 0; chunk < needs.length; chunk++) {
      if (Atomics.load(chunks, chunk) !== Piece.Waiting) continue
      if (needs[chunk]! > settled) left++
      else if (!writeIfWaiting(task, chunk)) return false
    }
    if (left > 0) Atomics.wait(control, Control.Settled, settled)
  }
  return true
}

/** Writes every chunk that no thread has begun with; all must be settled. False when one failed. */
export function writeWaiting(task: ImageTask): boolean {
  for (let chunk = 0; chunk < task.chunks.length; chunk++) if (!writeIfWaiting(task, chunk)) return false
  return true
}

function writeIfWaiting({ work, chunks, descriptor }: ImageTask, chunk: number): boolean {
  if (Atomics.compareExchange(chunks, chunk, Piece.Waiting, Piece.Taken) !== Piece.Waiting) return true
  try {
    let at = chunk * chunkSize
    const end = Math.min(at + chunkSize, work.image.length)
    while (at < end) at += writeSync(descriptor, work.image, at, end - at, at)
    Atomics.store(chunks, chunk, Piece.Done)
    return true
  } catch {
    Atomics.store(chunks, chunk, Piece.Failed)
    return false
  }
}

/** By chunk: how many files must be settled before it can be written. */
function settledBy(work: ImageWork): Int32Array {
  // Nothing is settled before the first file is.
  const needs = new Int32Array(chunkCount(work)).fill(1)
  const mark = (from: number, to: number, count: number): void => {
    for (let chunk = Math.floor(from / chunkSize); chunk * chunkSize < to; chunk++)
      if (needs[chunk]! < count) needs[chunk] = count
  }
  const { outputs, outputOf, offsetOf, size, kind, unsettled } = work
  for (let i = 0; i < unsettled.length; i += 2) mark(unsettled[i]!, unsettled[i + 1]!, never)
  for (let file = 0; file < work.sourceOf.length; file++) {
    const end = work.firstSection[file]! + work.sectionCount[file]!
    for (let id = work.firstSection[file]!; id < end; id++) {
      const home = outputOf[id]!
      if (home < 0 || kind[id] !== copied || outputs[home]!.type === SHT_NOBITS) continue
      const at = outputs[home]!.fileOffset + offsetOf[id]!
      mark(at, at + size[id]!, file + 1)
    }
  }
  // What is not copied is made or edited, and may change until the end.
  for (let id = 0; id < kind.length; id++) {
    const home = outputOf[id]!
    if (home < 0 || kind[id] === copied || outputs[home]!.type === SHT_NOBITS) continue
    const at = outputs[home]!.fileOffset + offsetOf[id]!
    mark(at, at + size[id]!, never)
  }
  return needs
}

/** ContentKind.Copy */
const copied = 1
