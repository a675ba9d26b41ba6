/** Which sections a relocatable output has, and what their headers say. */
import {
  SHF_COMPRESSED,
  SHF_GROUP,
  SHF_LINK_ORDER,
  SHF_MERGE,
  SHF_STRINGS,
  SHT_NOBITS,
  SHT_NOTE,
  SHT_PROGBITS,
} from '../../elf/constants.ts'
import { held, type Work } from '../../kernels/compute.ts'
import { EhFrames } from '../contents/eh-frame.ts'
import { fileBytes } from '../contents/file-bytes.ts'
import {
  ContentKind,
  type Contents,
  type Layout,
  type Live,
  type PlacedSection,
  type Placement,
} from '../records/placement.ts'
import type { Program } from '../records/program.ts'
import { SectionState } from '../records/tables.ts'

/**
 * Contents as they are but for .eh_frame, which loses the entries of functions that lost their group, and for build
 * attributes, of which the first section takes the joined ones and the others nothing.
 */
export class PlainContents implements Contents {
  readonly kind: Uint8Array
  readonly size: Float64Array
  readonly frames: EhFrames
  movedSection = 0
  movedOffset = 0
  private readonly attributes: Uint8Array | undefined
  private attributeSection = -1

  constructor(program: Program, live: Live) {
    const { sections } = program
    this.kind = new Uint8Array(sections.count)
    this.size = new Float64Array(sections.count)
    this.frames = new EhFrames(program)
    const frameName = program.sectionNames.findText('.eh_frame')
    const frames: number[] = []
    for (let id = 0; id < sections.count; id++) {
      if (live[id] !== 1) continue
      this.size[id] = sections.size[id]!
      this.kind[id] = sections.type[id] === SHT_NOBITS ? ContentKind.NoBits : ContentKind.Copy
      if (sections.name[id] === frameName && sections.size[id]! > 0) frames.push(id)
    }
    this.attributes = program.attributes?.bytes
    if (this.attributes !== undefined) this.joinAttributes(program, live, this.attributes.length)
    const { memory } = program.compute
    const ids = held(memory, Int32Array.from(frames))
    this.frames.begin(ids, memory.int32(ids.length), held(memory, live), fileBytes(program))
    this.frames.finish(this.size)
    for (const id of this.frames.sections) {
      this.kind[id] = ContentKind.EhFrame
    }
  }

  private joinAttributes(program: Program, live: Live, size: number): void {
    const { sections, arch } = program
    const name = program.sectionNames.findText(arch.attributes!.section)
    for (let id = 0; id < sections.count; id++) {
      if (live[id] !== 1 || sections.name[id] !== name || sections.type[id] !== arch.attributes!.type) continue
      const isFirst = this.attributeSection < 0
      if (isFirst) this.attributeSection = id
      this.kind[id] = ContentKind.Merged
      this.size[id] = isFirst ? size : 0
    }
  }

  move(section: number, offset: number): boolean {
    this.movedSection = section
    this.movedOffset = offset
    if (this.kind[section] !== ContentKind.EhFrame) return true
    const isThere = this.frames.move(section, offset)
    this.movedOffset = this.frames.movedOffset
    return isThere
  }

  beginFrames(image: Uint8Array, layout: Layout): Work {
    return this.frames.beginWriting(image, layout)
  }

  write(section: number, out: Uint8Array, at: number): void {
    if (section === this.attributeSection) out.set(this.attributes!, at)
  }
}

/** Sections that stand alone: members of kept groups, because a group must stay droppable as a whole. */
export function aloneSections(program: Program, live: Live): number[] {
  const { sections, groups, plan } = program
  if (plan.features.forceGroupAllocation) return []
  const alone: number[] = []
  for (let id = 0; id < sections.count; id++)
    if (live[id] === 1 && sections.group[id]! >= 0 && groups.kept[sections.group[id]!] === 1) alone.push(id)
  return alone
}

/** Section ids in an output section, in order. */
export function inputsOf(output: PlacedSection): number[] {
  const ids: number[] = []
  for (const part of output.parts) if (part.kind === 'sections') for (const id of part.ids) ids.push(id)
  return ids
}

/**
 * The layout with the lone sections behind the others and with headers as a relocatable file has them: no addresses, and
 * flags that still mean something to the next link.
 */
