import type { Program } from '../records/program.ts'

/** Bytes of the input files by id, as kernels take them. One object for all of them: tables of it are made once. */
export interface FileBytes {
  readonly bytes: readonly Uint8Array[]
  readonly views: readonly DataView[]
}

export function fileBytes({ files }: Program): FileBytes {
  return { bytes: files.map(file => file.bytes), views: files.map(file => file.view) }
}
