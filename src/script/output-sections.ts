/** Output sections, and the SVR3 form GROUP, with everything that stands around their braces. */
import type { OutputSection, Placement, SectionType } from '../../grammar/ast.ts'
import type { Span } from '../../grammar/span.ts'
import {
  sectionTypeUnknown,
  sectionTypeUnused,
  twoAlignments,
  twoLoadAddresses,
} from '../diag/catalogue/script-compile.ts'
import type { OutputSectionPlan, SectionItem, SectionTypeRequest } from '../plan/plan.ts'
import { type Compilation, numberExpression, present } from './compilation.ts'
import { sectionTypes } from './elf-names.ts'
import { lowerFill } from './fills.ts'
import { lower } from './lower-expression.ts'
import { nearestName } from './nearest.ts'
import type { BodyDraft, SectionsPlace } from './places.ts'
import { nameOrRaw } from './plan-time.ts'
import { noteRegionUse } from './region-names.ts'
import type { Scope } from './scope.ts'
import { lowerBody } from './section-body.ts'

const constraints = {
  ONLY_IF_RO: 'only-if-ro',
  ONLY_IF_RW: 'only-if-rw',
  SPECIAL: 'special',
} as const

export function lowerOutputSection(syntax: OutputSection, place: SectionsPlace, scope: Scope, c: Compilation): void {
  const name = nameOrRaw(syntax.name, scope, c)
  const id = c.nextId()
  const address = syntax.address && lower(syntax.address, scope, c)
  const loadAddress = syntax.at && lower(syntax.at, scope, c)
  const align = syntax.align && lower(syntax.align, scope, c)
  if (align !== undefined && syntax.alignWithInput) c.add(twoAlignments({}), syntax.align?.span ?? syntax.span)
  const subalign = syntax.subalign && lower(syntax.subalign, scope, c)
  const body: BodyDraft = { name, items: [], extra: {} }
  lowerBody(syntax.body, body, scope, c)
  const section: OutputSectionPlan = present({
    kind: 'output-section',
    id,
    span: syntax.span,
    name,
    address,
    type: lowerType(syntax.type, body.items, scope, c),
    loadAddress,
    align,
    alignWithInput: syntax.alignWithInput ? true : undefined,
    subalign,
    constraint: syntax.constraint === undefined ? undefined : constraints[syntax.constraint],
    items: body.items,
    ...lowerPlacement(syntax, address !== undefined, loadAddress !== undefined, place, syntax.span, scope, c),
    extra: Object.keys(body.extra).length === 0 ? undefined : body.extra,
  } satisfies OutputSectionPlan)
  place.sink.push(section)
}

type PlacementPlan = Pick<OutputSectionPlan, 'region' | 'loadRegion' | 'segments' | 'fill'>

/** What stands behind the closing brace. `AT>region` alone is the region of both addresses, as in GNU ld. */
export function lowerPlacement(
  syntax: Placement,
  hasAddress: boolean,
  hasLoadAddress: boolean,
  place: SectionsPlace,
  span: Span,
  scope: Scope,
  c: Compilation,
): PlacementPlan {
  const region = syntax.region && noteRegionUse(nameOrRaw(syntax.region, scope, c), syntax.region.span, c)
  const loadRegion =
    syntax.loadRegion && noteRegionUse(nameOrRaw(syntax.loadRegion, scope, c), syntax.loadRegion.span, c)
  if (loadRegion !== undefined && hasLoadAddress) c.add(twoLoadAddresses({}), syntax.loadRegion?.span ?? span)
  const own = syntax.phdrs.map(name => nameOrRaw(name, scope, c))
  const segments = [...(place.segments ?? []), ...own]
  return {
    region: region ?? (hasAddress ? undefined : loadRegion),
    loadRegion,
    segments: segments.length === 0 ? undefined : segments,
    fill: syntax.fill && lowerFill(syntax.fill, scope, c),
  }
}

const typeKinds = {
  NOLOAD: 'noload',
  DSECT: 'dsect',
  COPY: 'copy',
  INFO: 'info',
  OVERLAY: 'overlay',
  READONLY: 'readonly',
} as const

/** `()` is no type at all. A SHT_ name is looked up here; unknown ones matter only where no input section gives a type. */
function lowerType(
  syntax: SectionType | undefined,
  items: readonly SectionItem[],
  scope: Scope,
  c: Compilation,
): SectionTypeRequest | undefined {
  if (syntax === undefined || (syntax.keyword === undefined && syntax.value === undefined)) return undefined
  const kind = syntax.keyword === undefined ? 'none' : typeKinds[syntax.keyword]
  const { value, span } = syntax
  if (value === undefined) return { kind, span }
  if (value.kind !== 'symbol' || !value.name.text.startsWith('SHT_'))
    return { kind, value: lower(value, scope, c), span }
  const type = value.name.text
  if (Object.hasOwn(sectionTypes, type)) return { kind, value: numberExpression(sectionTypes[type], value.span), span }
  const wording = items.some(item => item.kind === 'input') ? sectionTypeUnused : sectionTypeUnknown
  c.add(wording({ type, nearest: nearestName(type, Object.keys(sectionTypes)) }), value.span)
  return { kind, span }
}
