/** Contents of the image: input bytes copied from the files, and no-operations between the functions of code. */
import { ContentKind } from '../engine/records/placement.ts'
import { copyBytes } from './bytes.ts'
import type { F64, I32 } from './types.ts'

/** What is copied as it is. */
export interface CopyRecord {
  readonly image: DataView
  /** bytes */
  readonly imageSize: F64
  /** by file: the bytes it lies in and how many they are; 0: they are elsewhere */
  readonly views: readonly DataView[]
  readonly viewSize: Float64Array
  readonly firstSection: Int32Array
  readonly sectionCount: Int32Array
  /** by section: ContentKind, offset in the file's bytes, size in the image, output section or -1, offset there */
  readonly kind: Uint8Array
  readonly from: Float64Array
  readonly size: Float64Array
  readonly outputOf: Int32Array
  readonly offsetOf: Float64Array
  /** by output section: offset in the image; below 0: it has no bytes there */
  readonly outputStart: Float64Array
  /** result by file: 1 when some section is left to the caller */
  readonly leftFiles: Uint8Array
}

/** Copies what the image takes of a file as it is. */
export function copyFile(record: CopyRecord, file: I32): void {
  const { image, imageSize, views, viewSize, firstSection, sectionCount } = record
  const { kind, from, size, outputOf, offsetOf, outputStart, leftFiles } = record
  const first = firstSection[file]!
  const end = first + sectionCount[file]!
  const view = views[file]!
  const limit = viewSize[file]!
  for (let section = first; section < end; section++) {
    if (kind[section]! !== ContentKind.Copy) continue
    const home = outputOf[section]!
    if (home < 0) continue
    const start = outputStart[home]!
    const bytes = size[section]!
    if (start < 0 || bytes === 0) continue
    const at = from[section]!
    const to = start + offsetOf[section]!
    if (at + bytes <= limit && to + bytes <= imageSize) copyBytes(image, to, view, at, bytes)
    else leftFiles[file] = 1
  }
}

/** input sections in one piece of `padRun` */
export const paddingPiece = 4096

/** gaps of more bytes are left to the caller */
export const longestPadding = 63

/** Sections of code that follow each other, without a pattern of their own for gaps. */
export interface PaddingRecord {
  readonly image: DataView
  /** by run: ids of its sections in order, and the offset of their output section in the image */
  readonly runs: readonly Int32Array[]
  readonly runBase: Float64Array
  /** by piece: its run; indices of the first section there and behind the last one */
  readonly run: Int32Array
  readonly from: Int32Array
  readonly to: Int32Array
  /** by section: offset in its output section, size */
  readonly offsetOf: Float64Array
  readonly size: Float64Array
  /** 64 bytes for each length of a gap up to `longestPadding` */
  readonly patterns: Uint8Array
  /** result by piece: 1 when a gap is left */
  readonly left: Uint8Array
}

/** Fills the gaps in front of the sections of a piece, but for that in front of the first section of a run. */
export function padRun(record: PaddingRecord, piece: I32): void {
  const { image, runs, runBase, run, from, to, offsetOf, size, patterns, left } = record
  const ids = runs[run[piece]!]!
  const base = runBase[run[piece]!]!
  const first = from[piece]!
  const last = to[piece]!
  const before = ids[first === 0 ? 0 : first - 1]!
  let end: F64 = offsetOf[before]! + size[before]!
  for (let i = first === 0 ? 1 : first; i < last; i++) {
    const id = ids[i]!
    const offset = offsetOf[id]!
    const gap = offset - end
    if (gap > longestPadding) left[piece] = 1
    else if (gap > 0) {
      const length = gap | 0
      const pattern = length * 64
      const at = (base + end) >>> 0
      for (let byte: I32 = 0; byte < length; byte++) image.setUint8(at + (byte >>> 0), patterns[pattern + byte]!)
    }
    end = offset + size[id]!
  }
}

/** Stands for more files than there are. */
export const neverSettled = 0x7fff_fffe

/** Chunks of the image, and what they wait for. */
export interface UnsettledRecord {
  readonly kind: Uint8Array
  readonly size: Float64Array
  readonly file: Int32Array
  readonly outputOf: Int32Array
  readonly offsetOf: Float64Array
  /** as CopyRecord has it */
  readonly outputStart: Float64Array
  /** by section: not 0 where something is left to do */
  readonly left: Uint8Array
  /** bytes of a chunk; the last one may be shorter */
  readonly chunkSize: F64
  readonly chunkCount: I32
  /** result by chunk: how many files must be settled before it is final */
  readonly needs: Int32Array
}

/**
 * Marks the chunks of those sections among `from` to `to` - 1 where something is left to do; what is made here or edited is
 * never settled, but for what was merged: it has no relocations.
 */
export function markUnsettled(record: UnsettledRecord, from: I32, to: I32): void {
  const { kind, size, file, outputOf, offsetOf, outputStart, left, chunkSize, chunkCount, needs } = record
  for (let section = from; section < to; section++) {
    const home = outputOf[section]!
    const isCopied = kind[section]! === ContentKind.Copy
    if (home < 0 || kind[section]! === ContentKind.Merged || (isCopied && left[section]! === 0)) continue
    const start = outputStart[home]!
    const bytes = size[section]!
    if (start < 0 || bytes === 0) continue
    const need = isCopied ? file[section]! + 1 : neverSettled
    const at = start + offsetOf[section]!
    const last = Math.min((at + bytes - 1) / chunkSize, (chunkCount - 1) as F64) | 0
    for (let chunk = (at / chunkSize) | 0; chunk <= last; chunk++) if (needs[chunk]! < need) needs[chunk] = need
  }
}

/** Bytes of the contents among sections `from` to `to` - 1 that are copied as they are. */
export function copiedSize(kind: Uint8Array, size: Float64Array, from: I32, to: I32): F64 {
  let bytes: F64 = 0
  for (let section = from; section < to; section++) if (kind[section]! === ContentKind.Copy) bytes += size[section]!
  return bytes
}

/** The first section among `from` to `to` - 1 whose bytes are edited, but for frames; `to` when there is none. */
export function nextEdited(kind: Uint8Array, from: I32, to: I32): I32 {
  for (let section = from; section < to; section++) {
    const how = kind[section]!
    if (how === ContentKind.Merged || how === ContentKind.Shortened || how === ContentKind.FunctionTable) return section
  }
  return to
}
