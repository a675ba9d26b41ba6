/** .dynamic: what the loader is told, in the order of GNU ld. */
import * as c from '../../elf/constants.ts'
import type { Needs } from '../records/needs.ts'
import { type Layout, type Live, SymbolHome } from '../records/placement.ts'
import type { Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import { SymbolState } from '../records/tables.ts'
import type { LoaderWork } from '../relocate/loader-words.ts'
import type { DynamicTables } from './select.ts'

/** Bits of DT_FLAGS_1 by word of -z. */
const flagWords: readonly (readonly [string, number])[] = [
  ['now', c.DF_1_NOW],
  ['global', 0x2],
  ['nodelete', c.DF_1_NODELETE],
  ['loadfltr', 0x10],
  ['initfirst', c.DF_1_INITFIRST],
  ['nodlopen', c.DF_1_NOOPEN],
  ['origin', c.DF_1_ORIGIN],
  ['interpose', c.DF_1_INTERPOSE],
  ['nodefaultlib', c.DF_1_NODEFLIB],
  ['nodump', c.DF_1_NODUMP],
  ['globalaudit', 0x0100_0000],
]
/** words that mean something for shared objects only */
const sharedOnly = c.DF_1_NODELETE | c.DF_1_INITFIRST | c.DF_1_NOOPEN

/** entries left empty at the end, as GNU ld leaves them for tools that edit the output; the last one ends the table */
const spareTags = 5

/**
 * Number of entries, before there are addresses. What cannot be known yet (DT_TEXTREL) takes a spare one.
 * @param live which sections are in the output
 */
export function countTags(
  program: Program,
  live: Live,
  needs: Needs,
  request: LinkRequest,
  tables: DynamicTables,
): number {
  const { symbols } = program
  const { sections } = tables
  const loader = needs.dynamic!
  const isDefined = (name: string): boolean => {
    const id = symbols.names.findText(name)
    return id >= 0 && symbols.state[id] === SymbolState.Defined
  }
  const isProgram = request.kind !== 'shared'
  let count = program.shared.length
  if (request.soname !== undefined) count++
  if (request.symbolic === 'all') count++
  if (request.rpath.length > 0) count++
  if (isDefined('_init')) count++
  if (isDefined('_fini')) count++
  if (isProgram && hasArray(program, live, '.preinit_array', c.SHT_PREINIT_ARRAY, /^\.preinit_array/)) count += 2
  if (hasArray(program, live, '.init_array', c.SHT_INIT_ARRAY, /^\.(init_array|ctors\.)/)) count += 2
  if (hasArray(program, live, '.fini_array', c.SHT_FINI_ARRAY, /^\.(fini_array|dtors\.)/)) count += 2
  if (sections.hash >= 0) count++
  if (sections.gnuHash >= 0) count++
  count += isProgram ? 5 : 4
  if (loader.stubRelocations > 0) count += 4
  if (loader.relocations + loader.copies.length > 0) count += 3
  const [flags, flags1] = flagBits(request, isProgram, loader.staticThreadModel, false)
  if (flags !== 0) count++
  if (flags1 !== 0) count++
  if (tables.definitions.length > 0) count += 2
  if (tables.needs.files.length > 0) count += 2
  if (tables.definitions.length > 0 || tables.needs.files.length > 0) count++
  if (loader.hasRelative && !request.z.has('nocombreloc')) count++
  return count + spareTags
}

/** Will there be an output section of that name? A script that does not name it gets one from inputs of that very name. */
function hasArray(program: Program, live: Live, output: string, type: number, name: RegExp): boolean {
  const { sections, sectionNames, plan } = program
  const isPlanned = plan.statements.some(each => each.kind === 'output-section' && each.name === output)
  const isNamed = (id: number, pattern: RegExp): boolean => pattern.test(sectionNames.text(sections.name[id]!))
  for (let id = 0; id < sections.count; id++)
    if (live[id] === 1 && sections.size[id]! > 0)
      if (isPlanned ? sections.type[id] === type || isNamed(id, name) : isNamed(id, new RegExp(`^\\${output}$`)))
        return true
  return false
}

export function tagBytes(
  program: Program,
  tables: DynamicTables,
  needs: Needs,
  work: LoaderWork,
  layout: Layout,
  request: LinkRequest,
): Uint8Array {
  const { arch } = program
  const wide = arch.bits === 64
  const tags = tagList(program, tables, needs, work, layout, request)
  const count = tables.tagCount
  if (tags.length >= count) throw new Error(`.dynamic has room for ${count} entries, not ${tags.length}`)
  const bytes = new Uint8Array(count * (wide ? 16 : 8))
  const view = new DataView(bytes.buffer)
  tags.forEach(([tag, value], i) => {
    if (wide) {
      view.setBigUint64(16 * i, BigInt(tag >>> 0), arch.littleEndian)
      view.setBigUint64(16 * i + 8, BigInt.asUintN(64, value), arch.littleEndian)
    } else {
      view.setUint32(8 * i, tag >>> 0, arch.littleEndian)
      view.setUint32(8 * i + 4, Number(BigInt.asUintN(32, value)), arch.littleEndian)
    }
  })
  return bytes
}

function tagList(
  program: Program,
  tables: DynamicTables,
  needs: Needs,
  work: LoaderWork,
  layout: Layout,
  request: LinkRequest,
): [number, bigint][] {
  const { symbols, arch } = program
  const wide = arch.bits === 64
  const tags: [number, bigint][] = []
  const { sections, strings } = tables
  const row = BigInt((3 * arch.bits) / 8)
  const isPlaced = (id: number): boolean => id >= 0 && layout.outputOf[id]! >= 0
  const addressOf = (id: number): bigint => (isPlaced(id) ? BigInt(layout.addressOf[id]!) : 0n)
  const text = (tag: number, value: string): void => void tags.push([tag, BigInt(strings.add(value))])
  const sectionTags = (name: string, address: number, size: number): void => {
    const output = layout.outputs.find(each => each.name === name)
    if (output !== undefined) tags.push([address, output.address], [size, BigInt(output.size)])
  }
  const symbolTag = (name: string, tag: number): void => {
    const id = symbols.names.findText(name)
    if (id >= 0 && layout.symbolHome[id] !== SymbolHome.Undefined && symbols.state[id] === SymbolState.Defined)
      tags.push([tag, BigInt(layout.symbolValue[id]!)])
  }
  for (const { soname } of program.shared) text(c.DT_NEEDED, soname)
  if (request.soname !== undefined) text(c.DT_SONAME, request.soname)
  if (request.symbolic === 'all') tags.push([c.DT_SYMBOLIC, 0n])
  if (request.rpath.length > 0) text(request.newDtags ? c.DT_RUNPATH : c.DT_RPATH, request.rpath.join(':'))
  symbolTag('_init', c.DT_INIT)
  symbolTag('_fini', c.DT_FINI)
  if (work.isProgram) sectionTags('.preinit_array', c.DT_PREINIT_ARRAY, c.DT_PREINIT_ARRAYSZ)
  sectionTags('.init_array', c.DT_INIT_ARRAY, c.DT_INIT_ARRAYSZ)
  sectionTags('.fini_array', c.DT_FINI_ARRAY, c.DT_FINI_ARRAYSZ)
  if (isPlaced(sections.hash)) tags.push([c.DT_HASH, addressOf(sections.hash)])
  if (isPlaced(sections.gnuHash)) tags.push([c.DT_GNU_HASH, addressOf(sections.gnuHash)])
  tags.push([c.DT_STRTAB, addressOf(sections.strings)], [c.DT_SYMTAB, addressOf(sections.symbols)])
  tags.push([c.DT_STRSZ, BigInt(strings.size)], [c.DT_SYMENT, wide ? 24n : 16n])
  if (work.isProgram) tags.push([c.DT_DEBUG, 0n])
  if (work.needs.stubRelocations > 0 && isPlaced(sections.stubRelocations)) {
    tags.push([c.DT_PLTGOT, addressOf(needs.sections.gotPlt)])
    tags.push([c.DT_PLTRELSZ, BigInt(work.needs.stubRelocations) * row], [c.DT_PLTREL, BigInt(c.DT_RELA)])
    tags.push([c.DT_JMPREL, addressOf(sections.stubRelocations)])
  }
  if (isPlaced(sections.relocations)) {
    tags.push([c.DT_RELA, addressOf(sections.relocations)])
    tags.push([c.DT_RELASZ, BigInt(work.needs.relocations + work.needs.copies.length) * row], [c.DT_RELAENT, row])
  }
  if (work.rows.textSections.size > 0) tags.push([c.DT_TEXTREL, 0n])
  const isText = work.rows.textSections.size > 0
  const [flags, flags1] = flagBits(request, work.isProgram, work.needs.staticThreadModel, isText)
  if (flags !== 0) tags.push([c.DT_FLAGS, BigInt(flags)])
  if (flags1 !== 0) tags.push([c.DT_FLAGS_1, BigInt(flags1)])
  if (isPlaced(sections.definitions))
    tags.push([c.DT_VERDEF, addressOf(sections.definitions)], [c.DT_VERDEFNUM, BigInt(tables.definitions.length + 1)])
  if (isPlaced(sections.needs))
    tags.push([c.DT_VERNEED, addressOf(sections.needs)], [c.DT_VERNEEDNUM, BigInt(tables.needs.files.length)])
  if (isPlaced(sections.versions)) tags.push([c.DT_VERSYM, addressOf(sections.versions)])
  if (work.rows.relative > 0 && !request.z.has('nocombreloc')) tags.push([c.DT_RELACOUNT, BigInt(work.rows.relative)])
  return tags
}

function flagBits(
  request: LinkRequest,
  isProgram: boolean,
  staticThreadModel: boolean,
  writesText: boolean,
): [flags: number, flags1: number] {
  let flags = request.symbolic === 'all' ? c.DF_SYMBOLIC : 0
  if (request.z.has('now')) flags |= c.DF_BIND_NOW
  if (request.z.has('origin')) flags |= c.DF_ORIGIN
  if (staticThreadModel) flags |= c.DF_STATIC_TLS
  if (writesText) flags |= c.DF_TEXTREL
  let flags1 = request.kind === 'pie' ? c.DF_1_PIE : 0
  for (const [word, bit] of flagWords) if (request.z.has(word)) flags1 |= bit
  if (isProgram) flags1 &= ~sharedOnly
  return [flags, flags1]
}
