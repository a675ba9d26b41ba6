/**
 * Files that several threads read into memory that all of them see. Whoever needs a file takes it; one that another thread
 * has taken is waited for. Nothing else is exchanged, so neither thread needs its event loop.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import type { Memory } from '../kernels/compute.ts'
import { type SizedFile, systemPath } from './file-status.ts'
import { type Indexer, type IndexRoom, indexFile, indexRoom } from './index-file.ts'

/** Values of SharedFiles.state. */
const State = { Waiting: 0, Taken: 1, Ready: 2, Failed: 3 } as const

export interface SharedFile {
  /** Latin-1 */
  readonly path: string
  readonly bytes: Uint8Array
  /** for the indexes of its objects; absent where no thread has compiled kernels */
  readonly index?: IndexRoom
}

/** Plain data: it goes to the other thread as it is. */
export interface SharedFiles {
  readonly files: readonly SharedFile[]
  /** by file: State; in shared memory */
  readonly state: Int32Array
}

/** Room for files of these sizes (bytes); nothing is read yet. Fresh memory costs nothing until it is touched. */
export function shareFiles(files: readonly SizedFile[], memory?: Memory): SharedFiles {
  const room = (size: number): Uint8Array => memory?.uint8(size) ?? new Uint8Array(new SharedArrayBuffer(size))
  return {
    files: files.map(({ path, size }) => ({
      path,
      bytes: room(size),
      ...(memory === undefined ? {} : { index: indexRoom(memory, size) }),
    })),
    state: new Int32Array(new SharedArrayBuffer(Math.max(4, files.length * 4))),
  }
}

/** Reads what nobody has taken, in order. For the thread that has nothing else to do. */
export function readAll(shared: SharedFiles, indexer?: Indexer): void {
  for (let index = 0; index < shared.files.length; index++) read(shared, index, indexer)
}

/**
 * Content of a file, read now if nobody has taken it, else as soon as it is there: until then those behind it are read.
 * Undefined: it could not be read.
 */
export function awaitFile(shared: SharedFiles, index: number, indexer?: Indexer): Uint8Array | undefined {
  const { state, files } = shared
  read(shared, index, indexer)
  for (let next = index + 1; next < files.length && Atomics.load(state, index) === State.Taken; next++)
    read(shared, next, indexer)
  while (Atomics.load(state, index) === State.Taken) Atomics.wait(state, index, State.Taken)
  return Atomics.load(state, index) === State.Ready ? files[index]!.bytes : undefined
}

/** Reads a file unless somebody has taken it. */
function read({ files, state }: SharedFiles, index: number, indexer: Indexer | undefined): void {
  if (Atomics.compareExchange(state, index, State.Waiting, State.Taken) !== State.Waiting) return
  const { path, bytes, index: room } = files[index]!
  const isRead = readWhole(path, bytes)
  if (isRead && room !== undefined && indexer !== undefined)
    try {
      indexFile(bytes, room, indexer)
    } catch {
      // Whoever waits for the file must not wait for ever; the loading stage makes the index itself, and shows what is wrong.
      room.starts[0] = 0
    }
  Atomics.store(state, index, isRead ? State.Ready : State.Failed)
  Atomics.notify(state, index)
}

/** False when the file can't be read or has another size by now. */
function readWhole(path: string, bytes: Uint8Array): boolean {
  try {
    const descriptor = openSync(systemPath(path), 'r')
    try {
      if (fstatSync(descriptor).size !== bytes.length) return false
      let at = 0
      while (at < bytes.length) {
        const count = readSync(descriptor, bytes, at, bytes.length - at, at)
        if (count === 0) return false
        at += count
      }
      return true
    } finally {
      closeSync(descriptor)
    }
  } catch {
    return false
  }
}
