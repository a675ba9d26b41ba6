/** MEMORY and REGION_ALIAS. */
import type { RegionAliasStatement, MemoryRegion as RegionSyntax } from '../../grammar/ast.ts'
import { aliasTaken, aliasTargetMissing, attributeUnknown, regionRedeclared } from '../diag/catalogue/script-compile.ts'
import { inScript } from '../diag/diagnostic.ts'
import type { Compilation } from './compilation.ts'
import { lower } from './lower-expression.ts'
import { nearestName } from './nearest.ts'
import { nameOrRaw } from './plan-time.ts'
import { findRegion, regionNames } from './region-names.ts'
import type { Scope } from './scope.ts'

/** What no MEMORY declares: all addresses. It can neither be renamed nor named again. */
const defaultRegion = '*default*'

/** One line of MEMORY. */
export function declareRegion(syntax: RegionSyntax, scope: Scope, c: Compilation): void {
  const name = nameOrRaw(syntax.name, scope, c)
  const origin = lower(syntax.origin, scope, c)
  const length = lower(syntax.length, scope, c)
  const attributes = readAttributes(syntax, c)
  const parts = { origin, length, span: syntax.span, declared: true, ...(attributes && { attributes }) }
  const known = findRegion(name, c)
  if (known === undefined) {
    c.draft.regions.push({ name, aliases: [], ...parts })
    return
  }
  if (known.declared) {
    const notes = [{ text: 'declared here first', at: inScript(known.span) }]
    c.add(regionRedeclared({ region: name }), syntax.name.span, notes)
  }
  Object.assign(known, parts)
}

/** Each `!` turns the letters behind it around, within its own group. Letters are lower case in the plan, and `l` is `i`. */
function readAttributes(syntax: RegionSyntax, c: Compilation): { any: string; none: string } | undefined {
  if (syntax.attributes.length === 0) return undefined
  let any = ''
  let none = ''
  for (const group of syntax.attributes) {
    let inverted = group.inverted
    for (const letter of group.letters) {
      if (letter === '!') {
        inverted = !inverted
        continue
      }
      const lower = letter.toLowerCase() === 'l' ? 'i' : letter.toLowerCase()
      if (!'rwxai'.includes(lower)) c.add(attributeUnknown({ letter }), group.span)
      else if (inverted) none += lower
      else any += lower
    }
  }
  return { any, none }
}

export function declareAlias(statement: RegionAliasStatement, scope: Scope, c: Compilation): void {
  const alias = nameOrRaw(statement.alias, scope, c)
  const name = nameOrRaw(statement.region, scope, c)
  if (findRegion(alias, c) !== undefined || alias === defaultRegion) {
    c.add(aliasTaken({ alias }), statement.alias.span)
    return
  }
  const region = findRegion(name, c)
  if (region === undefined)
    c.add(
      aliasTargetMissing({ alias, region: name, nearest: nearestName(name, regionNames(c)) }),
      statement.region.span,
    )
  else region.aliases = [...region.aliases, alias]
}
