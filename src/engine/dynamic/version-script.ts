/**
 * Which version node a symbol belongs to (GNU ld manual, VERSION command).
 *
 * An exact name wins over wildcards, of which a later node's wins over an earlier one's; `*` is weakest; `global` wins
 * over `local` among wildcards. Exact names are looked up in one map, so the work per symbol is the few wildcards.
 */
import { compileGlob, type Glob, isWildcard, matchesText } from '../../base/glob.ts'
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
  /** patterns for demangled C++ names */
  readonly foreign: readonly VersionPattern[]
}

interface Wildcard {
  readonly glob: Glob
  readonly choice: VersionChoice
}

const isExact = (pattern: VersionPattern): boolean => pattern.literal || !isWildcard(pattern.pattern)

export function versionMatcher(nodes: readonly VersionNode[]): VersionMatcher {
  const exact = new Map<string, VersionChoice>()
  const globals: Wildcard[] = []
  const locals: Wildcard[] = []
  const foreign: VersionPattern[] = []
  let anyGlobal: VersionChoice | undefined
  let anyLocal: VersionChoice | undefined
  nodes.forEach((node, index) => {
    for (const isLocal of [false, true])
      for (const pattern of isLocal ? node.local : node.global) {
        const choice: VersionChoice = { node: index, isLocal }
        if (pattern.language !== 'C') foreign.push(pattern)
        else if (isExact(pattern)) {
          if (!exact.has(pattern.pattern)) exact.set(pattern.pattern, choice)
        } else if (pattern.pattern === '*') {
          if (isLocal) anyLocal = choice
          else anyGlobal = choice
        } else (isLocal ? locals : globals).push({ glob: compileGlob(pattern.pattern), choice })
      }
  })
  globals.reverse()
  locals.reverse()
  return {
    foreign,
    choose(name) {
      const found = exact.get(name)
      if (found !== undefined) return found
      for (const each of globals) if (matchesText(each.glob, name)) return each.choice
      for (const each of locals) if (matchesText(each.glob, name)) return each.choice
      return anyGlobal ?? anyLocal
    },
  }
}