export function relocatableLayout(
  program: Program,
  solved: Layout,
  placement: Placement,
  alone: readonly number[],
  note: Uint8Array,
): Layout {
  const { sections, groups } = program
  const outputs: PlacedSection[] = []
  const renumbered = new Int32Array(solved.outputs.length).fill(-1)
  const outputOf = solved.outputOf.slice()
  const offsetOf = solved.offsetOf.slice()
  for (const output of solved.outputs) {
    const ids = inputsOf(output)
    if (ids.length === 0 && output.size === 0) continue
    renumbered[output.index] = outputs.length
    const facts = ids.length === 0 ? {} : joinedHeader(program, ids, output)
    outputs.push({ ...output, index: outputs.length, address: 0n, loadAddress: 0n, ...facts })
  }
  for (let id = 0; id < outputOf.length; id++) if (outputOf[id]! >= 0) outputOf[id] = renumbered[outputOf[id]!]!
  // Empty sections of the inputs stay: .note.GNU-stack says something by being there.
  for (const { name, items } of placement.outputs) {
    const ids = items.flatMap(item => (item.kind === 'inputs' ? [...item.ids] : []))
    if (ids.length === 0 || outputOf[ids[0]!]! >= 0) continue
    for (const id of ids) outputOf[id] = outputs.length
    const empty = lone(program, ids[0]!, outputs.length)
    outputs.push({ ...empty, ...joinedHeader(program, ids, empty), name, size: 0, parts: [inputPart(ids)] })
  }
  for (const id of alone) {
    const keeps = groups.kept[sections.group[id]!] === 1
    outputOf[id] = outputs.length
    offsetOf[id] = 0
    const own = lone(program, id, outputs.length)
    outputs.push({ ...own, flags: (keeps ? own.flags | SHF_GROUP : own.flags & ~SHF_GROUP) >>> 0 })
  }
  if (note.length > 0) outputs.push(propertyOutput(program, outputs.length, note))
  const symbolHome = solved.symbolHome.map(home => (home >= 0 ? renumbered[home]! : home))
  return { ...solved, outputs, segments: [], outputOf, offsetOf, symbolHome }
}

function inputPart(ids: readonly number[]): PlacedSection['parts'][number] {
  return { kind: 'sections', rule: -1, ids: Int32Array.from(ids) }
}

/** An output section made of one input section. */
function lone(program: Program, id: number, index: number): PlacedSection {
  const { sections, sectionNames } = program
  return {
    index,
    name: sectionNames.text(sections.name[id]!),
    type: sections.type[id]!,
    flags: sections.flags[id]!,
    entsize: sections.entsize[id]!,
    align: sections.align[id]!,
    address: 0n,
    loadAddress: 0n,
    size: sections.size[id]!,
    fileOffset: 0,
    parts: [inputPart([id])],
  }
}

function propertyOutput(program: Program, index: number, note: Uint8Array): PlacedSection {
  return {
    index,
    name: '.note.gnu.property',
    type: SHT_NOTE,
    flags: 2,
    entsize: 0,
    align: program.arch.bits / 8,
    address: 0n,
    loadAddress: 0n,
    size: note.length,
    fileOffset: 0,
    parts: [{ kind: 'bytes', statement: -1, offset: 0, bytes: note }],
  }
}

/** Type and flags of several inputs in one output section. */
function joinedHeader(program: Program, ids: readonly number[], output: PlacedSection) {
  const { sections } = program
  const isMerge = (id: number): boolean => (sections.flags[id]! & SHF_MERGE) !== 0
  let flags = 0
  let type = SHT_NOBITS
  let align = 1
  const first = ids[0]!
  let sameMerge = true
  for (const id of ids) {
    flags |= sections.flags[id]!
    if (type === SHT_NOBITS) type = sections.type[id]!
    else if (sections.type[id] !== type && sections.type[id] !== SHT_NOBITS) type = SHT_PROGBITS
    if (sections.align[id]! > align) align = sections.align[id]!
    const mask = SHF_MERGE | SHF_STRINGS
    if (
      (sections.flags[id]! & mask) !== (sections.flags[first]! & mask) ||
      (isMerge(id) && sections.entsize[id] !== sections.entsize[first])
    )
      sameMerge = false
  }
  if (type === SHT_NOBITS && output.type !== SHT_NOBITS) type = output.type
  flags &= ~(SHF_GROUP | (ids.length > 1 ? SHF_COMPRESSED : 0))
  if (!sameMerge) flags &= ~(SHF_MERGE | SHF_STRINGS)
  const sameSize = ids.every(id => sections.entsize[id] === sections.entsize[first])
  const entsize = sameMerge && sameSize ? sections.entsize[first]! : 0
  return { type, flags: flags >>> 0, entsize, align: Math.max(align, output.align) }
}

/** For SHF_LINK_ORDER: index of the output section that the first input describes, or -1. */
export function linkedOutput(program: Program, layout: Layout, output: PlacedSection): number {
  if ((output.flags & SHF_LINK_ORDER) === 0) return -1
  const { sections, files } = program
  for (const id of inputsOf(output)) {
    const file = files[sections.file[id]!]!
    const link = sections.link[id]!
    if (link !== 0 && link < file.sectionCount) return layout.outputOf[file.firstSection + link]!
  }
  return -1
}

/** True for sections that take part in the placing of a relocatable link. */
export function placeable(program: Program, id: number, propertyName: number): boolean {
  const { sections } = program
  if ((sections.state[id]! & SectionState.Synthetic) !== 0) return false
  return sections.name[id] !== propertyName || sections.type[id] !== SHT_NOTE
}
