/**
 * `-r`: several objects joined into one that can be linked again.
 *
 * Sections are put together as the script says (those of one name, without one), nothing gets an address, relocations are
 * carried over, groups and common symbols stay what they are. The pipeline is its own: sharing the one of final links would
 * cost both their clarity.
 */
import type { Report } from '../../diag/report.ts'
import {
  ET_REL,
  SHF_GROUP,
  SHF_INFO_LINK,
  SHT_GROUP,
  SHT_NOBITS,
  SHT_STRTAB,
  SHT_SYMTAB,
  SHT_SYMTAB_SHNDX,
} from '../../elf/constants.ts'
import { relocationSectionName, relocationSectionType } from '../../target/relocation-form.ts'
import type { Arch } from '../../target/target.ts'
import { solveLayout } from '../layout/fixpoint.ts'
import { placeSections } from '../place/place-sections.ts'
import type { Layout, Live, Matches, PlacedSection, Placement } from '../records/placement.ts'
import type { Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import { symbolType } from '../relocate/symbol-reader.ts'
import { propertyNote } from '../synthetic/property-note.ts'
import { headerFacts } from '../write/elf-header.ts'
import { type FileTables, type HeaderRow, writeFileTables } from '../write/file-tables.ts'
import { sectionOf } from '../write/symbol-selection.ts'
import { writeSections } from '../write/write-sections.ts'
import { aloneSections, inputsOf, linkedOutput, PlainContents, placeable, relocatableLayout } from './output-plan.ts'
import { carriedRelocations, type OutputRelocations, storeAddends } from './relocations.ts'
import { numberSymbols, type SymbolNumbers, symbolBytes } from './symbols.ts'

/** Links to a relocatable object. Undefined after an error. */
export function linkRelocatable(
  program: Program,
  matches: Matches,
  live: Live,
  request: LinkRequest,
  report: Report,
): Uint8Array | undefined {
  const alone = aloneSections(program, live)
  const together = live.slice()
  for (const id of alone) together[id] = 0
  const propertyName = program.sectionNames.findText('.note.gnu.property')
  for (let id = 0; id < together.length; id++)
    if (together[id] === 1 && !placeable(program, id, propertyName)) together[id] = 0

  const contents = new PlainContents(program, live)
  const placement = placeSections(program, matches, together, contents, request, report)
  if (report.failed) return undefined
  const solved = solveLayout(program, withoutAddresses(placement), contents, unchecked(request), report)
  if (solved === undefined || report.failed) return undefined
  const layout = relocatableLayout(program, solved, placement, alone, propertyNote(program))
  return writeObject(program, layout, contents, request, report)
}

/** Every output section begins at 0: an object has no addresses. */
function withoutAddresses(placement: Placement): Placement {
  return { ...placement, outputs: placement.outputs.map(output => ({ ...output, fixedAddress: 0n })) }
}

function unchecked(request: LinkRequest): LinkRequest {
  return { ...request, noCheckSections: true, noWarnRwxSegments: true }
}

/** A section of the file: an output section, its relocations, a group, or a table. */
interface FilePart {
  readonly name: string
  readonly type: number
  readonly flags: number
  readonly align: number
  readonly entsize: number
  readonly size: number
  readonly bytes?: Uint8Array
  readonly output?: PlacedSection
  link: number
  info: number
  offset: number
}

function part(name: string, type: number, align: number, entsize: number, bytes: Uint8Array, flags = 0): FilePart {
  return { name, type, flags, align, entsize, size: bytes.length, bytes, link: 0, info: 0, offset: 0 }
}

function writeObject(
  program: Program,
  layout: Layout,
  contents: PlainContents,
  request: LinkRequest,
  report: Report,
): Uint8Array | undefined {
  const { arch } = program
  const word = arch.bits / 8
  // Numbers first: groups, then each section with its relocations, then the tables.
  const groups = liveGroups(program, layout)
  const groupIndex = new Map(groups.map((group, i) => [program.groups.section[group]!, 1 + i]))
  const numbers = numberSymbols(program, layout, groupIndex, request)
  const relocations = layout.outputs.map(output =>
    carriedRelocations(program, layout, contents, numbers, output, 'section', report),
  )
  if (report.failed) return undefined
  const headerIndex = new Int32Array(layout.outputs.length)
  const relocationIndex = new Int32Array(layout.outputs.length)
  let next = 1 + groups.length
  for (const output of layout.outputs) {
    headerIndex[output.index] = next++
    if (relocations[output.index] !== undefined) relocationIndex[output.index] = next++
  }
  const symtabIndex = next
  const symbols = symbolBytes(program, layout, numbers, headerIndex, groupIndex)

  const parts: FilePart[] = []
  for (const group of groups)
    parts.push(groupPart(program, layout, numbers, group, headerIndex, relocationIndex, symtabIndex))
  for (const output of layout.outputs) {
    const linked = linkedOutput(program, layout, output)
    const link = linked < 0 ? 0 : headerIndex[linked]!
    parts.push({ ...output, output, link, info: 0, offset: 0 })
    const own = relocations[output.index]
    if (own !== undefined) parts.push(relocationPart(arch, output, own, symtabIndex, headerIndex[output.index]!, word))
  }
  const strtabIndex = symtabIndex + (symbols.extended === undefined ? 1 : 2)
  const symtab = part('.symtab', SHT_SYMTAB, word, word === 8 ? 24 : 16, symbols.table)
  parts.push({ ...symtab, link: strtabIndex, info: numbers.firstGlobal })
  if (symbols.extended !== undefined)
    parts.push({ ...part('.symtab_shndx', SHT_SYMTAB_SHNDX, 4, 4, symbols.extended), link: symtabIndex })
  parts.push(part('.strtab', SHT_STRTAB, 1, 0, symbols.strings))
  return assemble(program, layout, parts, relocations, contents, request)
}

function relocationPart(
  arch: Arch,
  output: PlacedSection,
  own: OutputRelocations,
  symtabIndex: number,
  target: number,
  word: number,
): FilePart {
  const flags = SHF_INFO_LINK | (output.flags & SHF_GROUP)
  const name = relocationSectionName(arch, output.name)
  const type = relocationSectionType(arch)
  return {
    ...part(name, type, word, own.entsize, own.bytes, flags),
    link: symtabIndex,
    info: target,
  }
}

/** Groups that are kept and have something in the output. */
function liveGroups(program: Program, layout: Layout): number[] {
  const { groups, plan } = program
  if (plan.features.forceGroupAllocation) return []
  const used = new Uint8Array(groups.count)
  for (const output of layout.outputs) {
    if ((output.flags & SHF_GROUP) === 0) continue
    for (const id of inputsOf(output)) used[program.sections.group[id]!] = 1
  }
  const found: number[] = []
  for (let group = 0; group < groups.count; group++)
    if (used[group] === 1 && groups.kept[group] === 1) found.push(group)
  return found
}

function groupPart(
  program: Program,
  layout: Layout,
  numbers: SymbolNumbers,
  group: number,
  headerIndex: Int32Array,
  relocationIndex: Int32Array,
  symtabIndex: number,
): FilePart {
  const { groups, sections, files, arch } = program
  const section = groups.section[group]!
  const file = files[sections.file[section]!]!
  const members: number[] = [groups.comdat[group]!]
  const first = sections.offset[section]!
  for (let at = 4; at < sections.size[section]!; at += 4) {
    const output = layout.outputOf[file.firstSection + file.view.getUint32(first + at, file.littleEndian)]!
    if (output < 0) continue
    members.push(headerIndex[output]!)
    if (relocationIndex[output] !== 0) members.push(relocationIndex[output]!)
  }
  const bytes = new Uint8Array(members.length * 4)
  const view = new DataView(bytes.buffer)
  members.forEach((member, i) => {
    view.setUint32(i * 4, member, arch.littleEndian)
  })
  const { firstGlobal } = file.symbolTable
  const signature = sections.info[section]!
  let info = 0
  if (signature >= firstGlobal) info = numbers.globals[file.globals[signature - firstGlobal]!]!
  else if (symbolType(file, signature) === 3) {
    const home = layout.outputOf[file.firstSection + sectionOf(file, signature)]!
    info = home < 0 ? 0 : 1 + home
  } else info = numbers.locals[file.id]![signature]!
  return { ...part('.group', SHT_GROUP, 4, 4, bytes), link: symtabIndex, info }
}

/** File offsets, section names, and the bytes. */
function assemble(
  program: Program,
  layout: Layout,
  parts: FilePart[],
  relocations: readonly (OutputRelocations | undefined)[],
  contents: PlainContents,
  request: LinkRequest,
): Uint8Array {
  const { arch } = program
  const wide = arch.bits === 64
  const names = nameTable([...parts.map(each => each.name), '.shstrtab'])
  parts.push(part('.shstrtab', SHT_STRTAB, 1, 0, names.bytes))
  let end = wide ? 64 : 52
  const outputs = layout.outputs.slice()
  for (const each of parts) {
    each.offset = Math.ceil(end / each.align) * each.align
    end = each.type === SHT_NOBITS ? each.offset : each.offset + each.size
    if (each.output !== undefined) outputs[each.output.index] = { ...each.output, fileOffset: each.offset }
  }
  const sectionHeaderOffset = Math.ceil(end / 8) * 8
  const empty: HeaderRow = {
    name: '',
    nameOffset: 0,
    type: 0,
    flags: 0,
    address: 0n,
    offset: 0,
    size: 0,
    link: 0,
    info: 0,
    align: 0,
    entsize: 0,
  }
  const headers: HeaderRow[] = [
    empty,
    ...parts.map((each, i) => ({ ...empty, ...each, address: 0n, nameOffset: names.offsets[i]! })),
  ]
  const size = sectionHeaderOffset + headers.length * (wide ? 64 : 40)
  const image = new Uint8Array(size)
  const placed: Layout = { ...layout, outputs }
  writeSections(image, program, contents, placed).finish()
  const view = new DataView(image.buffer)
  contents.frames.link(image, placed)
  outputs.forEach((output, index) => {
    const own = relocations[index]
    if (own !== undefined) storeAddends(program, own, view, output.fileOffset)
  })
  for (const each of parts) if (each.bytes !== undefined) image.set(each.bytes, each.offset)
  const shstrtab = parts[parts.length - 1]!
  const tables: FileTables = {
    headers,
    headerIndex: new Int32Array(0),
    programHeaderOffset: 0,
    sectionHeaderOffset,
    namesIndex: parts.length,
    names: { offset: shstrtab.offset, bytes: names.bytes },
    size,
    layout: placed,
  }
  const facts = { ...headerFacts(program, placed, request), type: ET_REL, entry: 0n }
  writeFileTables(image, tables, placed, arch, facts)
  return image
}

/** A string table of the names in order, each distinct one once. */
function nameTable(names: readonly string[]): { bytes: Uint8Array; offsets: number[] } {
  const known = new Map<string, number>([['', 0]])
  let size = 1
  for (const name of names) {
    if (known.has(name)) continue
    known.set(name, size)
    size += name.length + 1
  }
  const bytes = new Uint8Array(size)
  for (const [name, at] of known) for (let i = 0; i < name.length; i++) bytes[at + i] = name.charCodeAt(i)
  return { bytes, offsets: names.map(name => known.get(name)!) }
}
