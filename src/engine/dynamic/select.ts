/**
 * What the dynamic symbol table holds and how large the dynamic tables are.
 *
 * Order of .dynsym: the null entry, imports, then exports sorted by bucket of DT_GNU_HASH, as that table demands.
 */
import { foreignVersionPattern } from '../../diag/catalogue/dynamic.ts'
import { inScript } from '../../diag/diagnostic.ts'
import type { Report } from '../../diag/report.ts'
import { STB_GLOBAL, STT_OBJECT, STV_HIDDEN, STV_INTERNAL } from '../../elf/constants.ts'
import { bucketCount, type GnuHashShape, gnuHash, gnuHashShape, gnuHashSize } from '../../elf/hash-tables.ts'
import { ContentKind, type Contents, type Live } from '../records/placement.ts'
import type { Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import { SymbolFlag, SymbolState } from '../records/tables.ts'
import type { DynamicSections } from './declare.ts'
import { StringPool } from './string-pool.ts'
import { versionMatcher } from './version-script.ts'

export interface DynamicTables {
  readonly sections: DynamicSections
  /** global symbol id by dynamic symbol index; -1 at 0 and for version names */
  readonly symbols: readonly number[]
  /** names without a version, same index */
  readonly names: readonly string[]
  /** dynamic symbol index of the first export */
  readonly firstExport: number
  readonly hashShape: GnuHashShape
  readonly buckets: number
  /** version index (VER_NDX_) by dynamic symbol index */
  readonly versionOf: readonly number[]
  /** named version nodes: index in the plan's nodes, in order; their version index is position + 2 */
  readonly definitions: readonly number[]
  readonly strings: StringPool
  /** name of the output for the base version definition */
  readonly baseName: string
}

/** Applies the version script, chooses imports and exports, sets the sizes of the dynamic tables in `contents`. */
export function selectDynamic(
  program: Program,
  live: Live,
  sections: DynamicSections,
  contents: Contents,
  request: LinkRequest,
  report: Report,
): DynamicTables {
  const { symbols } = program
  const nodes = program.plan.symbols.versions
  const versionOfSymbol = applyVersions(program, report)
  if (sections.definitions >= 0) for (const [id, node] of defineNodes(program)) versionOfSymbol.set(id, node)
  const imports: number[] = []
  const exports: number[] = []
  for (let id = 0; id < symbols.names.count; id++) {
    if (isImport(program, id)) imports.push(id)
    else if (isExport(program, live, request, id)) exports.push(id)
  }
  const hashShape = gnuHashShape(exports.length, program.arch.bits)
  const nameOf = (id: number): string => symbols.name(id).replace(/@.*$/s, '')
  const hashes = new Map(exports.map(id => [id, gnuHash(nameOf(id)) % hashShape.buckets]))
  exports.sort((a, b) => hashes.get(a)! - hashes.get(b)! || a - b)
  const order = [-1, ...imports, ...exports]
  const names = order.map(id => (id < 0 ? '' : nameOf(id)))
  const definitions = nodes.flatMap((node, index) => (node.name === '' ? [] : [index]))
  const baseName = request.soname ?? request.output.replace(/^.*\//s, '')
  const strings = new StringPool()
  if (request.soname !== undefined) strings.add(request.soname)
  if (request.rpath.length > 0) strings.add(request.rpath.join(':'))
  for (const name of names) strings.add(name)
  if (definitions.length > 0) strings.add(baseName)
  for (const index of definitions) strings.add(nodes[index]!.name)
  const versionOf = order.map(id => {
    if (id < 0) return 0
    const node = versionOfSymbol.get(id)
    const position = node === undefined ? -1 : definitions.indexOf(node)
    return position < 0 ? 1 : position + 2
  })
  const tables: DynamicTables = {
    sections,
    symbols: order,
    names,
    firstExport: 1 + imports.length,
    hashShape,
    buckets: bucketCount(names.length),
    versionOf,
    definitions,
    strings,
    baseName,
  }
  setSizes(program, tables, contents, request)
  return tables
}

/** Version node of each symbol that a version script names; makes the `local:` ones local. */
function applyVersions(program: Program, report: Report): Map<number, number> {
  const { symbols } = program
  const chosen = new Map<number, number>()
  const nodes = program.plan.symbols.versions
  if (nodes.length === 0) return chosen
  const matcher = versionMatcher(nodes)
  let mangled = -1
  for (let id = 0; id < symbols.names.count; id++) {
    const state = symbols.state[id]!
    if (state !== SymbolState.Defined && state !== SymbolState.Script) continue
    const name = symbols.name(id)
    if (name.startsWith('_Z')) mangled = id
    const at = name.indexOf('@')
    if (at >= 0) {
      const version = name.slice(at).replace(/^@+/, '')
      const node = nodes.findIndex(each => each.name === version)
      if (node >= 0) chosen.set(id, node)
      continue
    }
    const choice = matcher.choose(name)
    if (choice === undefined) continue
    if (choice.isLocal) symbols.flags[id]! |= SymbolFlag.ForcedLocal
    else chosen.set(id, choice.node)
  }
  const foreign = matcher.foreign[0]
  if (mangled >= 0 && foreign !== undefined)
    report.add(foreignVersionPattern({ pattern: foreign.pattern, language: foreign.language }), inScript(foreign.span))
  return chosen
}

/** Each named node is an absolute symbol of its own, unless an input defines the name. Returns symbol id -> node. */
function defineNodes(program: Program): [number, number][] {
  const { symbols } = program
  return program.plan.symbols.versions.flatMap((node, index): [number, number][] => {
    if (node.name === '') return []
    const id = symbols.names.internText(node.name)
    symbols.grow()
    if (symbols.state[id] === SymbolState.Defined || symbols.state[id] === SymbolState.Script) return []
    symbols.state[id] = SymbolState.Defined
    symbols.binding[id] = STB_GLOBAL
    symbols.type[id] = STT_OBJECT
    symbols.section[id] = -1
    symbols.value[id] = 0
    symbols.size[id] = 0
    symbols.flags[id]! |= SymbolFlag.Exported
    return [[id, index]]
  })
}

function isImport(program: Program, id: number): boolean {
  const { symbols } = program
  const state = symbols.state[id]!
  if ((symbols.flags[id]! & SymbolFlag.Referenced) === 0) return false
  return state === SymbolState.Shared || state === SymbolState.Undefined || state === SymbolState.UndefinedWeak
}

function isExport(program: Program, live: Live, request: LinkRequest, id: number): boolean {
  const { symbols } = program
  const state = symbols.state[id]!
  if (state !== SymbolState.Defined && state !== SymbolState.Script) return false
  const flags = symbols.flags[id]!
  if ((flags & (SymbolFlag.ForcedLocal | SymbolFlag.ScriptHidden)) !== 0) return false
  const visibility = symbols.other[id]! & 3
  if (visibility === STV_HIDDEN || visibility === STV_INTERNAL) return false
  const section = symbols.section[id]!
  if (state === SymbolState.Defined && section >= 0 && live[section] !== 1) return false
  if ((flags & (SymbolFlag.Exported | SymbolFlag.SharedReference)) !== 0) return true
  return request.kind === 'shared' || request.exportDynamic
}

function setSizes(program: Program, tables: DynamicTables, contents: Contents, request: LinkRequest): void {
  const { arch } = program
  const wide = arch.bits === 64
  const { sections, names, firstExport, definitions } = tables
  const size = (id: number, bytes: number): void => {
    if (id < 0) return
    contents.size[id] = bytes
    contents.kind[id] = ContentKind.Synthetic
  }
  size(sections.symbols, names.length * (wide ? 24 : 16))
  size(sections.strings, tables.strings.size)
  size(sections.hash, 4 * (2 + tables.buckets + names.length))
  size(sections.gnuHash, gnuHashSize(tables.hashShape, names.length - firstExport, arch.bits))
  size(sections.versions, 2 * names.length)
  const nodes = program.plan.symbols.versions
  let definitionBytes = definitions.length > 0 ? 28 : 0
  for (const index of definitions) definitionBytes += 28 + 8 * nodes[index]!.parents.length
  size(sections.definitions, definitionBytes)
  size(sections.dynamic, dynamicEntries(request, tables) * (wide ? 16 : 8))
}

/** Upper bound of the entries of .dynamic: unused ones stay DT_NULL, as the gABI allows at the end. */
function dynamicEntries(request: LinkRequest, tables: DynamicTables): number {
  let count = 6 + 8 // string and symbol tables, hashes, terminator; init, fini and their arrays
  if (request.soname !== undefined) count++
  if (request.rpath.length > 0) count++
  if (request.kind === 'pie') count += 2
  if (tables.definitions.length > 0) count += 3
  if (request.z.has('now') || request.symbolic === 'all') count += 2
  return count
}
