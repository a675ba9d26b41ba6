/** The outside world as the core sees it. The core is synchronous and never touches `node:` itself. */
export interface Host {
  /** Whole content of a file, or why it can't be had. The bytes must not change afterwards. */
  read(path: string): Uint8Array | HostFailure
  /** The first bytes of a file, as many as asked for or fewer; undefined: it cannot be read. Absent: `read` serves. */
  readStart?(path: string, bytes: number): Uint8Array | undefined
  /** True for a regular file that can be opened; used for library search only. */
  exists(path: string): boolean
  /** Absolute path with links resolved, for comparing; the same path where that fails. */
  canonical?(path: string): string
  /** How much of the input was handed out so far, 0 to 1, where that is known: tables are made large enough at once. */
  shareRead?(): number
  /** Digest of `bytes`, for --build-id. */
  digest?(algorithm: 'sha1' | 'md5' | 'sha256', bytes: Uint8Array): Uint8Array
  /** `bytes` as a zlib stream (RFC 1950), for --compress-debug-sections. */
  deflate?(bytes: Uint8Array): Uint8Array
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
