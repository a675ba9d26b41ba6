/**
 * Puts the contents of the output sections into the image: input bytes copied from the files, script data, fills of gaps.
 * Relocation follows in place. The image is fresh memory, so zeros are never written.
 *
 * Copying goes file by file and padding run by run, as pieces that any thread takes (kernels/image.ts).
 */
import { SHF_EXECINSTR, SHT_NOBITS } from '../../elf/constants.ts'
import type { Helper, ImageWriting } from '../../host.ts'
import { held, type Work } from '../../kernels/compute.ts'
import { type CopyRecord, neverSettled } from '../../kernels/image.ts'
import { fileColumns } from '../records/file-columns.ts'
import { ContentKind, type Contents, type Layout, type PlacedSection } from '../records/placement.ts'
import type { Program } from '../records/program.ts'
import type { UsualRows } from '../relocate/usual-rows.ts'
import { Padding } from './padding.ts'

/** sections that a kernel looks at in one call */
const sectionBlock = 16_384

/** Contents on their way into an image. */
export interface Filling extends Work {
  readonly image: Uint8Array
  readonly layout: Layout
  /** relocates what is copied; undefined: nobody does yet */
  readonly usual: UsualRows | undefined
}

/** How far an image is. */
export interface ImageProgress {
  /** has relocated what was copied when `finish` returns */
  readonly usual: UsualRows | undefined
  /** Returns when all contents are in the image. */
  finish(): void
  /**
   * The usual relocations are applied: what is final may be written to disk.
   * @param left by section: not 0 where relocations are left to do
   */
  relocated(left: Uint8Array): void
  /** Nothing is left to do in the contents of files 0 to `file` that are copied. */
  settle(file: number): void
}

/**
 * Begins to put contents that are not edited into the image; `finish` returns when they are there.
 * @param image may be larger than the output
 * @param usual made for the same image and layout: relocates what is copied
 */
export function beginContents(
  image: Uint8Array,
  program: Program,
  contents: Contents,
  layout: Layout,
  usual?: UsualRows,
): Filling {
  const { compute } = program
  const record = copyRecord(image, program, contents, layout)
  const copying = usual?.beginCopying(record) ?? compute.begin('copyFile', record, program.files.length)
  const padding = new Padding(image, program, contents, layout)
  for (const output of layout.outputs) if (output.type !== SHT_NOBITS && output.size > 0) fillSection(padding, output)
  const filling = padding.begin()
  let isDone = false
  return {
    image,
    layout,
    usual,
    finish: () => {
      if (isDone) return
      isDone = true
      copying.finish()
      const { leftFiles } = record
      for (let file = leftFiles.indexOf(1); file >= 0; file = leftFiles.indexOf(1, file + 1))
        copyLeft(image, program, contents, layout, file)
      filling.finish()
    },
  }
}

/**
 * Writes all contents; what is not edited goes on when this returns.
 * @param begun contents that are on their way; used if it is the same image and the same layout
 * @param unsettled pairs of offsets in the image: what changes until the very end
 */
export function writeSections(
  image: Uint8Array,
  program: Program,
  contents: Contents,
  layout: Layout,
  begun?: Filling,
  helper?: Helper,
  unsettled: readonly number[] = [],
): ImageProgress {
  const isSame = begun?.layout === layout && begun.image.buffer === image.buffer
  if (!isSame) begun?.finish()
  const filling = isSame ? begun : beginContents(image, program, contents, layout)
  writeEdited(image, program, contents, layout)
  let writing: ImageWriting | undefined
  return {
    usual: filling.usual,
    finish: () => filling.finish(),
    relocated: left => {
      if (helper === undefined) return
      const needs = chunkNeeds(image, program, contents, layout, left, helper.chunkSize, unsettled)
      writing = helper.writeImage(image, needs)
    },
    settle: file => writing?.settle(file + 1),
  }
}

function copyRecord(image: Uint8Array, program: Program, contents: Contents, layout: Layout): CopyRecord {
  const { files, sections, compute } = program
  const { memory } = compute
  const { views, viewSize, firstSection, sectionCount } = fileColumns(program)
  return {
    image: new DataView(image.buffer, image.byteOffset, image.byteLength),
    imageSize: image.length,
    views,
    viewSize,
    firstSection,
    sectionCount,
    kind: held(memory, contents.kind),
    from: held(memory, sections.offset),
    size: held(memory, contents.size),
    outputOf: held(memory, layout.outputOf),
    offsetOf: held(memory, layout.offsetOf),
    outputStart: outputStarts(program, layout),
    leftFiles: memory.uint8(files.length),
  }
}

