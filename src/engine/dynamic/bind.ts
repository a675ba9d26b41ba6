/**
 * Which symbols the loader decides about, and which version each definition has. Before garbage collection, because a
 * symbol that a version script makes local keeps nothing alive.
 *
 * The loader decides about a symbol that another object defines, and about a definition in a shared object that others
 * may replace: default visibility, not made local by a version script, not bound by -Bsymbolic.
 */
import { compileGlob, isWildcard, matchesText } from '../../base/glob.ts'
import { foreignVersionPattern, hiddenElsewhere, undefinedVersion } from '../../diag/catalogue/dynamic.ts'
import { inFile, inScript, nowhere, type Place } from '../../diag/diagnostic.ts'
import type { Report } from '../../diag/report.ts'
import { STB_GLOBAL, STT_FUNC, STT_GNU_IFUNC, STT_OBJECT } from '../../elf/constants.ts'
import type { VersionNode, VersionPattern } from '../../plan/plan.ts'
import type { Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import { SymbolFlag, SymbolState } from '../records/tables.ts'
import { isDynamic } from './declare.ts'
import { type VersionMatcher, versionMatcher } from './version-script.ts'

/** Version node (index in the plan's nodes) by symbol id. Sets the flags ForcedLocal and Preemptible. */
export function bindSymbols(program: Program, request: LinkRequest, report: Report): ReadonlyMap<number, number> {
  if (request.kind === 'relocatable' || !isDynamic(program, request)) return new Map()
  const versions = applyVersions(program, request, report)
  const nodes = defineNodes(program)
  for (const [id, node] of nodes) versions.set(id, node)
  const { symbols } = program
  const isListed = exportedByName(request)
  if (request.exportPatterns !== undefined && request.exportPatterns.length > 0)
    reportForeign(versionMatcher([exportNode(request.exportPatterns)]), report)
  for (let id = 0; id < symbols.names.count; id++) {
    if (isPreemptible(program, request, isListed, report, id)) symbols.flags[id]! |= SymbolFlag.Preemptible
  }
  return versions
}

/** Does the output name a program interpreter? */
export function hasInterpreter(request: LinkRequest): boolean {
  return (request.kind === 'exec' || request.kind === 'pie') && !request.noDynamicLinker && !request.isStatic
}

function isPreemptible(
  program: Program,
  request: LinkRequest,
  isListed: ((name: string) => boolean) | undefined,
  report: Report,
  id: number,
): boolean {
  const { symbols } = program
  const state = symbols.state[id]!
  const flags = symbols.flags[id]!
  const isDefault = (symbols.other[id]! & 3) === 0
  const isShared = request.kind === 'shared'
  switch (state) {
    case SymbolState.Shared:
      if ((flags & SymbolFlag.Referenced) === 0) return false
      if (!isDefault) report.add(hiddenElsewhere({ name: symbols.name(id) }), definer(program, id))
      return isDefault
    case SymbolState.Undefined:
      // What only -u, -e or a script asks for is no import: nothing in the output uses it.
      if ((flags & SymbolFlag.Regular) === 0) return false
      return (flags & SymbolFlag.Referenced) !== 0 && isDefault && (isShared || request.unresolved !== 'error')
    case SymbolState.UndefinedWeak:
      if (request.z.has('nodynamic-undefined-weak')) return false
      return isDefault && (isShared || hasInterpreter(request))
    case SymbolState.Defined:
    case SymbolState.Script: {
      if (!isShared || !isDefault) return false
      if ((flags & (SymbolFlag.ForcedLocal | SymbolFlag.ScriptHidden)) !== 0) return false
      if (request.listedOnly && isListed?.(symbols.name(id)) === true) return true
      if (request.listedOnly || request.symbolic === 'all') return false
      if (request.symbolic !== 'functions') return true
      return symbols.type[id] !== STT_FUNC && symbols.type[id] !== STT_GNU_IFUNC
    }
    default:
      return false
  }
}

/** --dynamic-list, --export-dynamic-symbol: names and wildcards. Undefined when there are none. */
export function exportedByName(request: LinkRequest): ((name: string) => boolean) | undefined {
  const patterns = request.exportPatterns ?? []
  if (request.exportSymbols.length === 0 && patterns.length === 0) return undefined
  const exact = new Set(request.exportSymbols.filter(pattern => !isWildcard(pattern)))
  const globs = request.exportSymbols.filter(isWildcard).map(compileGlob)
  const isPlain = (name: string): boolean => exact.has(name) || globs.some(glob => matchesText(glob, name))
  if (patterns.length === 0) return isPlain
  // A list is a version node of which only `global` counts: names of C++ are compared demangled.
  const matcher = versionMatcher([exportNode(patterns)])
  return name => isPlain(name) || matcher.choose(name) !== undefined
}

function exportNode(global: readonly VersionPattern[]): VersionNode {
  return { name: '', parents: [], global, local: [], span: global[0]!.span }
}

function definer(program: Program, id: number): Place {
  const file = program.files[program.symbols.file[id]!]
  return file === undefined ? nowhere : inFile(file.name)
}

/** Version node of each symbol that a version script names; makes the `local:` ones local. */
function applyVersions(program: Program, request: LinkRequest, report: Report): Map<number, number> {
  const { symbols } = program
  const chosen = new Map<number, number>()
  const nodes = program.plan.symbols.versions
  if (nodes.length === 0 && request.kind !== 'shared') return chosen
  const matcher = versionMatcher(nodes)
  for (let id = 0; id < symbols.names.count; id++) {
    const state = symbols.state[id]!
    if (state !== SymbolState.Defined && state !== SymbolState.Script) continue
    const name = symbols.name(id)
    const at = name.indexOf('@')
    if (at >= 0) {
      const version = name.slice(at).replace(/^@+/, '')
      const node = nodes.findIndex(each => each.name === version)
      if (node >= 0) {
        if (matcher.isLocalIn(node, name.slice(0, at))) symbols.flags[id]! |= SymbolFlag.ForcedLocal
        else chosen.set(id, node)
      } else if (request.kind === 'shared' && version !== '' && (symbols.flags[id]! & SymbolFlag.VersionAlias) === 0)
        report.add(undefinedVersion({ name }), definer(program, id))
      continue
    }
    if (nodes.length === 0) continue
    const choice = matcher.choose(name)
    if (choice === undefined) continue
    if (choice.isLocal) symbols.flags[id]! |= SymbolFlag.ForcedLocal
    else chosen.set(id, choice.node)
  }
  reportForeign(matcher, report)
  return chosen
}

/** Patterns of languages whose names are not demangled. */
function reportForeign(matcher: VersionMatcher, report: Report): void {
  for (const { pattern, language, span } of matcher.unknown)
    report.add(foreignVersionPattern({ pattern, language }), inScript(span))
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
