/**
 * SHF_LINK_ORDER: input sections stand in the order of the addresses of the sections that they describe (gABI, sh_flags).
 * Carried out when there are addresses: the sections only change places, so nothing else moves.
 */
import { mixedLinkOrder } from '../../diag/catalogue/layout.ts'
import { inScript, nowhere } from '../../diag/diagnostic.ts'
import type { Report } from '../../diag/report.ts'
import { SHF_LINK_ORDER } from '../../elf/constants.ts'
import type { Contents, Layout, Part, PlacedSection } from '../records/placement.ts'
import type { Program } from '../records/program.ts'
import { SymbolState } from '../records/tables.ts'

/** Section id of what a section describes, or -1. */
export function linkedSection(program: Program, section: number): number {
  const { sections, files } = program
  if ((sections.flags[section]! & SHF_LINK_ORDER) === 0) return -1
  const file = files[sections.file[section]!]!
  const link = sections.link[section]!
  return link === 0 || link >= file.sectionCount ? -1 : file.firstSection + link
}

/** The layout with those sections in order. */
export function orderLinked(program: Program, contents: Contents, layout: Layout, report: Report): Layout {
  const outputs = layout.outputs.filter(output => (output.flags & SHF_LINK_ORDER) !== 0)
  if (outputs.length === 0) return layout
  const offsetOf = layout.offsetOf.slice()
  const addressOf = layout.addressOf.slice()
  const changed = new Map<number, PlacedSection>()
  for (const output of outputs) {
    const sorted = sortOutput(program, contents, layout, output, offsetOf, report)
    if (sorted === undefined) continue
    changed.set(output.index, sorted)
    const base = Number(BigInt.asIntN(64, output.address))
    for (const part of sorted.parts)
      if (part.kind === 'sections') for (const id of part.ids) addressOf[id] = base + offsetOf[id]!
  }
  if (changed.size === 0) return layout
  const { symbols } = program
  const symbolValue = layout.symbolValue.slice()
  for (let id = 0; id < symbols.names.count; id++) {
    const section = symbols.state[id] === SymbolState.Defined ? symbols.section[id]! : -1
    if (section >= 0) symbolValue[id] = symbolValue[id]! + addressOf[section]! - layout.addressOf[section]!
  }
  return {
    ...layout,
    offsetOf,
    addressOf,
    symbolValue,
    outputs: layout.outputs.map(output => changed.get(output.index) ?? output),
  }
}

/** Undefined: in order already. */
function sortOutput(
  program: Program,
  contents: Contents,
  layout: Layout,
  output: PlacedSection,
  offsetOf: Float64Array,
  report: Report,
): PlacedSection | undefined {
  const { sections } = program
  const ids: number[] = []
  let isMixed = false
  for (const part of output.parts)
    if (part.kind === 'sections')
      for (const id of part.ids)
        if (linkedSection(program, id) >= 0) ids.push(id)
        else if (contents.size[id]! > 0) isMixed = true
  const describes = (id: number): number => layout.addressOf[linkedSection(program, id)]!
  const order = ids.toSorted((a, b) => describes(a) - describes(b))
  if (order.every((id, i) => id === ids[i])) return undefined
  if (isMixed) {
    const place = output.because === undefined ? nowhere : inScript(output.because.span)
    report.add(mixedLinkOrder({ section: output.name }), place)
    return undefined
  }
  let offset = Math.min(...ids.map(id => layout.offsetOf[id]!))
  for (const id of order) {
    const align = sections.align[id]!
    offset = Math.ceil(offset / align) * align
    offsetOf[id] = offset
    offset += contents.size[id]!
  }
  let next = 0
  const parts: Part[] = output.parts.map(part => {
    if (part.kind !== 'sections') return part
    const own = part.ids.map(id => (linkedSection(program, id) >= 0 ? order[next++]! : id))
    return { ...part, ids: own }
  })
  return { ...output, parts }
}
