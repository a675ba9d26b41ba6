/**
 * What the dynamic symbol table holds and how large the dynamic tables are.
 *
 * Order of .dynsym: the null entry, imports, then what the loader must find by name, sorted by bucket of DT_GNU_HASH, as
 * that table demands: definitions, and imported functions whose stub is their address in the whole program.
 */
import { STV_HIDDEN, STV_INTERNAL } from '../../elf/constants.ts'
import { bucketCount, type GnuHashShape, gnuHash, gnuHashShape, gnuHashSize } from '../../elf/hash-tables.ts'
import type { Needs } from '../records/needs.ts'
import { ContentKind, type Contents, type Live } from '../records/placement.ts'
import type { Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import { SymbolFlag, SymbolState } from '../records/tables.ts'
import { exportedByName } from './bind.ts'
import type { DynamicSections } from './declare.ts'
import { StringPool } from './string-pool.ts'
import { countTags } from './tags.ts'
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
  const imports: number[] = []
  const hashed: number[] = []
  for (let id = 0; id < symbols.names.count; id++) {
    if (isImport(program, request, id)) {
      if (needs.dynamic?.canonical[id] === 1) hashed.push(id)
      else imports.push(id)
    } else if (isExport(program, live, request, exported, id)) hashed.push(id)
  }
  const hashShape = gnuHashShape(hashed.length, program.arch.bits)
  const nameOf = (id: number): string => symbols.name(id).replace(/@.*$/s, '')
  const hashes = new Map(hashed.map(id => [id, gnuHash(nameOf(id)) % hashShape.buckets]))
  hashed.sort((a, b) => hashes.get(a)! - hashes.get(b)! || a - b)
  const order = [-1, ...imports, ...hashed]
  const names = order.map(id => (id < 0 ? '' : nameOf(id)))
  const definitions = nodes.flatMap((node, index) => (node.name === '' ? [] : [index]))
  const versionNeeds = new VersionNeeds(program, order.slice(1), definitions.length + 2)
  const baseName = request.soname ?? request.output.replace(/^.*\//s, '')
  const strings = new StringPool()
  for (const { soname } of program.shared) strings.add(soname)
  if (request.soname !== undefined) strings.add(request.soname)
  if (request.rpath.length > 0) strings.add(request.rpath.join(':'))
  for (const name of names) strings.add(name)
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
    buckets: bucketCount(names.length),
    versionOf,
    definitions,
    needs: versionNeeds,
    strings,
    baseName,
    interpreter: request.dynamicLinker ?? program.arch.interpreter,
  }
  tables.tagCount = countTags(program, live, needs, request, tables)
  setSizes(program, tables, contents)
  return tables
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
  isNamed: (name: string) => boolean,
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
  return request.exportSymbols.length > 0 && isNamed(symbols.name(id))
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
  size(sections.versions, isVersioned ? 2 * names.length : 0)
  const nodes = program.plan.symbols.versions
  let definitionBytes = definitions.length > 0 ? 28 : 0
  for (const index of definitions) definitionBytes += 28 + 8 * nodes[index]!.parents.length
  size(sections.definitions, definitionBytes)
  size(sections.needs, tables.needs.size)
  size(sections.dynamic, tables.tagCount * (wide ? 16 : 8))
}
