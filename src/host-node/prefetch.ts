/**
 * Reading large files ahead of the link: several reads are in flight at once, so that the page faults of fresh memory,
 * which cost more than the copying, are taken by the threads of the pool.
 */
import { close, fstatSync, open, read } from 'node:fs'
import type { FilesAhead } from './node-host.ts'
import { type SizedFile, statusOf, systemPath } from './shared-files.ts'

/** reads in flight; the pool has four threads */
const inFlight = 4
/** files below this size are cheap to read one by one */
const smallFile = 256 << 10

/** Those of the paths that are files of `atLeast` bytes or more, each once. */
export function largeFiles(paths: readonly string[], atLeast = smallFile): SizedFile[] {
  const found: SizedFile[] = []
  for (const path of new Set(paths)) {
    const status = statusOf(path)
    if (status?.isFile() && status.size >= atLeast && status.size <= 0xffff_ffff)
      found.push({ path, size: status.size })
  }
  return found
}

/** Contents of the files. One that cannot be read is left out: the link will say why. */
export async function readFiles(files: readonly SizedFile[]): Promise<FilesAhead> {
  const found = new Map<string, Uint8Array>()
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < files.length) {
      const file = files[next++]!
      const bytes = await readWhole(file)
      if (bytes !== undefined) found.set(file.path, bytes)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  let totalBytes = 0
  for (const bytes of found.values()) totalBytes += bytes.length
  return { totalBytes, read: path => found.get(path) }
}

function readWhole(file: SizedFile): Promise<Uint8Array | undefined> {
  return new Promise(resolve => {
    open(systemPath(file.path), 'r', (failed, descriptor) => {
      if (failed) return resolve(undefined)
      const finish = (bytes: Uint8Array | undefined): void => close(descriptor, () => resolve(bytes))
      if (fstatSync(descriptor).size !== file.size) return finish(undefined)
      const bytes = new Uint8Array(file.size)
      let at = 0
      const more = (): void =>
        read(descriptor, bytes, at, file.size - at, at, (problem, count) => {
          if (problem || count === 0) return finish(undefined)
          at += count
          if (at < file.size) more()
          else finish(bytes)
        })
      more()
    })
  })
}
