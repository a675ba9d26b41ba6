/** The use of region names, which may come before the MEMORY line that declares them. */
import type { Span } from '../../grammar/span.ts'
import { regionUndeclared } from '../diag/catalogue/script-compile.ts'
import { type Compilation, numberExpression, type RegionDraft } from './compilation.ts'
import { nearestName } from './nearest.ts'

/** The region of a name or alias. */
export function findRegion(name: string, c: Compilation): RegionDraft | undefined {
  return c.draft.regions.find(region => region.name === name || region.aliases.includes(name))
}

/** All names that mean a region so far. */
export function regionNames(c: Compilation): string[] {
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
