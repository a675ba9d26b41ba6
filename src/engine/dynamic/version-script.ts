/**
 * Which version node a symbol belongs to (GNU ld manual, VERSION command).
 *
 * An exact name wins over wildcards, of which a later node's wins over an earlier one's; `*` is weakest; `global` wins
 * over `local` among wildcards. Exact names are looked up in one map, so the work per symbol is the few wildcards.
 * Patterns in extern "C++" are compared with demangled names, those in extern "C" with the names as they are.
 */
import { compileGlob, type Glob, isWildcard, matchesText } from '../../base/glob.ts'
import { demangle } from '../../diag/demangle.ts'
import type { VersionNode, VersionPattern } from '../../plan/plan.ts'

/** The decision for one name. */
export interface VersionChoice {
  /** index in the plan's nodes */
  readonly node: number
  readonly isLocal: boolean
}

export interface VersionMatcher {
  /** undefined: no pattern matches, the symbol keeps what it has */
  choose(name: string): VersionChoice | undefined
  /** does a node make the name local, when the name itself says that it belongs to the node (`f@NODE`)? */
  isLocalIn(node: number, name: string): boolean
  /** patterns of languages whose names are not demangled */
  readonly unknown: readonly VersionPattern[]
}

interface Wildcard {
  readonly glob: Glob
  readonly choice: VersionChoice
  readonly isForeign: boolean
}

const isExact = (pattern: VersionPattern): boolean => pattern.literal || !isWildcard(pattern.pattern)

export function versionMatcher(nodes: readonly VersionNode[]): VersionMatcher {
  const exact = new Map<string, VersionChoice>()
  const foreign = new Map<string, VersionChoice>()
  const globals: Wildcard[] = []
  const locals: Wildcard[] = []
  const unknown: VersionPattern[] = []
  let anyGlobal: VersionChoice | undefined
  let anyLocal: VersionChoice | undefined
  nodes.forEach((node, index) => {
    for (const isLocal of [false, true])
      for (const pattern of isLocal ? node.local : node.global) {
        const choice: VersionChoice = { node: index, isLocal }
        const isForeign = pattern.language === 'C++'
        if (!isForeign && pattern.language !== 'C') unknown.push(pattern)
        else if (isExact(pattern)) {
          const map = isForeign ? foreign : exact
          if (!map.has(pattern.pattern)) map.set(pattern.pattern, choice)
        } else if (pattern.pattern === '*') {
          if (isLocal) anyLocal = choice
          else anyGlobal = choice
        } else (isLocal ? locals : globals).push({ glob: compileGlob(pattern.pattern), choice, isForeign })
      }
  })
  globals.reverse()
  locals.reverse()
  const demangles = foreign.size > 0 || [...globals, ...locals].some(each => each.isForeign)
  return {
    unknown,
    isLocalIn(node, name) {
      const own = versionMatcher([nodes[node]!])
      return own.choose(name)?.isLocal === true
    },
    choose(name) {
      const found = exact.get(name)
      if (found !== undefined) return found
      const readable = demangles ? demangle(name) : name
      const foreignFound = demangles ? foreign.get(readable) : undefined
      if (foreignFound !== undefined) return foreignFound
      for (const each of globals) if (matchesText(each.glob, each.isForeign ? readable : name)) return each.choice
      for (const each of locals) if (matchesText(each.glob, each.isForeign ? readable : name)) return each.choice
      return anyGlobal ?? anyLocal
    },
  }
}
