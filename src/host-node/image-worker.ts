/**
 * The helper's part of an image: it copies contents in front of relocation, file by file, and writes to disk what is
 * settled behind it. What it has done and may do stands in shared memory, so neither thread needs its event loop.
 */
import { writeSync } from 'node:fs'
import { SHT_NOBITS } from '../elf/constants.ts'
import { copyFile, fillGaps } from '../engine/write/write-sections.ts'
import type { ImageWork } from '../host.ts'
import { archForMachine } from '../target/arch/index.ts'

/** Places in the control words. */
export const Control = {
  /** files copied; when all are: gaps are filled as well, see Filled */
  Copied: 0,
  /** files whose copied sections are settled; `allSettled`, or `stopped` */
  Settled: 1,
  /** Outcome of copying and of filling gaps */
  Filled: 2,
  /** Outcome of writing the output file */
  Written: 3,
  words: 4,
} as const

export const Outcome = { Running: 0, Done: 1, Failed: 2 } as const

export const allSettled = 0x7fff_ffff
export const stopped = -1

export interface ImageMessage {
  readonly work: ImageWork
  /** Control */
  readonly control: Int32Array
  /** open file to write the image to, or -1 */
  readonly descriptor: number
}

/** bytes that are written at once */
const chunkSize = 1 << 20

/** A chunk that is settled last. */
const never = 0x7fff_fffe

export function carryOut({ work, control, descriptor }: ImageMessage): void {
  try {
    fill(work, control)
    tell(control, Control.Filled, Outcome.Done)
  } catch {
    // the other thread does it itself
    tell(control, Control.Filled, Outcome.Failed)
    tell(control, Control.Written, Outcome.Failed)
    return
  }
  if (descriptor < 0) return
  try {
    tell(control, Control.Written, write(work, control, descriptor) ? Outcome.Done : Outcome.Failed)
  } catch {
    tell(control, Control.Written, Outcome.Failed)
  }
}

function tell(control: Int32Array, place: number, value: number): void {
  Atomics.store(control, place, value)
  Atomics.notify(control, place)
}

function fill(work: ImageWork, control: Int32Array): void {
  const arch = archForMachine(work.machine, work.bits, work.littleEndian)
  if (arch === undefined) throw new Error('unknown machine')
  for (let file = 0; file < work.sourceOf.length; file++) {
    copyFile(work, file)
    Atomics.store(control, Control.Copied, file + 1)
    // Waking is a system call: not for every file.
    if (file % 16 === 15) Atomics.notify(control, Control.Copied)
  }
  Atomics.notify(control, Control.Copied)
  fillGaps(work, (out, at, length) => arch.padCode(out, at, length))
}

/** Writes chunk after chunk as they settle. False when it was told to stop. */
function write(work: ImageWork, control: Int32Array, descriptor: number): boolean {
  const { image } = work
  const needs = settledBy(work)
  const isWritten = new Uint8Array(needs.length)
  let left = needs.length
  while (left > 0) {
    const settled = Atomics.load(control, Control.Settled)
    if (settled === stopped) return false
    let some = false
    for (let chunk = 0; chunk < needs.length; chunk++) {
      if (isWritten[chunk] === 1 || needs[chunk]! > settled) continue
      let at = chunk * chunkSize
      const end = Math.min(at + chunkSize, image.length)
      while (at < end) at += writeSync(descriptor, image, at, end - at, at)
      isWritten[chunk] = 1
      left--
      some = true
    }
    if (!some && left > 0) Atomics.wait(control, Control.Settled, settled)
  }
  return true
}

/** By chunk: how many files must be settled before it can be written. */
function settledBy(work: ImageWork): Int32Array {
  // Nothing is settled before the first file is.
  const needs = new Int32Array(Math.ceil(work.image.length / chunkSize)).fill(1)
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