/** By output section: offset in the image; -1: it has no bytes there. */
function outputStarts(program: Program, { outputs }: Layout): Float64Array {
  const starts = program.compute.memory.float64(outputs.length)
  for (let i = 0; i < outputs.length; i++) starts[i] = outputs[i]!.type === SHT_NOBITS ? -1 : outputs[i]!.fileOffset
  return starts
}

/** A file that the kernel did not copy, or only in parts. */
function copyLeft(image: Uint8Array, program: Program, contents: Contents, layout: Layout, file: number): void {
  const { bytes, firstSection, sectionCount } = program.files[file]!
  const { outputOf, offsetOf, outputs } = layout
  for (let id = firstSection; id < firstSection + sectionCount; id++) {
    if (contents.kind[id] !== ContentKind.Copy) continue
    const home = outputOf[id]!
    if (home < 0 || outputs[home]!.type === SHT_NOBITS) continue
    const start = program.sections.offset[id]!
    image.set(bytes.subarray(start, start + contents.size[id]!), outputs[home]!.fileOffset + offsetOf[id]!)
  }
}

/** Bytes of the contents that will be copied as they are: nearly all of the image. */
export function copiedBytes(program: Program, { kind, size }: Contents): number {
  const { kernels } = program.compute
  let bytes = 0
  for (let id = 0; id < kind.length; id += sectionBlock)
    bytes += kernels.copiedSize(kind, size, id, Math.min(kind.length, id + sectionBlock))
  return bytes
}

/** Merged strings, frames and other contents that are not as the file has them. */
function writeEdited(image: Uint8Array, program: Program, contents: Contents, layout: Layout): void {
  const { kernels } = program.compute
  const { kind } = contents
  const frames = contents.beginFrames(image, layout)
  for (let from = 0; from < kind.length; from += sectionBlock) {
    const end = Math.min(kind.length, from + sectionBlock)
    for (let id = kernels.nextEdited(kind, from, end); id < end; id = kernels.nextEdited(kind, id + 1, end)) {
      const home = layout.outputOf[id]!
      if (home < 0 || layout.outputs[home]!.type === SHT_NOBITS) continue
      contents.write(id, image, layout.outputs[home]!.fileOffset + layout.offsetOf[id]!)
    }
  }
  frames.finish()
}

/** Script data and what stands between the contents. */
function fillSection(padding: Padding, output: PlacedSection): void {
  const { image } = padding
  const base = output.fileOffset
  const isInCode = (output.flags & SHF_EXECINSTR) !== 0
  let end = 0
  for (const part of output.parts) {
    if (part.kind === 'assign') continue
    const wanted = part.fill ?? output.fill
    // Zeros are there already.
    const isZero = wanted !== undefined && wanted.length > 0 && wanted.every(byte => byte === 0)
    const fill = isZero ? undefined : wanted
    const isCode = isInCode && !isZero
    if (part.kind === 'gap') {
      padding.fill(base, end, part.offset + part.size, fill, isCode)
      end = Math.max(end, part.offset + part.size)
    } else if (part.kind === 'bytes') {
      if (part.offset > end) padding.fill(base, end, part.offset, fill, isCode)
      image.set(part.bytes, base + part.offset)
      end = part.offset + part.bytes.length
    } else if (part.ids.length > 0) end = padding.fillRun(base, end, part.ids, fill, isCode)
  }
  if (end < output.size) padding.fill(base, end, output.size, output.fill, isInCode)
}

/** By chunk of the image: how many files must be settled before it is final; `neverSettled` when they do not say. */
function chunkNeeds(
  image: Uint8Array,
  program: Program,
  contents: Contents,
  layout: Layout,
  left: Uint8Array,
  chunkSize: number,
  unsettled: readonly number[],
): Int32Array {
  const { kernels, memory } = program.compute
  const chunkCount = Math.ceil(image.length / chunkSize)
  const needs = memory.int32(chunkCount)
  const record = {
    kind: held(memory, contents.kind),
    size: held(memory, contents.size),
    file: held(memory, program.sections.file),
    outputOf: held(memory, layout.outputOf),
    offsetOf: held(memory, layout.offsetOf),
    outputStart: outputStarts(program, layout),
    left: held(memory, left),
    chunkSize,
    chunkCount,
    needs,
  }
  const count = contents.kind.length
  for (let id = 0; id < count; id += sectionBlock) kernels.markUnsettled(record, id, Math.min(count, id + sectionBlock))
  for (let i = 0; i < unsettled.length; i += 2)
    if (unsettled[i]! < unsettled[i + 1]!)
      needs.fill(neverSettled, Math.floor(unsettled[i]! / chunkSize), Math.ceil(unsettled[i + 1]! / chunkSize))
  return needs
}
