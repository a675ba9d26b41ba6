/** Names and sizes of files, as far as they are needed before anything is read. */
import { type Stats, statSync } from 'node:fs'

/** A path as the system wants it: Latin-1 strings stand for bytes, plain ASCII goes as it is. */
export function systemPath(path: string): string | Buffer {
  return /[\x80-\xff]/.test(path) ? Buffer.from(path, 'latin1') : path
}

/** What stands at a path. Undefined where nothing does, or where it cannot be seen: opening it will say why. */
export function statusOf(path: string): Stats | undefined {
  try {
    return statSync(systemPath(path), { throwIfNoEntry: false })
  } catch {
    // a folder that may not be searched, a name that is too long, links in a circle, a NUL in the name
    return undefined
  }
}

export interface SizedFile {
  /** Latin-1 */
  readonly path: string
  /** bytes */
  readonly size: number
}

/** Those of the paths that are files below 4 GiB, each once. */
export function sizedFiles(paths: readonly string[]): SizedFile[] {
  const found: SizedFile[] = []
  for (const path of new Set(paths)) {
    const status = statusOf(path)
    if (status?.isFile() && status.size <= 0xffff_ffff) found.push({ path, size: status.size })
  }
  return found
}
