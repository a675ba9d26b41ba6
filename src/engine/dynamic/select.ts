/**
 * What the dynamic symbol table holds and how large the dynamic tables are.
 *
 * Order of .dynsym: the null entry, imports, then what the loader must find by name, sorted by bucket of DT_GNU_HASH, as
 * that table demands: definitions, and imported functions whose stub is their address in the whole program. A plan may ask for
 * exports, then imports in the order of their first use; that is possible while there is no DT_GNU_HASH.
 */
import { isWildcard } from '../../base/glob.ts'
import { SHT_PROGBITS, STV_HIDDEN, STV_INTERNAL } from '../../elf/constants.ts'
import { bucketCount, type GnuHashShape, gnuHash, gnuHashShape, gnuHashSize } from '../../elf/hash-tables.ts'
import type { Needs } from '../records/needs.ts'
import { ContentKind, type Contents, type Live } from '../records/placement.ts'
import type { Program, SharedObject } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import { SymbolFlag, SymbolState } from '../records/tables.ts'
import { exportedByName } from './bind.ts'
import type { DynamicSections } from './declare.ts'
import { StringPool } from './string-pool.ts'
import { countTags, implicitTag } from './tags.ts'
import { VersionNeeds } from './version-needs.ts'

export interface DynamicTables {
  readonly sections: DynamicSections
  /** global symbol id by dynamic symbol index; -1 at 0 */
  readonly symbols: readonly number[]
  /** names without a version, same index */
  readonly names: readonly string[]
  /** dynamic symbol index by symbol id */
  readonly indexOf: ReadonlyMap<number, number>
  /** dynamic symbol index of the first export */
  readonly firstExport: number
  readonly hashShape: GnuHashShape
  readonly buckets: number
  /** entry of .gnu.version (VER_NDX_, hidden bit) by dynamic symbol index */
  readonly versionOf: readonly number[]
  /** named version nodes: index in the plan's nodes, in order; their version index is position + 2 */
  readonly definitions: readonly number[]
  readonly needs: VersionNeeds
  readonly strings: StringPool
  /** offsets in .dynstr: of the names by dynamic symbol index; of the names of shared objects in the order of `libraries` */
  readonly nameOffsets: readonly number[]
  readonly libraryOffsets: readonly number[]
  /** of the run-time search path, 0: there is none */
  readonly pathOffset: number
  /** shared objects for DT_NEEDED; those from `implicit` on are there only for what is imported from them */
  readonly libraries: readonly SharedObject[]
  readonly implicit: number
  /** name of the output for the base version definition */
  readonly baseName: string
  /** entries of .dynamic */
  readonly tagCount: number
  /** path of the program interpreter */
  readonly interpreter: string
}

const versionHidden = 0x8000

/**
 * Chooses imports and exports, sets the sizes of the dynamic tables in `contents`.
 * @param versions version node by symbol id, of bindSymbols
 */
