/** Bytes of the dynamic tables, once every address is known (gABI, chapter 5; GNU symbol versioning). */
import { textRelocation, textRelocationMade } from '../../diag/catalogue/dynamic.ts'
import { gotOutOfOutput } from '../../diag/catalogue/relocation.ts'
import { nowhere } from '../../diag/diagnostic.ts'
import type { Report } from '../../diag/report.ts'
import {
  SHF_EXECINSTR,
  SHF_INFO_LINK,
  SHN_ABS,
  STB_WEAK,
  STT_FUNC,
  STT_GNU_IFUNC,
  STT_OBJECT,
  STT_TLS,
  VER_FLG_BASE,
} from '../../elf/constants.ts'
import { encodeGnuHash, encodeSysvHash, sysvHash } from '../../elf/hash-tables.ts'
import type { Needs } from '../records/needs.ts'
import { type Contents, type Layout, SymbolHome } from '../records/placement.ts'
import type { Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import { SymbolFlag, SymbolState } from '../records/tables.ts'
import { LoaderWords, type LoaderWork } from '../relocate/loader-words.ts'
import type { FileTables } from '../write/file-tables.ts'
import { SymbolLook } from '../write/symbol-order.ts'
import type { DynamicSections } from './declare.ts'
import type { DynamicTables } from './select.ts'
import { tagBytes } from './tags.ts'
import { addCopies } from './write-slots.ts'

/** Writes the tables, and what their section headers say of them (sh_info) into `files.headers`. */
export function writeDynamic(
  image: Uint8Array,
  program: Program,
  needs: Needs,
  work: LoaderWork,
  layout: Layout,
  request: LinkRequest,
  files: FileTables,
  contents: Contents,
  report: Report,
): void {
  const { tables } = work
  const { sections } = tables
  const { headerIndex } = files
  setInfo(files, layout, sections.symbols, 1)
  setInfo(files, layout, sections.needs, tables.needs.files.length)
  const slots = layout.outputOf[needs.sections.gotPlt]!
  if (slots >= 0) setInfo(files, layout, sections.stubRelocations, headerIndex[slots]!)
  const { bits } = program.arch
  const { plt } = work.needs
  if (plt.second !== undefined) setEntrySize(files, layout, sections.secondStubs, plt.second.entrySize)
  if (work.needs.stubs.length > 0) setEntrySize(files, layout, sections.stubs, plt.shownEntrySize ?? plt.entrySize)
  if (work.needs.directStubs.length > 0) setEntrySize(files, layout, sections.directStubs, plt.directSize)
  setEntrySize(files, layout, needs.sections.got, bits / 8)
  setEntrySize(files, layout, needs.sections.gotPlt, bits / 8)
  const stubRelocations = layout.outputOf[sections.stubRelocations]!
  if (stubRelocations >= 0 && layout.outputs[stubRelocations]!.because?.extra?.info === undefined)
    files.headers[headerIndex[stubRelocations]!]!.flags |= SHF_INFO_LINK
  reportTextRelocations(work, request, report)
  reportDiscarded(program, tables.sections, layout, contents, report)
  addCopies(program, layout, work)
  setInfo(files, layout, sections.definitions, tables.definitions.length + 1)
  const little = program.arch.littleEndian
  const put = (id: number, bytes: () => Uint8Array): void => {
    const at = placeOf(layout, id)
    if (at >= 0) image.set(bytes(), at)
  }
  put(sections.interpreter, () => {
    const bytes = new Uint8Array(tables.interpreter.length + 1)
    for (let i = 0; i < tables.interpreter.length; i++) bytes[i] = tables.interpreter.charCodeAt(i)
    return bytes
  })
  const words = new LoaderWords(program, layout, work)
  put(sections.symbols, () => symbolBytes(program, tables, layout, headerIndex, words))
  put(sections.strings, () => {
    const bytes = new Uint8Array(tables.strings.size)
    tables.strings.write(bytes, 0)
    return bytes
  })
  put(sections.hash, () => encodeSysvHash(tables.names, tables.buckets, little, hashOrder(program, tables)))
  put(sections.gnuHash, () =>
    encodeGnuHash(
      tables.names.slice(tables.firstExport),
      tables.firstExport,
      tables.hashShape,
      program.arch.bits,
      little,
    ),
  )
  const isVersioned = tables.definitions.length > 0 || tables.needs.files.length > 0
  if (isVersioned || program.plan.dynamic?.plainVersions)
    put(sections.versions, () => {
      const bytes = new Uint8Array(contents.size[sections.versions]!)
      const view = new DataView(bytes.buffer)
      tables.versionOf.forEach((version, index) => void view.setUint16(2 * index, version, little))
      return bytes
    })
  put(sections.definitions, () => definitionBytes(program, tables))
  put(sections.needs, () => tables.needs.bytes(little))
  put(sections.dynamic, () => tagBytes(program, tables, needs, work, layout, request))
  const relocations = placeOf(layout, sections.relocations)
  if (relocations < 0) return
  const asMet = program.plan.dynamic?.relocationsAsMet ? 'slots-first' : undefined
  work.rows.write(image, relocations, asMet ?? (request.z.has('nocombreloc') ? 'as-added' : 'sorted'))
}

/** Dynamic symbol indices in the order in which they enter the chains of .hash; undefined: as they come. */
function hashOrder(program: Program, tables: DynamicTables): number[] | undefined {
  if (!program.plan.dynamic?.chainsByAge) return undefined
  const { symbols } = tables
  // A chain begins with the symbol that entered it last: the oldest one.
  return [...symbols.keys()].sort((a, b) => symbols[b]! - symbols[a]!)
}

/** What the loader needs and the script throws away. The hash tables and versions may go: programs run without. */
function reportDiscarded(
  program: Program,
  sections: DynamicSections,
  layout: Layout,
  contents: Contents,
  report: Report,
): void {
  const optional = [
    sections.interpreter,
    sections.hash,
    sections.gnuHash,
    sections.versions,
    sections.definitions,
    sections.needs,
  ]
  for (const id of Object.values(sections) as number[]) {
    if (id < 0 || optional.includes(id) || contents.size[id] === 0 || layout.outputOf[id]! >= 0) continue
    report.add(gotOutOfOutput({ section: program.sectionNames.text(program.sections.name[id]!) }), nowhere)
  }
}

/** Words in read-only sections that the loader has to write: an error with -z text, else worth a warning. */
function reportTextRelocations(work: LoaderWork, request: LinkRequest, report: Report): void {
  const output = request.kind === 'shared' ? 'a shared object' : request.kind === 'pie' ? 'a PIE' : 'the program'
  for (const section of work.rows.textSections) {
    if (request.z.has('text')) report.add(textRelocation({ section }), nowhere)
    else if (!request.z.has('notext')) report.add(textRelocationMade({ section, output }), nowhere)
  }
}

/** sh_info: first global symbol, or the number of version definitions. */
function setInfo(files: FileTables, layout: Layout, id: number, info: number): void {
  const output = id < 0 ? -1 : layout.outputOf[id]!
  if (output < 0 || layout.outputs[output]!.because?.extra?.info !== undefined) return
  files.headers[files.headerIndex[output]!]!.info = info
}

/** sh_entsize of a section that only the linker fills. */
function setEntrySize(files: FileTables, layout: Layout, id: number, size: number): void {
  const output = id < 0 ? -1 : layout.outputOf[id]!
  // Stubs of indirect functions may stand in .plt too: then its entries are of two sizes.
  if (output < 0 || layout.outputs[output]!.because?.extra?.entsize !== undefined) return
  if (layout.outputs[output]!.size % size === 0) files.headers[files.headerIndex[output]!]!.entsize = size
}

/** File offset of an input section's part of the output, or -1. */
function placeOf(layout: Layout, id: number): number {
  const output = id < 0 ? -1 : layout.outputOf[id]!
  return output < 0 ? -1 : layout.outputs[output]!.fileOffset + layout.offsetOf[id]!
}

function symbolBytes(
  program: Program,
  tables: DynamicTables,
  layout: Layout,
  headerIndex: Int32Array,
  words: LoaderWords,
): Uint8Array {
  const { arch, symbols } = program
  const wide = arch.bits === 64
  const little = arch.littleEndian
  const entry = wide ? 24 : 16
  const bytes = new Uint8Array(entry * tables.symbols.length)
  const view = new DataView(bytes.buffer)
  const wishes = program.plan.dynamic ?? {}
  const exportIndices = wishes.exportIndices && new Map(wishes.exportIndices.map(each => [each.section, each.index]))
  const tls = layout.segments.find(each => each.type === 7)
  const look = new SymbolLook(program, layout)
  const tlsBase = tls === undefined ? 0 : Number(BigInt.asIntN(64, tls.address))
  for (let index = 1; index < tables.symbols.length; index++) {
    const id = tables.symbols[index]!
    const at = index * entry
    const home = layout.symbolHome[id]!
    const isScript = symbols.state[id] === SymbolState.Script
    const isImport = home === SymbolHome.Undefined
    let type = isScript ? (look.boundary(id)?.type ?? layout.symbolType[id]!) : symbols.type[id]!
    if (isImport && type === STT_GNU_IFUNC) type = STT_FUNC
    if (isImport && wishes.importsAsObjects) type = STT_OBJECT
    let isWeak = isImport ? (symbols.flags[id]! & SymbolFlag.StrongReference) === 0 : symbols.binding[id] === STB_WEAK
    let value = 0
    let shndx = 0
    let size = 0
    if (home !== SymbolHome.Undefined) {
      value = layout.symbolValue[id]! - (type === STT_TLS ? tlsBase : 0)
      shndx = home < 0 ? SHN_ABS : headerIndex[home]!
      size = isScript ? 0 : symbols.size[id]!
    } else if (words.canonical[id] === 1) value = words.callTarget(id, 0)
    if (!isImport && wishes.plainExports) {
      type = home >= 0 && (layout.outputs[home]!.flags & SHF_EXECINSTR) !== 0 ? STT_FUNC : STT_OBJECT
      size = 0
    }
    if (isImport ? wishes.importsAsObjects && !wishes.weakImportsStay : wishes.plainExports) isWeak = false
    if (home >= 0) shndx = exportIndices?.get(layout.outputs[home]!.name) ?? shndx
    view.setUint32(at, tables.nameOffsets[index]!, little)
    const binding = isImport ? 1 : symbols.binding[id]! || 1
    const info = ((isWeak ? 2 : binding) << 4) | type
    const infoAt = at + (wide ? 4 : 12)
    view.setUint8(infoAt, info)
    view.setUint8(infoAt + 1, symbols.other[id]!)
    view.setUint16(infoAt + 2, shndx, little)
    if (wide) {
      view.setBigUint64(at + 8, BigInt.asUintN(64, BigInt(value)), little)
      view.setBigUint64(at + 16, BigInt(size), little)
    } else {
      view.setUint32(at + 4, value, little)
      view.setUint32(at + 8, size, little)
    }
  }
  return bytes
}

/** .gnu.version_d: the base definition, then the nodes, each with itself and its parents as auxiliary names. */
function definitionBytes(program: Program, tables: DynamicTables): Uint8Array {
  const nodes = program.plan.symbols.versions
  const rows = [
    { flags: VER_FLG_BASE, names: [tables.baseName] },
    ...tables.definitions.map(index => ({ flags: 0, names: [nodes[index]!.name, ...nodes[index]!.parents] })),
  ]
  const bytes = new Uint8Array(rows.reduce((sum, row) => sum + 20 + 8 * row.names.length, 0))
  const view = new DataView(bytes.buffer)
  const little = program.arch.littleEndian
  let at = 0
  rows.forEach((row, position) => {
    const length = 20 + 8 * row.names.length
    view.setUint16(at, 1, little)
    view.setUint16(at + 2, row.flags, little)
    view.setUint16(at + 4, position + 1, little)
    view.setUint16(at + 6, row.names.length, little)
    view.setUint32(at + 8, sysvHash(row.names[0]!), little)
    view.setUint32(at + 12, 20, little)
    view.setUint32(at + 16, position + 1 === rows.length ? 0 : length, little)
    row.names.forEach((name, i) => {
      view.setUint32(at + 20 + 8 * i, tables.strings.add(name), little)
      view.setUint32(at + 24 + 8 * i, i + 1 === row.names.length ? 0 : 8, little)
    })
    at += length
  })
  return bytes
}
