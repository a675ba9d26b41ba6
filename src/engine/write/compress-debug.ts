/**
 * --compress-debug-sections=zlib: debug sections of a finished image as compressed sections (gABI, Compressed Sections).
 *
 * Sizes are known only when the relocated bytes are, and nothing has an address behind the debug sections: so the image
 * is made uncompressed, and what is not loaded moves together in a second one.
 */
import { noDeflate } from '../../diag/catalogue/output.ts'
import type { Report } from '../../diag/report.ts'
import { SHF_ALLOC, SHF_COMPRESSED, SHT_NOBITS } from '../../elf/constants.ts'
import type { Host } from '../../host.ts'
import type { FilePlan } from '../../plan/plan.ts'
import type { Arch } from '../../target/target.ts'
import type { Layout, PlacedSection } from '../records/placement.ts'
import { type FileTables, planFileTables } from './file-tables.ts'
import type { SymbolSelection } from './symbol-selection.ts'

const zlibType = 1

/** An image without headers, and where everything is in it. */
export interface TabledImage {
  readonly image: Uint8Array
  readonly tables: FileTables
}

/** The same file with its debug sections compressed; those that do not become smaller stay as they are. */
export function compressDebugSections(
  plain: TabledImage,
  selection: SymbolSelection | undefined,
  arch: Arch,
  file: FilePlan | undefined,
  host: Host,
  report: Report,
): TabledImage {
  const { image, tables } = plain
  const { layout } = tables
  const packed = new Map<number, Uint8Array>()
  for (const output of layout.outputs) {
    if (!isDebugSection(output)) continue
    if (host.deflate === undefined) {
      report.add(noDeflate({ section: output.name }))
      return plain
    }
    const bytes = image.subarray(output.fileOffset, output.fileOffset + output.size)
    const stream = host.deflate(bytes)
    const section = compressedSection(stream, output, arch)
    if (section.length < output.size) packed.set(output.index, section)
  }
  if (packed.size === 0) return plain
  const isPacked = file?.unloadedPacked === true
  const outputs = layout.outputs.map((output): PlacedSection => {
    const section = packed.get(output.index)
    if (section === undefined) return output
    // A packed layout pays no heed to alignments and shows that of the contents, as Go does.
    const align = isPacked ? output.align : arch.bits / 8
    return { ...output, size: section.length, flags: output.flags | SHF_COMPRESSED, align }
  })
  const smaller = planFileTables(movedTogether({ ...layout, outputs }), selection, arch, file, report)
  const result = new Uint8Array(smaller.size)
  const streams = new Map<number, Uint8Array>()
  for (const [index, section] of packed) streams.set(smaller.headerIndex[index]!, section)
  for (let i = 0; i < tables.headers.length; i++) {
    const { type, offset, size, link, info, entsize } = tables.headers[i]!
    // What the writers of tables have put into the headers meanwhile.
    Object.assign(smaller.headers[i]!, { link, info, entsize })
    if (type === SHT_NOBITS || size === 0 || i === tables.namesIndex) continue
    result.set(streams.get(i) ?? image.subarray(offset, offset + size), smaller.headers[i]!.offset)
  }
  return { image: result, tables: smaller }
}

function isDebugSection(output: PlacedSection): boolean {
  const isContent = output.type !== SHT_NOBITS && output.size > 0
  return isContent && (output.flags & (SHF_ALLOC | SHF_COMPRESSED)) === 0 && output.name.startsWith('.debug_')
}

/** Elf32_Chdr or Elf64_Chdr and the stream behind it. */
function compressedSection(stream: Uint8Array, output: PlacedSection, arch: Arch): Uint8Array {
  const wide = arch.bits === 64
  const little = arch.littleEndian
  const head = wide ? 24 : 12
  const bytes = new Uint8Array(head + stream.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, zlibType, little)
  if (wide) {
    view.setBigUint64(8, BigInt(output.size), little)
    view.setBigUint64(16, BigInt(output.align), little)
  } else {
    view.setUint32(4, output.size, little)
    view.setUint32(8, output.align, little)
  }
  bytes.set(stream, head)
  return bytes
}

/** File offsets of what is in no segment, anew and in the same order; layouts with wishes of their own decide later. */
function movedTogether(layout: Layout): Layout {
  const inSegment = new Set<number>()
  for (const segment of layout.segments) for (const index of segment.sections) inSegment.add(index)
  const movable = layout.outputs.filter(each => !inSegment.has(each.index) && (each.flags & SHF_ALLOC) === 0)
  if (movable.length === 0) return layout
  movable.sort((a, b) => a.fileOffset - b.fileOffset || a.index - b.index)
  const outputs = [...layout.outputs]
  let at = movable[0]!.fileOffset
  for (const output of movable) {
    const align = Math.max(1, output.align)
    at = Math.ceil(at / align) * align
    outputs[output.index] = { ...output, fileOffset: at }
    if (output.type !== SHT_NOBITS) at += output.size
  }
  let end = at
  for (const segment of layout.segments) end = Math.max(end, segment.fileOffset + segment.fileSize)
  return { ...layout, outputs, fileEnd: end }
}
