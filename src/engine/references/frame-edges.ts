/**
 * What the entries of .eh_frame say about reachability.
 *
 * An entry (FDE) describes one function: its first relocation names the function, further ones its exception table; its
 * CIE names the personality routine. For garbage collection that gives edges from the function to the other two, and none
 * from .eh_frame itself.
 */
import { SHN_LORESERVE, SHN_XINDEX } from '../../elf/constants.ts'
import { held } from '../../kernels/compute.ts'
import type { FileColumns } from '../../kernels/file-columns.ts'
import { type FrameEdgeRecord, readElsewhere } from '../../kernels/frame-edges.ts'
import type { InputFile, Program } from '../records/program.ts'
import { SymbolState } from '../records/tables.ts'

/** Edges between sections, by section id. The columns may have room for more. */
export interface Edges {
  readonly count: number
  readonly from: Int32Array
  readonly to: Int32Array
}

/**
 * From the section of each function to those that it keeps.
 * @param ids sections .eh_frame with relocations
 */
export function frameEdges(program: Program, files: FileColumns, ids: Int32Array): Edges {
  const { compute, sections, symbols } = program
  const { memory } = compute
  const firstEdge = memory.int32(ids.length)
  let room = 0
  ids.forEach((id, piece) => {
    firstEdge[piece] = room
    room += Math.floor(sections.size[sections.relocations[id]!]! / 24)
  })
  const record: FrameEdgeRecord = {
    ...files,
    sectionFile: sections.file,
    sectionType: sections.type,
    relocations: sections.relocations,
    offset: sections.offset,
    size: sections.size,
    symbolState: symbols.state,
    symbolSection: symbols.section,
    ids: held(memory, ids),
    firstEdge,
    edgeCount: memory.int32(ids.length),
    from: memory.int32(room),
    to: memory.int32(room),
  }
  compute.begin('findFrameEdges', record, ids.length).finish()
  return joined(program, record)
}

/** The edges of all sections side by side; sections that kernels did not read are read here. */
function joined(program: Program, record: FrameEdgeRecord): Edges {
  const { ids, firstEdge, edgeCount } = record
  const { files, sections, compute } = program
  const further: number[] = []
  let count = 0
  for (let piece = 0; piece < ids.length; piece++) {
    const found = edgeCount[piece]!
    if (found === readElsewhere) {
      const id = ids[piece]!
      const add = (from: number, to: number): void => void further.push(from, to)
      walkFrames(program, files[sections.file[id]!]!, id, sections.relocations[id]!, add)
      continue
    }
    const first = firstEdge[piece]!
    record.from.copyWithin(count, first, first + found)
    record.to.copyWithin(count, first, first + found)
    count += found
  }
  if (further.length === 0) return { count, from: record.from, to: record.to }
  const all = count + further.length / 2
  const from = compute.memory.int32(all)
  const to = compute.memory.int32(all)
  from.set(record.from.subarray(0, count))
  to.set(record.to.subarray(0, count))
  further.forEach((id, i) => {
    const column = i % 2 === 0 ? from : to
    column[count + (i >> 1)] = id
  })
  return { count: all, from, to }
}

function walkFrames(
  program: Program,
  file: InputFile,
  section: number,
  relocations: number,
  edge: (from: number, to: number) => void,
): void {
  const { sections } = program
  const { view, littleEndian: little } = file
  const rows = sortedRows(program, file, relocations)
  const base = sections.offset[section]!
  const size = sections.size[section]!
  /** offset of a CIE -> sections that its relocations name */
  const personalities = new Map<number, number[]>()
  let row = 0
  for (let at = 0; at + 4 <= size; ) {
    const length = view.getUint32(base + at, little)
    if (length === 0 || length === 0xffff_ffff || length < 4 || at + 4 + length > size) {
      // the end mark, or a form that nobody writes: look at nothing behind it
      if (length !== 0) return
      at += 4
      continue
    }
    const end = at + 4 + length
    const pointer = view.getUint32(base + at + 4, little)
    const targets: number[] = []
    while (row < rows.length && offsetOf(file, rows[row]!) < at) row++
    for (; row < rows.length && offsetOf(file, rows[row]!) < end; row++) {
      const target = targetOf(program, file, rows[row]!)
      if (offsetOf(file, rows[row]!) === at + 4) continue
      targets.push(target)
    }
    if (pointer === 0) personalities.set(at, targets)
    else if (targets.length > 0 && targets[0]! >= 0) {
      const owner = targets[0]!
      for (let i = 1; i < targets.length; i++) if (targets[i]! >= 0) edge(owner, targets[i]!)
      for (const personality of personalities.get(at + 4 - pointer) ?? [])
        if (personality >= 0 && personality !== owner) edge(owner, personality)
    }
    at = end
  }
}

/** Offsets in the file of the relocations, in order of r_offset. */
function sortedRows(program: Program, file: InputFile, relocations: number): number[] {
  const { sections } = program
  const step = sections.entsize[relocations]!
  const start = sections.offset[relocations]!
  const end = start + sections.size[relocations]!
  const rows: number[] = []
  let sorted = true
  for (let at = start; at < end; at += step) {
    if (rows.length > 0 && offsetOf(file, rows[rows.length - 1]!) > offsetOf(file, at)) sorted = false
    rows.push(at)
  }
  return sorted ? rows : rows.sort((a, b) => offsetOf(file, a) - offsetOf(file, b))
}

/** r_offset, low 32 bits: no .eh_frame is larger */
function offsetOf(file: InputFile, at: number): number {
  return file.view.getUint32(file.bits === 64 && !file.littleEndian ? at + 4 : at, file.littleEndian)
}

/** Section that the relocation at `at` of the file refers to, or -1. */
function targetOf(program: Program, file: InputFile, at: number): number {
  const { symbols } = program
  const { view, littleEndian: little } = file
  const wide = file.bits === 64
  const symbol = wide ? view.getUint32(at + (little ? 12 : 8), little) : view.getUint32(at + 4, little) >>> 8
  const { offset, count, firstGlobal } = file.symbolTable
  if (symbol >= count) return -1
  if (symbol >= firstGlobal) {
    const id = file.globals[symbol - firstGlobal]!
    return symbols.state[id] === SymbolState.Defined ? symbols.section[id]! : -1
  }
  let index = view.getUint16(offset + symbol * (wide ? 24 : 16) + (wide ? 6 : 14), little)
  if (index === SHN_XINDEX) index = view.getUint32(file.extendedIndex + symbol * 4, little)
  else if (index >= SHN_LORESERVE) return -1
  return index === 0 ? -1 : file.firstSection + index
}
