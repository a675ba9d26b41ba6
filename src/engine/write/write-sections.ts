/**
 * Puts the contents of the output sections into the image: input bytes copied from the files, script data, fills of gaps.
 * Relocation follows in place. The image is fresh memory, so zeros are never written.
 *
 * Copying goes file by file, as relocation does, so that a second thread of the host can copy in front of it.
 */
import { SHF_EXECINSTR, SHT_NOBITS } from '../../elf/constants.ts'
import type { Helper, ImagePart, ImageProgress, ImageSection, ImageWork } from '../../host.ts'
import type { Arch } from '../../target/target.ts'
import { ContentKind, type Contents, isEdited, type Layout } from '../records/placement.ts'
import type { Program } from '../records/program.ts'

/**
 * Writes all contents. With a helper, whose memory the image must be, copying and filling go on when this returns.
 * @param unsettled see ImageWork
 */
export function writeSections(
  image: Uint8Array,
  program: Program,
  contents: Contents,
  layout: Layout,
  helper?: Helper,
  unsettled: readonly number[] = [],
): ImageProgress | undefined {
  let progress: ImageProgress | undefined
  if (helper === undefined) {
    const { arch } = program
    const work = imageWork(image, program, contents, layout, unsettled)
    for (let file = 0; file < program.files.length; file++) copyFile(work, file)
    fillGaps(work, (out, at, length) => arch.padCode(out, at, length))
  } else {
    progress = helper.fillImage(sharedWork(imageWork(image, program, contents, layout, unsettled), helper))
  }
  writeEdited(image, contents, layout)
  return progress
}

function imageWork(
  image: Uint8Array,
  program: Program,
  contents: Contents,
  layout: Layout,
  unsettled: readonly number[],
): ImageWork {
  const { files, sections, arch } = program
  const sources: Uint8Array[] = []
  const numbers = new Map<Uint8Array, number>()
  const sourceOf = new Int32Array(files.length)
  for (let file = 0; file < files.length; file++) {
    const { bytes } = files[file]!
    let number = numbers.get(bytes)
    if (number === undefined) {
      number = sources.push(bytes) - 1
      numbers.set(bytes, number)
    }
    sourceOf[file] = number
  }
  return {
    image,
    machine: arch.machine,
    bits: arch.bits,
    littleEndian: arch.littleEndian,
    sources,
    sourceOf,
    firstSection: Int32Array.from(files, file => file.firstSection),
    sectionCount: Int32Array.from(files, file => file.sectionCount),
    from: sections.offset,
    kind: contents.kind,
    size: contents.size,
    outputOf: layout.outputOf,
    offsetOf: layout.offsetOf,
    outputs: layout.outputs,
    unsettled,
  }
}

/** The same work in memory that the helper sees, without what it needs not know. */
function sharedWork(work: ImageWork, helper: Helper): ImageWork {
  const isShared = (column: Uint8Array | Int32Array | Float64Array): boolean =>
    column.buffer instanceof SharedArrayBuffer
  const bytes = (column: Uint8Array): Uint8Array => {
    if (isShared(column)) return column
    const copy = new Uint8Array(helper.memory(column.length))
    copy.set(column)
    return copy
  }
  const doubles = (column: Float64Array): Float64Array => {
    if (isShared(column)) return column
    const copy = new Float64Array(helper.memory(column.length * 8))
    copy.set(column)
    return copy
  }
  const numbers = (column: Int32Array): Int32Array => {
    if (isShared(column)) return column
    const copy = new Int32Array(helper.memory(column.length * 4))
    copy.set(column)
    return copy
  }
  return {
    ...work,
    sources: work.sources.map(bytes),
    from: doubles(work.from),
    kind: bytes(work.kind),
    size: doubles(work.size),
    outputOf: numbers(work.outputOf),
    offsetOf: doubles(work.offsetOf),
    outputs: work.outputs.map(plainSection),
  }
}

