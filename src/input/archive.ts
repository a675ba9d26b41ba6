/**
 * Archives (`ar`): members, their names, and the symbol index.
 *
 * Three dialects share one frame of 60-byte headers: GNU (long names in a `//` member, index `/` or `/SYM64/`), BSD (long
 * names in front of the contents, index `__.SYMDEF`), and thin archives (GNU names, members are files of their own).
 * Nothing is decoded before it is asked for: a link reads few members of a large library.
 */
import { damagedArchive } from '../diag/catalogue/input.ts'
import { inFile } from '../diag/diagnostic.ts'
import type { Report } from '../diag/report.ts'

export interface Member {
  /** Latin-1; for thin archives the path as stored */
  readonly name: string
  /** offset of the contents in the archive, bytes (thin archives: 0, the member is a file of its own) */
  readonly offset: number
  readonly size: number
}

/** The symbol index, columns by entry. */
export interface ArchiveIndex {
  readonly count: number
  /** offset of each name in the archive's bytes; of the first one when they stand one behind the other */
  readonly names: Uint32Array | number
  /** offset of the header of the member that defines it */
  readonly members: Float64Array
  /** offset behind the last name */
  readonly end: number
}

export interface Archive {
  readonly path: string
  readonly bytes: Uint8Array
  readonly thin: boolean
  /** undefined: the archive has none, or it was not wanted */
  readonly index: ArchiveIndex | undefined
  /** offset of the first ordinary header */
  readonly firstMember: number
  /** long names: offset and size in `bytes` */
  readonly longNames: number
  readonly longNamesSize: number
}

const headerSize = 60
const magicSize = 8
const slash = 0x2f

/**
 * Opens an archive: reads the index and finds the table of long names. Undefined after an error.
 * @param wantsIndex false: every member will be loaded, and the index stays unread
 */
export function openArchive(path: string, bytes: Uint8Array, report: Report, wantsIndex = true): Archive | undefined {
  const thin = bytes[2] === 0x74
  let index: ArchiveIndex | undefined
  let longNames = 0
  let longNamesSize = 0
  let at = magicSize
  while (at < bytes.length) {
    const size = contentSize(path, bytes, at, report)
    if (size < 0) return undefined
    const name = rawName(bytes, at)
    const content = at + headerSize
    const bsdIndex = isBsdIndexName(name, bytes, content, size)
    if (name !== '/' && name !== '//' && name !== '/SYM64/' && bsdIndex === 0) break
    if (content + size > bytes.length) {
      damaged(path, at, `member ${name} has ${size} bytes, but only ${bytes.length - content} are left`, report)
      return undefined
    }
    if (name === '//') {
      longNames = content
      longNamesSize = size
    } else if (wantsIndex) {
      const read =
        bsdIndex !== 0
          ? readBsdIndex(bytes, content + bsdIndex - 1, size - bsdIndex + 1)
          : readGnuIndex(bytes, content, size, name === '/' ? 4 : 8)
      if (read === undefined) {
        damaged(path, at, 'the symbol index contradicts its size', report)
        return undefined
      }
      index ??= read
    }
    at = content + size + (size & 1)
  }
  return { path, bytes, thin, index, firstMember: at, longNames, longNamesSize }
}

/** The member whose header is at `at`. Undefined after an error. */
export function memberAt(archive: Archive, at: number, report: Report): Member | undefined {
  const { bytes, path } = archive
  if (!(at >= magicSize && at + headerSize <= bytes.length)) {
    damaged(path, at, `no member header here: the archive has ${bytes.length} bytes`, report)
    return undefined
  }
  let size = contentSize(path, bytes, at, report)
  if (size < 0) return undefined
  let name = ''
  let offset = at + headerSize
  const inFront = bsdNameLength(bytes, at)
  const longName = bytes[at] === 0x2f ? decimal(bytes, at + 1, 15) : -1
  if (inFront >= 0) {
    if (inFront > size) {
      damaged(path, at, `name of ${inFront} bytes in a member of ${size}`, report)
      return undefined
    }
    name = text(bytes, offset, Math.min(offset + inFront, bytes.length)).replace(/\0+$/, '')
    offset += inFront
    size -= inFront
  } else if (longName >= 0) {
    if (longName >= archive.longNamesSize) {
      damaged(path, at, `name at ${longName} of a name table of ${archive.longNamesSize} bytes`, report)
      return undefined
    }
    const limit = archive.longNames + archive.longNamesSize
    const start = archive.longNames + longName
    let end = start
    while (end < limit && bytes[end] !== 0x0a && bytes[end] !== 0) end++
    if (end > start && bytes[end - 1] === slash) end--
    name = text(bytes, start, end)
  } else {
    let end = at + 16
    while (end > at && bytes[end - 1] === 0x20) end--
    if (end > at + 1 && bytes[end - 1] === slash) end--
    name = text(bytes, at, end)
  }
  if (archive.thin) return { name, offset: 0, size }
  if (offset + size > bytes.length) {
    damaged(
      path,
      at,
      `member ${name} has ${size} bytes, but only ${bytes.length - offset} are left (truncated)`,
      report,
    )
    return undefined
  }
  return { name, offset, size }
}

