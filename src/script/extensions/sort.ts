/** @sort: the contents of an output section, or output sections themselves, in the order of keys. */
import type { ExtensionStatement, SectionBodyStatement } from '../../../grammar/ast.ts'
import { notConstant } from '../../diag/catalogue/script-compile.ts'
import type { Statement } from '../../plan/plan.ts'
import { Arguments } from './arguments.ts'
import { bodyOf, type ExtensionRows, type Site, sectionsOf } from './site.ts'

export const sortRows: ExtensionRows = {
  sort: { places: ['sections', 'section-body'], lower: lowerSort },
  together: { places: ['sections'], lower: lowerTogether },
}

/** `@sort (size, name) { patterns }`, `@sort (size, name) { output sections }` */
function lowerSort(statement: ExtensionStatement, site: Site): void {
  const c = site.compilation
  const list = new Arguments(statement, site)
  const written = list.list()
  list.finish()
  const keys: ('size' | 'name')[] = []
  for (const item of written?.items ?? []) {
    const word = item.kind === 'symbol' ? item.name.text : ''
    if (word === 'size' || word === 'name') keys.push(word)
    else c.add(notConstant({ what: 'a key of @sort', expression: word || 'this' }), item.span)
  }
  const { block } = statement
  if (keys.length === 0) list.fail('(size, name), (size) or (name)')
  else if (block?.kind !== 'block') list.fail(site.body === undefined ? 'a block of sections' : 'a block of patterns')
  else if (site.body !== undefined)
    c.levels.body(block.statements as readonly SectionBodyStatement[], { ...bodyOf(site), order: keys }, site.scope)
  else sortSections(block.statements, keys, site)
}

/** How large the sections are is known when everything has its place: the engine sorts what has the same group. */
function sortSections(
  statements: Parameters<Site['compilation']['levels']['sections']>[0],
  keys: ('size' | 'name')[],
  site: Site,
): void {
  const c = site.compilation
  const place = sectionsOf(site)
  const inner: Statement[] = []
  c.levels.sections(statements, { ...place, sink: inner, isSorted: true }, site.scope)
  const group = ++c.draft.sortGroups
  for (const each of inner) {
    const unit = each.kind === 'output-section' ? each.extra?.sorted?.unit : undefined
    const sorted = unit === undefined ? { group, keys } : { group, keys, unit }
    place.sink.push(each.kind === 'output-section' ? { ...each, extra: { ...each.extra, sorted } } : each)
  }
}

/** `@together { output sections }` in a @sort: they stay together, where the first of them belongs. */
function lowerTogether(statement: ExtensionStatement, site: Site): void {
  const c = site.compilation
  const place = sectionsOf(site)
  const list = new Arguments(statement, site)
  list.finish()
  if (statement.block?.kind !== 'block' || !place.isSorted) {
    list.fail(place.isSorted ? 'a block of sections' : 'a @sort around it')
    return
  }
  const inner: Statement[] = []
  c.levels.sections(statement.block.statements, { ...place, sink: inner }, site.scope)
  const unit = ++c.draft.sortGroups
  for (const each of inner)
    place.sink.push(
      each.kind === 'output-section'
        ? { ...each, extra: { ...each.extra, sorted: { group: 0, keys: [], unit } } }
        : each,
    )
}
