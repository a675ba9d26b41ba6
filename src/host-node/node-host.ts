/**
 * Host over the file system.
 *
 * Small files are read into shared chunks: one allocation for hundreds of objects instead of one each, and no second
 * copy. Large files get a buffer of their own. Paths are Latin-1 strings (one character per byte), so that names that
 * are no UTF-8 work; plain ASCII paths go to the system as they are.
 */

import { closeSync, fstatSync, openSync, readSync, realpathSync } from 'node:fs'
import type { Host, HostFailure } from '../host.ts'
import type { FileIndex } from '../input/object-index.ts'
import type { Compute } from '../kernels/compute.ts'
import { builtin } from './builtin.ts'
import { statusOf, systemPath } from './file-status.ts'
import type { HelperThread } from './helper-thread.ts'

/** bytes of one chunk for small files; fresh memory costs nothing until touched */
const chunkSize = 16 << 20
/** files above this many bytes are not put into a chunk */
const largeFile = 4 << 20
/** each file starts at a multiple of this, so that tables in it can be viewed as typed arrays */
const fileAlign = 16

export class NodeHost implements Host {
  private chunk: Uint8Array = new Uint8Array(0)
  private used = 0
  /** total bytes read */
  bytesRead = 0
  readonly helper: HelperThread | undefined
  readonly compute?: Compute
  readonly expectedBytes: number

  /** @param bytes of the inputs, where they are known */
  constructor(helper?: HelperThread, compute: Compute | undefined = helper?.compute, bytes = helper?.totalBytes ?? 0) {
    this.helper = helper
    if (compute !== undefined) this.compute = compute
    this.expectedBytes = bytes
  }

  shareRead(): number {
    // More than was expected: nothing is known of what is still to come.
    return this.bytesRead > this.expectedBytes ? 0 : this.bytesRead / Math.max(1, this.expectedBytes)
  }

  indexOf(path: string): FileIndex | undefined {
    return this.helper?.indexOf(path)
  }

  read(path: string): Uint8Array | HostFailure {
    const ready = this.helper?.read(path)
    if (ready !== undefined) {
      this.bytesRead += ready.length
      return ready
    }
    let descriptor: number
    try {
      descriptor = openSync(systemPath(path), 'r')
    } catch (error) {
      return failureOf(error)
    }
    try {
      const status = fstatSync(descriptor)
      if (status.isDirectory()) return { failure: 'directory', detail: 'Is a directory' }
      if (!status.isFile()) return this.readStream(descriptor)
      if (status.size > 0xffff_ffff) return { failure: 'too-large', detail: 'file is larger than 4 GiB' }
      return this.readSized(descriptor, status.size)
    } catch (error) {
      return failureOf(error)
    } finally {
      closeSync(descriptor)
    }
  }

  readStart(path: string, bytes: number): Uint8Array | undefined {
    let descriptor: number | undefined
    try {
      descriptor = openSync(systemPath(path), 'r')
      if (!fstatSync(descriptor).isFile()) return undefined
      const start = new Uint8Array(bytes)
      return start.subarray(0, readSync(descriptor, start, 0, bytes, 0))
    } catch {
      return undefined
    } finally {
      if (descriptor !== undefined) closeSync(descriptor)
    }
  }

  exists(path: string): boolean {
    return statusOf(path)?.isFile() === true
  }

  canonical(path: string): string {
    try {
      return realpathSync(systemPath(path), 'latin1')
    } catch {
      return path
    }
  }

  digest(algorithm: 'sha1' | 'md5' | 'sha256', bytes: Uint8Array): Uint8Array {
    // node:crypto takes several milliseconds to load, and only a build id needs it
    const { createHash } = builtin('crypto')
    return createHash(algorithm).update(bytes).digest()
  }

  deflate(bytes: Uint8Array): Uint8Array {
    const { deflateSync } = builtin('zlib')
    return deflateSync(bytes)
  }

  private readSized(descriptor: number, size: number): Uint8Array {
    const bytes = size > largeFile ? this.memory(size) : this.room(size)
    let at = 0
    while (at < size) {
      const count = readSync(descriptor, bytes, at, size - at, at)
      // the file became shorter while we read it
      if (count === 0) return bytes.subarray(0, at)
      at += count
    }
    this.bytesRead += at
    return bytes
  }

  /** Pipes and devices have no size: read until the end. */
  private readStream(descriptor: number): Uint8Array {
    const pieces: Buffer[] = []
    for (;;) {
      const piece = Buffer.allocUnsafe(64 << 10)
      const count = readSync(descriptor, piece, 0, piece.length, null)
      if (count === 0) break
      pieces.push(piece.subarray(0, count))
      this.bytesRead += count
    }
    const whole = this.memory(pieces.reduce((sum, piece) => sum + piece.length, 0))
    let at = 0
    for (const piece of pieces) {
      whole.set(piece, at)
      at += piece.length
    }
    return whole
  }

  /** A helper and compiled kernels see what lies in shared memory. */
  private memory(bytes: number): Uint8Array {
    if (this.compute !== undefined) return this.compute.memory.uint8(bytes)
    return new Uint8Array(this.helper === undefined ? new ArrayBuffer(bytes) : new SharedArrayBuffer(bytes))
  }

  private room(size: number): Uint8Array {
    if (this.used + size > this.chunk.length) {
      this.chunk = this.memory(chunkSize)
      this.used = 0
    }
    const bytes = this.chunk.subarray(this.used, this.used + size)
    this.used = (this.used + size + fileAlign - 1) & -fileAlign
    return bytes
  }
}

/** The words for a system error. */
export function failureOf(error: unknown): HostFailure {
  const code = (error as { code?: string }).code ?? ''
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return { failure: 'missing', detail: 'No such file or directory' }
    case 'EISDIR':
      return { failure: 'directory', detail: 'Is a directory' }
    case 'EACCES':
    case 'EPERM':
      return { failure: 'denied', detail: 'Permission denied' }
    default:
      return { failure: 'other', detail: (error as Error).message.replace(/^[A-Z]+: /, '').replace(/, \w+ .*$/, '') }
  }
}
