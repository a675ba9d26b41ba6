import type { FileIndex } from './input/object-index.ts'
import type { Compute } from './kernels/compute.ts'

/** The outside world as the core sees it. The core is synchronous and never touches `node:` itself. */
export interface Host {
  /** Whole content of a file, or why it can't be had. The bytes must not change afterwards. */
  read(path: string): Uint8Array | HostFailure
  /** Indexes of the objects in a file that was read, where they were made beforehand. */
  indexOf?(path: string): FileIndex | undefined
  /** The first bytes of a file, as many as asked for or fewer; undefined: it cannot be read. Absent: `read` serves. */
  readStart?(path: string, bytes: number): Uint8Array | undefined
  /** True for a regular file that can be opened; used for library search only. */
  exists(path: string): boolean
  /** Absolute path with links resolved, for comparing; the same path where that fails. */
  canonical?(path: string): string
  /** How much of the input was handed out so far, 0 to 1, where that is known: tables are made large enough at once. */
  shareRead?(): number
  /** bytes of the inputs that are known to come, where that is known before they are read */
  readonly expectedBytes?: number
  /** Digest of `bytes`, for --build-id. */
  digest?(algorithm: 'sha1' | 'md5' | 'sha256', bytes: Uint8Array): Uint8Array
  /** `bytes` as a zlib stream (RFC 1950), for --compress-debug-sections. */
  deflate?(bytes: Uint8Array): Uint8Array
  /** memory and loops for large links; absent: `plainCompute` */
  readonly compute?: Compute
  /** a second thread; without one this thread does everything, to the same bytes */
  readonly helper?: Helper
}

/** A second thread, which sees memory of this one. */
export interface Helper {
  /**
   * Memory for an image of about so many bytes, which the other thread makes ready.
   * @param tables bytes that may come on top
   */
  prepareImage(bytes: number, tables: number): Uint8Array
  /**
   * Begins to write an image in memory of `prepareImage` to where the output is to be, and returns at once.
   * @param needs by chunk of `chunkSize` bytes: how many files must be settled before it is final. In shared memory
   */
  writeImage(image: Uint8Array, needs: Int32Array): ImageWriting | undefined
  /** bytes */
  readonly chunkSize: number
}

/** An image that is being written. */
export interface ImageWriting {
  /** So many files are settled: what waits for no more of them is final. */
  settle(files: number): void
}

export interface HostFailure {
  readonly failure: 'missing' | 'directory' | 'denied' | 'too-large' | 'other'
  /** the system's words */
  readonly detail: string
}

export function isFailure(result: Uint8Array | HostFailure): result is HostFailure {
  return !(result instanceof Uint8Array)
}

/** A Host over a table of files: tests and browsers. */
export class MemoryHost implements Host {
  readonly files = new Map<string, Uint8Array>()

  constructor(files: Record<string, Uint8Array | string> = {}) {
    for (const [path, content] of Object.entries(files))
      this.files.set(path, typeof content === 'string' ? new TextEncoder().encode(content) : content)
  }

  read(path: string): Uint8Array | HostFailure {
    return this.files.get(path) ?? { failure: 'missing', detail: 'No such file or directory' }
  }

  exists(path: string): boolean {
    return this.files.has(path)
  }
}
