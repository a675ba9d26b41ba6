/** MEMORY, REGION_ALIAS, and the use of region names. */
import type { RegionAliasStatement, MemoryRegion as RegionSyntax } from '../../grammar/ast.ts'
import type { Span } from '../../grammar/span.ts'
import {
  aliasTaken,
  aliasTargetMissing,
  attributeUnknown,
  regionRedeclared,
  regionUndeclared,
} from '../diag/catalogue/script-compile.ts'
import { inScript } from '../diag/diagnostic.ts'
import { type Compilation, numberExpression, type RegionDraft } from './compilation.ts'
import { lower } from './lower-expression.ts'
import { nearestName } from './nearest.ts'
import { nameOrRaw } from './plan-time.ts'
import type { Scope } from './scope.ts'

function findRegion(name: string, c: Compilation): RegionDraft | undefined {
  return c.draft.regions.find(region => region.name === name || region.aliases.includes(name))
}

function regionNames(c: Compilation): string[] {
  return c.draft.regions.flatMap(region => [region.name, ...region.aliases])
}

/**
 * The name of the region behind a name or alias. As in GNU ld an unknown one is made on the spot: it begins at 0, has
 * no end, and a MEMORY line further down may still declare it.
 */
export function noteRegionUse(name: string, span: Span, c: Compilation): string {
  const known = findRegion(name, c)
  if (known !== undefined) return known.name
  c.add(regionUndeclared({ region: name, nearest: nearestName(name, regionNames(c)) }), span)
  c.draft.regions.push({
    name,
    aliases: [],
    origin: numberExpression(0n, span),
    length: numberExpression(-1n, span),
    span,
    declared: false,
  })
  return name
}

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
  if (findRegion(alias, c) !== undefined) {
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
