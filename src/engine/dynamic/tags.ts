/** .dynamic: what the loader is told, in the order of GNU ld or that of the plan. */
import * as c from '../../elf/constants.ts'
import { dynamicTags } from '../../elf/dynamic-tags.ts'
import { relocationBytes } from '../../target/relocation-form.ts'
import type { DynamicNeeds, Needs } from '../records/needs.ts'
import { type Layout, type Live, SymbolHome } from '../records/placement.ts'
import type { Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import { SymbolState } from '../records/tables.ts'
import type { LoaderWork } from '../relocate/loader-words.ts'
import type { DynamicTables } from './select.ts'

/** Among the tags of a plan: libraries that are needed only for what is imported from them. */
export const implicitTag = 'IMPLICIT_NEEDED'

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
/** tags of a table of relocations */
const rela = { table: c.DT_RELA, size: c.DT_RELASZ, entry: c.DT_RELAENT, count: c.DT_RELACOUNT }
const rel = { table: c.DT_REL, size: c.DT_RELSZ, entry: c.DT_RELENT, count: c.DT_RELCOUNT }

/** words that mean something for shared objects only */
const sharedOnly = c.DF_1_NODELETE | c.DF_1_INITFIRST | c.DF_1_NOOPEN

/** entries left empty in front of the one that ends the table, as GNU ld leaves them; DT_RELACOUNT takes one of them */
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
  const wishes = program.plan.dynamic ?? {}
  const keepsEmpty = wishes.keepEmpty === true
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
  if (loader.stubRelocations > 0 || (keepsEmpty && !wishes.stubTagsWhenUsed)) count += 4
  else if (keepsEmpty) count++
  if (loader.relocations + loader.copies.length > 0 || keepsEmpty) count += 3
  count += stubTags(program, loader).length
  const [flags, flags1] = flagBits(request, isProgram, loader.staticThreadModel, false)
  if (flags !== 0) count++
  if (flags1 !== 0 || wishes.alwaysFlags1) count++
  if (tables.definitions.length > 0) count += 2
  if (tables.needs.files.length > 0) count += 2
  if (tables.definitions.length > 0 || tables.needs.files.length > 0) count++
  if (wishes.spareTags === undefined) return count + 1 + spareTags
  if (loader.hasRelative && !request.z.has('nocombreloc') && !wishes.uncountedRelative) count++
  // DT_TEXTREL and DT_FLAGS for it; whether they come is known later.
  return count + Math.max(wishes.spareTags, 1) + (loader.mayWriteText ? 2 : 0)
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
  const tags = inOrder(tagList(program, tables, needs, work, layout, request), tables, program.plan.dynamic?.tags)
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

/** The tags in the order of the plan; those that it does not list follow. */
function inOrder(
  tags: readonly [number, bigint][],
  tables: DynamicTables,
  names: readonly string[] | undefined,
): readonly [number, bigint][] {
  if (names === undefined) return tags
  const numbers = dynamicTags()
  const ranks = new Map(names.map((name, i) => [name === implicitTag ? -1 : (numbers[name] ?? -2), i]))
  let libraries = 0
  const rank = (tag: number): number => {
    const isLate = tag === c.DT_NEEDED && libraries++ >= tables.implicit
    return (isLate ? ranks.get(-1) : undefined) ?? ranks.get(tag >>> 0) ?? names.length
  }
  return tags
    .map(each => ({ each, rank: rank(each[0]) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ each }) => each)
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
  const row = BigInt(relocationBytes(arch))
  const form = arch.relocationForm === 'rela' ? rela : rel
  const isPlaced = (id: number): boolean => id >= 0 && layout.outputOf[id]! >= 0
  const addressOf = (id: number): bigint => (isPlaced(id) ? BigInt(layout.addressOf[id]!) : 0n)
  const wishes = program.plan.dynamic ?? {}
  const keepsEmpty = wishes.keepEmpty === true
  const sectionTags = (name: string, address: number, size: number): void => {
    const output = layout.outputs.find(each => each.name === name)
    if (output !== undefined) tags.push([address, output.address], [size, BigInt(output.size)])
  }
  const symbolTag = (name: string, tag: number): void => {
    const id = symbols.names.findText(name)
    if (id >= 0 && layout.symbolHome[id] !== SymbolHome.Undefined && symbols.state[id] === SymbolState.Defined)
      tags.push([tag, BigInt(layout.symbolValue[id]!)])
  }
  for (const offset of tables.libraryOffsets) tags.push([c.DT_NEEDED, BigInt(offset)])
  if (request.soname !== undefined) tags.push([c.DT_SONAME, BigInt(strings.add(request.soname))])
  if (request.symbolic === 'all') tags.push([c.DT_SYMBOLIC, 0n])
  const onlyRunPath = wishes.tags?.includes('RUNPATH') === true && !wishes.tags.includes('RPATH')
  if (request.rpath.length > 0)
    tags.push([request.newDtags || onlyRunPath ? c.DT_RUNPATH : c.DT_RPATH, BigInt(tables.pathOffset)])
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
  if ((work.needs.stubRelocations > 0 || keepsEmpty) && isPlaced(sections.stubRelocations)) {
    tags.push([c.DT_PLTGOT, addressOf(needs.sections.gotPlt)])
    if (work.needs.stubRelocations > 0 || !wishes.stubTagsWhenUsed) {
      tags.push([c.DT_PLTRELSZ, BigInt(work.needs.stubRelocations) * row], [c.DT_PLTREL, BigInt(form.table)])
      tags.push([c.DT_JMPREL, addressOf(sections.stubRelocations)])
    }
  }
  if (isPlaced(sections.relocations)) {
    tags.push([form.table, addressOf(sections.relocations)])
    tags.push([form.size, BigInt(work.needs.relocations + work.needs.copies.length) * row], [form.entry, row])
  }
  for (const tag of stubTags(program, work.needs)) tags.push([tag, 0n])
  if (work.rows.textSections.size > 0) tags.push([c.DT_TEXTREL, 0n])
  const isText = work.rows.textSections.size > 0
  const [flags, flags1] = flagBits(request, work.isProgram, work.needs.staticThreadModel, isText)
  if (flags !== 0) tags.push([c.DT_FLAGS, BigInt(flags)])
  if (flags1 !== 0 || wishes.alwaysFlags1) tags.push([c.DT_FLAGS_1, BigInt(flags1)])
  if (isPlaced(sections.definitions))
    tags.push([c.DT_VERDEF, addressOf(sections.definitions)], [c.DT_VERDEFNUM, BigInt(tables.definitions.length + 1)])
  const isVersioned = tables.definitions.length > 0 || tables.needs.files.length > 0
  if (isVersioned && isPlaced(sections.needs))
    tags.push([c.DT_VERNEED, addressOf(sections.needs)], [c.DT_VERNEEDNUM, BigInt(tables.needs.files.length)])
  if (isVersioned && isPlaced(sections.versions)) tags.push([c.DT_VERSYM, addressOf(sections.versions)])
  if (work.rows.relative > 0 && !request.z.has('nocombreloc') && !wishes.uncountedRelative)
    tags.push([form.count, BigInt(work.rows.relative)])
  return tags
}

/** What the loader has to know of the stubs. */
function stubTags(program: Program, needs: DynamicNeeds): number[] {
  const tags: number[] = []
  const { variantCalls } = program.arch
  const { stubs, plt } = needs
  if (variantCalls !== undefined && stubs.some(id => (program.symbols.other[id]! & variantCalls.mask) !== 0))
    tags.push(variantCalls.tag)
  if (stubs.length > 0) tags.push(...(plt.tags ?? []))
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
