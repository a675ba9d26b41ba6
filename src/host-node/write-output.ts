/**
 * Puts the result of a link on disk, whole or not at all: a temporary file beside the target, then a rename. A program
 * that runs from the old file goes on (its file lives until it ends), and a failed link leaves the old file alone.
 */
import { closeSync, fstatSync, lstatSync, openSync, renameSync, statSync, unlinkSync, writeSync } from 'node:fs'
import type { HostFailure } from '../host.ts'
import { systemPath } from './file-status.ts'
import { failureOf } from './node-host.ts'

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
  const file = new OutputFile(path, mode)
  try {
    writeAll(file.descriptor, bytes)
  } catch (error) {
    file.discard()
    throw error
  }
  file.place()
}

function writeTo(path: string | Buffer, flags: string, bytes: Uint8Array, mode: number): void {
  const descriptor = openSync(path, flags, mode)
  try {
    writeAll(descriptor, bytes)
  } finally {
    closeSync(descriptor)
  }
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  let at = 0
  // one call writes at most 2 GiB
  while (at < bytes.length) at += writeSync(descriptor, bytes, at, Math.min(bytes.length - at, 1 << 30))
}

/**
 * Outputs of so many bytes do not replace the old one by a single rename: file systems (ext4, unless told otherwise) take
 * that for a sign to send the new file to the disk at once, which takes longer than writing it.
 */
const largeOutput = 8 << 20

/** The temporary file that becomes the output. */
export class OutputFile {
  private readonly path: string
  private readonly temporary: string | Buffer
  readonly descriptor: number

  /** Throws the system's error. */
  constructor(path: string, mode: number) {
    this.path = path
    this.temporary = systemPath(`${path}.tsld-${process.pid}.tmp`)
    this.descriptor = openSync(this.temporary, 'wx', mode)
  }

  /** Undefined where the output is no file that could be replaced, or its folder takes no new file. */
  static open(path: string, mode: number): OutputFile | undefined {
    try {
      const status = statSync(systemPath(path), { throwIfNoEntry: false })
      return status === undefined || status.isFile() ? new OutputFile(path, mode) : undefined
    } catch {
      return undefined
    }
  }

  /** The file takes the output's place. Throws the system's error, and then it is gone. */
  place(): void {
    try {
      const { size } = fstatSync(this.descriptor)
      closeSync(this.descriptor)
      const target = systemPath(this.path)
      // A symbolic link is replaced as GNU ld replaces it: the link goes, its target stays as it is.
      if (size >= largeOutput && lstatSync(target, { throwIfNoEntry: false })?.isFile()) this.exchange(target)
      else renameSync(this.temporary, target)
    } catch (error) {
      this.remove()
      throw error
    }
  }

  /** The old output steps aside, and comes back if the new one cannot take its place. */
  private exchange(target: string | Buffer): void {
    const aside = systemPath(`${this.path}.tsld-${process.pid}.old`)
    renameSync(target, aside)
    try {
      renameSync(this.temporary, target)
    } catch (error) {
      renameSync(aside, target)
      throw error
    }
    try {
      unlinkSync(aside)
    } catch {
      // the output is there, and whole
    }
  }

  /** `place` that says whether it worked. */
  keep(): boolean {
    try {
      this.place()
      return true
    } catch {
      return false
    }
  }

  /** Gives the file up; false. */
  discard(): false {
    try {
      closeSync(this.descriptor)
    } catch {
      // what was written does not matter any more
    }
    this.remove()
    return false
  }

  private remove(): void {
    try {
      unlinkSync(this.temporary)
    } catch {
      // it was never made
    }
  }
}
