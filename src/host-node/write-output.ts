/**
 * Puts the result of a link on disk, whole or not at all: a temporary file beside the target, then a rename. A program
 * that runs from the old file goes on (its file lives until it ends), and a failed link leaves the old file alone.
 */
import { closeSync, openSync, renameSync, statSync, unlinkSync, writeSync } from 'node:fs'
import type { HostFailure } from '../host.ts'
import { failureOf } from './node-host.ts'
import { systemPath } from './shared-files.ts'

/**
 * Writes `bytes` to `path`. Devices, pipes and the like are written in place.
 * @param mode permission bits before the umask: 0o777 for programs, 0o666 for the rest
 */
export function writeOutput(path: string, bytes: Uint8Array, mode: number): HostFailure | undefined {
  try {
    const target = systemPath(path)
    const status = statSync(target, { throwIfNoEntry: false })
    if (status?.isDirectory()) return { failure: 'directory', detail: 'Is a directory' }
    if (status !== undefined && !status.isFile()) {
      writeTo(target, 'w', bytes, mode)
      return undefined
    }
    replaceFile(path, bytes, mode)
    return undefined
  } catch (error) {
    return failureOf(error)
  }
}

function replaceFile(path: string, bytes: Uint8Array, mode: number): void {
  // A symbolic link is replaced as GNU ld replaces it: the link goes, its target stays as it is.
  const temporary = systemPath(`${path}.tsld-${process.pid}.tmp`)
  try {
    writeTo(temporary, 'wx', bytes, mode)
    renameSync(temporary, systemPath(path))
  } catch (error) {
    try {
      unlinkSync(temporary)
    } catch {
      // it was never made
    }
    throw error
  }
}

function writeTo(path: string | Buffer, flags: string, bytes: Uint8Array, mode: number): void {
  const descriptor = openSync(path, flags, mode)
  try {
    let at = 0
    // one call writes at most 2 GiB
    while (at < bytes.length) at += writeSync(descriptor, bytes, at, Math.min(bytes.length - at, 1 << 30))
  } finally {
    closeSync(descriptor)
  }
}