/** Offset of the header behind the one at `at`; a value of at least the archive's size ends the walk. */
export function nextMember(archive: Archive, at: number): number {
  const size = archive.thin ? 0 : decimal(archive.bytes, at + 48, 10)
  const end = at + headerSize + Math.max(size, 0)
  return end + (end & 1)
}

/** Size field of the header at `at`, or -1 after an error. */
function contentSize(path: string, bytes: Uint8Array, at: number, report: Report): number {
  if (at + headerSize > bytes.length) {
    damaged(path, at, `member header of 60 bytes expected, ${bytes.length - at} bytes left (truncated)`, report)
    return -1
  }
  if (bytes[at + 58] !== 0x60 || bytes[at + 59] !== 0x0a) {
    damaged(path, at, 'no member header here (it must end in a back quote and a newline)', report)
    return -1
  }
  const size = decimal(bytes, at + 48, 10)
  if (size < 0)
    damaged(path, at, `member size is '${text(bytes, at + 48, at + 58)}', expected a decimal number`, report)
  return size
}

/** Digits followed by spaces; -1 for anything else. */
function decimal(bytes: Uint8Array, at: number, width: number): number {
  let value = 0
  let i = 0
  for (; i < width; i++) {
    const digit = bytes[at + i]! - 0x30
    if (digit < 0 || digit > 9) break
    value = value * 10 + digit
  }
  if (i === 0) return -1
  for (; i < width; i++) if (bytes[at + i] !== 0x20) return -1
  return value
}

function rawName(bytes: Uint8Array, at: number): string {
  return text(bytes, at, at + 16).replace(/ +$/, '')
}

/** Bytes of the name that stands in front of the contents, `#1/LENGTH` in the header; -1: the name is in the header. */
function bsdNameLength(bytes: Uint8Array, at: number): number {
  return bytes[at] === 0x23 && bytes[at + 1] === 0x31 && bytes[at + 2] === slash ? decimal(bytes, at + 3, 13) : -1
}

/** 0: no BSD index; otherwise 1 + bytes of the name in front of the contents. */
function isBsdIndexName(name: string, bytes: Uint8Array, content: number, size: number): number {
  if (name === '__.SYMDEF' || name === '__.SYMDEF SORTED') return 1
  const length = bsdNameLength(bytes, content - headerSize)
  if (length < 0 || length > size || length > 64) return 0
  return /^__\.SYMDEF( SORTED)?\0*$/.test(text(bytes, content, Math.min(content + length, bytes.length)))
    ? 1 + length
    : 0
}

/** Count, offsets (big-endian, 4 or 8 bytes each), names one after the other. */
function readGnuIndex(bytes: Uint8Array, at: number, size: number, width: 4 | 8): ArchiveIndex | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = at + size
  if (size < width) return size === 0 ? { count: 0, names: 0, members: new Float64Array(0), end } : undefined
  const wordAt = (offset: number): number =>
    width === 4 ? view.getUint32(offset) : view.getUint32(offset) * 0x1_0000_0000 + view.getUint32(offset + 4)
  const count = wordAt(at)
  if (count * width > size - width) return undefined
  const members = new Float64Array(count)
  for (let i = 0; i < count; i++) members[i] = wordAt(at + width + i * width)
  return { count, names: at + width + count * width, members, end }
}

/** Size of the pairs, pairs (name offset, member offset), size of the names, names; in the byte order that makes sense. */
function readBsdIndex(bytes: Uint8Array, at: number, size: number): ArchiveIndex | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (size < 8) return undefined
  for (const little of [true, false]) {
    const pairs = view.getUint32(at, little)
    if (pairs % 8 !== 0 || pairs > size - 8) continue
    const namesSize = view.getUint32(at + 4 + pairs, little)
    if (namesSize > size - 8 - pairs) continue
    const count = pairs / 8
    const names = new Uint32Array(count)
    const members = new Float64Array(count)
    const base = at + 8 + pairs
    for (let i = 0; i < count; i++) {
      const name = view.getUint32(at + 4 + i * 8, little)
      if (name >= namesSize) return undefined
      names[i] = base + name
      members[i] = view.getUint32(at + 8 + i * 8, little)
    }
    return { count, names, members, end: base + namesSize }
  }
  return undefined
}

function text(bytes: Uint8Array, start: number, end: number): string {
  let result = ''
  let at = start
  for (; at + 8 <= end; at += 8)
    result += String.fromCharCode(
      bytes[at]!,
      bytes[at + 1]!,
      bytes[at + 2]!,
      bytes[at + 3]!,
      bytes[at + 4]!,
      bytes[at + 5]!,
      bytes[at + 6]!,
      bytes[at + 7]!,
    )
  for (; at < end; at++) result += String.fromCharCode(bytes[at]!)
  return result
}

/** The symbol index contradicts its size. */
export function damagedIndex(archive: Archive, report: Report): void {
  damaged(archive.path, magicSize, 'the symbol index contradicts its size', report)
}

function damaged(path: string, offset: number, problem: string, report: Report): void {
  report.add(damagedArchive({ offset, problem }), inFile(path))
}
