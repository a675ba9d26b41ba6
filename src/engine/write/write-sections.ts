/**
 * Puts the contents of the output sections into the image: input bytes copied from the files, script data, fills of gaps.
 * Relocation follows in place. The image is fresh memory, so zeros are never written.
 */
import { SHF_EXECINSTR, SHT_NOBITS } from '../../elf/constants.ts'
import { ContentKind, type Contents, isEdited, type Layout, type PlacedSection } from '../records/placement.ts'
import type { Program } from '../records/program.ts'

export function writeSections(image: Uint8Array, program: Program, contents: Contents, layout: Layout): void {
  for (const output of layout.outputs)
    if (output.type !== SHT_NOBITS && output.size > 0) writeSection(image, program, contents, layout, output)
}

function writeSection(
  image: Uint8Array,
  program: Program,
  contents: Contents,
  layout: Layout,
  output: PlacedSection,
): void {
  const { sections, files } = program
  const base = output.fileOffset
  const isCode = (output.flags & SHF_EXECINSTR) !== 0
  const padding: Padding = { image, base, isCode, arch: program.arch }
  let end = 0
  for (const part of output.parts) {
    const fill = part.kind === 'assign' ? undefined : (part.fill ?? output.fill)
    switch (part.kind) {
      case 'assign':
        break
      case 'gap':
        pad(padding, end, part.offset + part.size, fill)
        end = Math.max(end, part.offset + part.size)
        break
      case 'bytes':
        if (part.offset > end) pad(padding, end, part.offset, fill)
        image.set(part.bytes, base + part.offset)
        end = part.offset + part.bytes.length
        break
      case 'sections': {
        const { ids } = part
        for (let i = 0; i < ids.length; i++) {
          const id = ids[i]!
          const offset = layout.offsetOf[id]!
          const size = contents.size[id]!
          if (offset > end) pad(padding, end, offset, fill)
          const kind = contents.kind[id]!
          if (kind === ContentKind.Copy) {
            const from = sections.offset[id]!
            image.set(files[sections.file[id]!]!.bytes.subarray(from, from + size), base + offset)
          } else if (isEdited(kind)) {
            contents.write(id, image, base + offset)
          }
          if (offset + size > end) end = offset + size
        }
        break
      }
    }
  }
  if (end < output.size) pad(padding, end, output.size, output.fill)
}

interface Padding {
  readonly image: Uint8Array
  readonly base: number
  readonly isCode: boolean
  readonly arch: Program['arch']
}

/** Fills [from, to) of an output section. The pattern starts anew at `from`, as GNU ld's does. */
function pad(padding: Padding, from: number, to: number, pattern: Uint8Array | undefined): void {
  if (to <= from) return
  const { image, base } = padding
  if (pattern === undefined || pattern.length === 0) {
    if (padding.isCode) padding.arch.padCode(image, base + from, to - from)
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