function plainSection({ type, flags, size, fileOffset, fill, parts }: ImageSection): ImageSection {
  const plain: ImagePart[] = []
  for (const part of parts) {
    if (part.kind === 'sections') plain.push({ kind: 'sections', ids: part.ids, fill: part.fill })
    else if (part.kind === 'bytes')
      plain.push({ kind: 'bytes', offset: part.offset, bytes: part.bytes, fill: part.fill })
    else if (part.kind === 'gap') plain.push({ kind: 'gap', offset: part.offset, size: part.size, fill: part.fill })
  }
  return { type, flags, size, fileOffset, fill, parts: plain }
}

/** Copies what the image takes of a file as it is. */
export function copyFile(work: ImageWork, file: number): void {
  const { image, from, kind, size, outputOf, offsetOf, outputs } = work
  const bytes = work.sources[work.sourceOf[file]!]!
  const end = work.firstSection[file]! + work.sectionCount[file]!
  for (let id = work.firstSection[file]!; id < end; id++) {
    if (kind[id] !== ContentKind.Copy) continue
    const home = outputOf[id]!
    if (home < 0 || outputs[home]!.type === SHT_NOBITS) continue
    const start = from[id]!
    image.set(bytes.subarray(start, start + size[id]!), outputs[home]!.fileOffset + offsetOf[id]!)
  }
}

/** Bytes of the contents that will be copied as they are: nearly all of the image. */
export function copiedBytes({ kind, size }: Contents): number {
  let bytes = 0
  for (let id = 0; id < kind.length; id++) if (kind[id] === ContentKind.Copy) bytes += size[id]!
  return bytes
}

/** Merged strings, frames and other contents that are not as the file has them. */
function writeEdited(image: Uint8Array, contents: Contents, layout: Layout): void {
  const { kind } = contents
  for (let id = 0; id < kind.length; id++) {
    if (kind[id] === ContentKind.Copy || !isEdited(kind[id]!)) continue
    const home = layout.outputOf[id]!
    if (home < 0 || layout.outputs[home]!.type === SHT_NOBITS) continue
    contents.write(id, image, layout.outputs[home]!.fileOffset + layout.offsetOf[id]!)
  }
}

/** Script data and what stands between the contents. */
export function fillGaps(work: ImageWork, padCode: Arch['padCode']): void {
  for (const output of work.outputs)
    if (output.type !== SHT_NOBITS && output.size > 0) fillSection(work, output, padCode)
}

function fillSection(work: ImageWork, output: ImageSection, padCode: Arch['padCode']): void {
  const { image, offsetOf, size: sizes } = work
  const base = output.fileOffset
  const padding: Padding = { image, base, isCode: (output.flags & SHF_EXECINSTR) !== 0, padCode }
  let end = 0
  for (const part of output.parts) {
    if (part.kind === 'assign') continue
    const fill = part.fill ?? output.fill
    if (part.kind === 'gap') {
      pad(padding, end, part.offset + part.size, fill)
      end = Math.max(end, part.offset + part.size)
    } else if (part.kind === 'bytes') {
      if (part.offset > end) pad(padding, end, part.offset, fill)
      image.set(part.bytes, base + part.offset)
      end = part.offset + part.bytes.length
    } else {
      const { ids } = part
      for (let i = 0; i < ids.length; i++) {
        const offset = offsetOf[ids[i]!]!
        const size = sizes[ids[i]!]!
        if (offset > end) pad(padding, end, offset, fill)
        if (offset + size > end) end = offset + size
      }
    }
  }
  if (end < output.size) pad(padding, end, output.size, output.fill)
}

interface Padding {
  readonly image: Uint8Array
  readonly base: number
  readonly isCode: boolean
  readonly padCode: Arch['padCode']
}

/** Fills [from, to) of an output section. The pattern starts anew at `from`, as GNU ld's does. */
function pad(padding: Padding, from: number, to: number, pattern: Uint8Array | undefined): void {
  if (to <= from) return
  const { image, base } = padding
  if (pattern === undefined || pattern.length === 0) {
    if (padding.isCode) padding.padCode(image, base + from, to - from)
    return
  }
  if (pattern.length === 1) {
    image.fill(pattern[0]!, base + from, base + to)
    return
  }
  for (let at = from, i = 0; at < to; at++) {
    image[base + at] = pattern[i]!
    if (++i === pattern.length) i = 0
  }
}