export function selectDynamic(
  program: Program,
  live: Live,
  sections: DynamicSections,
  versions: ReadonlyMap<number, number>,
  needs: Needs,
  contents: Contents,
  request: LinkRequest,
): DynamicTables {
  const { symbols } = program
  const nodes = program.plan.symbols.versions
  const exported = exportedByName(request)
  const wishes = program.plan.dynamic ?? {}
  const firstUse = sections.gnuHash < 0 ? needs.dynamic?.firstUse : undefined
  const imports: number[] = []
  const hashed: number[] = []
  for (let id = 0; id < symbols.names.count; id++) {
    if (isImport(program, request, id)) {
      if (firstUse !== undefined && firstUse[id] === 0 && symbols.state[id] === SymbolState.Shared) continue
      if (needs.dynamic?.canonical[id] === 1 && firstUse === undefined) hashed.push(id)
      else imports.push(id)
    } else if (isExport(program, live, request, exported, id)) hashed.push(id)
  }
  const hashShape = gnuHashShape(hashed.length, program.arch.bits)
  const nameOf = (id: number): string => symbols.name(id).replace(/@.*$/s, '')
  const hashes = new Map(hashed.map(id => [id, gnuHash(nameOf(id)) % hashShape.buckets]))
  hashed.sort((a, b) => hashes.get(a)! - hashes.get(b)! || a - b)
  if (firstUse !== undefined) {
    imports.sort((a, b) => firstUse[a]! - firstUse[b]! || a - b)
    hashed.sort(asAsked(program, request))
  }
  const order = firstUse === undefined ? [-1, ...imports, ...hashed] : [-1, ...hashed, ...imports]
  const names = order.map(id => (id < 0 ? '' : nameOf(id)))
  const definitions = nodes.flatMap((node, index) => (node.name === '' ? [] : [index]))
  const needers = wishes.versionsByAge ? order.slice(1).sort((a, b) => a - b) : order.slice(1)
  const versionNeeds = new VersionNeeds(program, needers, definitions.length + 2, wishes.versionsByAge === true)
  const baseName = request.soname ?? request.output.replace(/^.*\//s, '')
  const strings = new StringPool(wishes.stringsApart)
  const isImplicit = (each: SharedObject): boolean => each.asNeeded && wishes.tags?.includes(implicitTag) === true
  const libraries = program.shared.filter(each => !isImplicit(each))
  const implicit = libraries.length
  const libraryOffsets = libraries.map(each => strings.use(each.soname))
  if (request.soname !== undefined) strings.add(request.soname)
  const pathOffset = request.rpath.length > 0 ? strings.use(request.rpath.join(':')) : 0
  const late = new Map(program.shared.filter(isImplicit).map(each => [each.file, each]))
  const addLibrary = (each: SharedObject | undefined): void => {
    if (each === undefined || !late.delete(each.file)) return
    libraries.push(each)
    libraryOffsets.push(strings.use(each.soname))
  }
  const nameOffsets = names.map((name, index) => {
    const offset = strings.use(name)
    if (index > 0) addLibrary(late.get(symbols.file[order[index]!]!))
    return offset
  })
  for (const each of [...late.values()]) addLibrary(each)
  if (definitions.length > 0) strings.add(baseName)
  for (const index of definitions) strings.add(nodes[index]!.name)
  versionNeeds.enterStrings(strings)
  const versionOf = order.map(id => {
    if (id < 0) return 0
    const needed = versionNeeds.indexOf(id)
    if (needed !== undefined) return needed
    const node = versions.get(id)
    const position = node === undefined ? -1 : definitions.indexOf(node)
    if (position < 0) return 1
    const name = symbols.name(id)
    const at = name.indexOf('@')
    // `f@V` without a second @ is not the version that new references get.
    return (position + 2) | (at >= 0 && name[at + 1] !== '@' ? versionHidden : 0)
  })
  const tables = {
    tagCount: 0,
    sections,
    symbols: order,
    names,
    indexOf: indices(program, order),
    firstExport: 1 + imports.length,
    hashShape,
    buckets: wishes.bucketsByBits ? 1 + bitLength(names.length) : bucketCount(names.length),
    versionOf,
    definitions,
    needs: versionNeeds,
    strings,
    nameOffsets,
    libraryOffsets,
    pathOffset,
    libraries,
    implicit,
    baseName,
    interpreter: request.dynamicLinker ?? program.plan.target.interpreter ?? program.arch.interpreter,
  }
  tables.tagCount = countTags(program, live, needs, request, tables)
  setSizes(program, tables, contents)
  return tables
}

/** The largest power of two that is no larger than `count`, which is at least 1. */
function powerBelow(count: number): number {
  return 2 ** (31 - Math.clz32(count))
}

function bitLength(count: number): number {
  return 32 - Math.clz32(count)
}

/** Exports in the order of the options that name them, then by age. */
function asAsked(program: Program, request: LinkRequest): (a: number, b: number) => number {
  const { symbols } = program
  const asked = new Map<number, number>()
  request.exportSymbols.forEach((name, i) => {
    const id = isWildcard(name) ? -1 : symbols.names.findText(name)
    if (id >= 0 && !asked.has(id)) asked.set(id, i)
  })
  const rank = (id: number): number => asked.get(id) ?? request.exportSymbols.length
  return (a, b) => rank(a) - rank(b) || a - b
}

/** By symbol id; the second names of a versioned definition have the index of the first. */
function indices(program: Program, order: readonly number[]): Map<number, number> {
  const { symbols } = program
  const found = new Map<number, number>()
  const byDefinition = new Map<string, number>()
  order.forEach((id, index) => {
    if (id < 0) return
    found.set(id, index)
    if (symbols.name(id).includes('@')) byDefinition.set(`${symbols.file[id]} ${symbols.index[id]}`, index)
  })
  if (byDefinition.size > 0)
    for (let id = 0; id < symbols.names.count; id++) {
      if ((symbols.flags[id]! & SymbolFlag.VersionAlias) === 0 || found.has(id)) continue
      const index = byDefinition.get(`${symbols.file[id]} ${symbols.index[id]}`)
      if (index !== undefined) found.set(id, index)
    }
  return found
}

function isImport(program: Program, request: LinkRequest, id: number): boolean {
  const { symbols } = program
  const state = symbols.state[id]!
  if (state !== SymbolState.Shared && state !== SymbolState.Undefined && state !== SymbolState.UndefinedWeak)
    return false
  const flags = symbols.flags[id]!
  if ((flags & SymbolFlag.Preemptible) === 0) return false
  // Without garbage collection every reference counts, as in GNU ld, even one that no relocation uses.
  return (flags & SymbolFlag.Imported) !== 0 || (!request.gcSections && state !== SymbolState.UndefinedWeak)
}

function isExport(
  program: Program,
  live: Live,
  request: LinkRequest,
  isNamed: ((name: string) => boolean) | undefined,
  id: number,
): boolean {
  const { symbols } = program
  const state = symbols.state[id]!
  if (state !== SymbolState.Defined && state !== SymbolState.Script) return false
  const flags = symbols.flags[id]!
  if ((flags & (SymbolFlag.ForcedLocal | SymbolFlag.ScriptHidden | SymbolFlag.VersionAlias)) !== 0) return false
  const visibility = symbols.other[id]! & 3
  if (visibility === STV_HIDDEN || visibility === STV_INTERNAL) return false
  const section = symbols.section[id]!
  if (state === SymbolState.Defined && section >= 0 && live[section] !== 1) return false
  if ((flags & (SymbolFlag.Exported | SymbolFlag.SharedReference)) !== 0) return true
  if (request.kind === 'shared' || request.exportDynamic) return true
  return isNamed?.(symbols.name(id)) === true
}

function setSizes(program: Program, tables: DynamicTables, contents: Contents): void {
  const { arch } = program
  const wide = arch.bits === 64
  const { sections, names, firstExport, definitions } = tables
  const size = (id: number, bytes: number): void => {
    if (id < 0) return
    contents.size[id] = bytes
    contents.kind[id] = ContentKind.Synthetic
  }
  size(sections.interpreter, tables.interpreter.length + 1)
  size(sections.symbols, names.length * (wide ? 24 : 16))
  size(sections.strings, tables.strings.size)
  size(sections.hash, 4 * (2 + tables.buckets + names.length))
  size(sections.gnuHash, gnuHashSize(tables.hashShape, names.length - firstExport, arch.bits))
  const isVersioned = definitions.length > 0 || tables.needs.files.length > 0
  if (!isVersioned && program.plan.dynamic?.plainVersions) {
    // Bytes that nothing speaks of; they stay for the sake of the layout.
    const word = wide ? 8 : 4
    for (const id of [sections.versions, sections.needs]) program.sections.type[id] = SHT_PROGBITS
    const bytes = 2 * names.length
    const largest = program.plan.dynamic.plainVersionsAlign
    program.sections.align[sections.versions] = largest === undefined ? word : Math.min(largest, powerBelow(bytes))
    if (largest !== undefined) program.sections.align[sections.needs] = 1
    size(sections.versions, largest === undefined ? Math.ceil(bytes / word) * word : bytes)
  } else size(sections.versions, isVersioned ? 2 * names.length : 0)
  const nodes = program.plan.symbols.versions
  let definitionBytes = definitions.length > 0 ? 28 : 0
  for (const index of definitions) definitionBytes += 28 + 8 * nodes[index]!.parents.length
  size(sections.definitions, definitionBytes)
  size(sections.needs, tables.needs.size)
  size(sections.dynamic, tables.tagCount * (wide ? 16 : 8))
}
