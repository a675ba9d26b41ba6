/**
 * OVERLAY in terms of output sections.
 *
 * Members run at one address and are loaded one behind the other. The first takes the address given (or the location
 * counter); the others take ADDR of the first, so that `.` in the address is evaluated once. The layout stage gives every
 * member but the first the load address behind the section before it in the region. Behind the last member the location counter is at the end of the largest.
 */
import type { ForStatement, IfStatement, Overlay, OverlayMember, Statement } from '../../grammar/ast.ts'
import type { Span } from '../../grammar/span.ts'
import type { Expression, OutputSectionPlan, Statement as PlanStatement } from '../plan/plan.ts'
import { type Compilation, numberExpression, present } from './compilation.ts'
import { lowerFill } from './fills.ts'
import { type Level, walk } from './flow.ts'
import { lower } from './lower-expression.ts'
import { lowerPlacement } from './output-sections.ts'
import type { BodyDraft, SectionsPlace } from './places.ts'
import { nameOrRaw } from './plan-time.ts'
import type { Scope } from './scope.ts'
import { lowerBody } from './section-body.ts'

export function lowerOverlay(syntax: Overlay, place: SectionsPlace, scope: Scope, c: Compilation): void {
  const id = c.nextId()
  const address = syntax.address && lower(syntax.address, scope, c)
  const loadAddress = syntax.at && lower(syntax.at, scope, c)
  const subalign = syntax.subalign && lower(syntax.subalign, scope, c)
  const members: { section: OutputSectionPlan; scope: Scope }[] = []
  walkMembers(syntax.members, scope, c, (member, inner) => {
    const section = lowerMember(member, id, inner, c)
    members.push({ section: { ...section, ...(subalign && { subalign }) }, scope: inner })
  })
  const placement = lowerPlacement(
    syntax,
    address !== undefined,
    loadAddress !== undefined,
    place,
    syntax.span,
    scope,
    c,
  )
  const first = members[0]?.section.name
  if (first === undefined) return
  for (const [i, { section }] of members.entries()) {
    const own: OutputSectionPlan = {
      ...section,
      address: i === 0 ? address : { op: 'addr', section: first, span: section.span },
      loadAddress: i === 0 ? loadAddress : undefined,
      region: placement.region,
      loadRegion: placement.loadRegion,
      segments: section.segments ? [...(place.segments ?? []), ...section.segments] : placement.segments,
      fill: section.fill ?? placement.fill,
      endAddress:
        i === members.length - 1
          ? endOfLargest(
              members.map(m => m.section.name),
              syntax.span,
            )
          : undefined,
    }
    place.sink.push(present(own), ...loadSymbols(section, c))
  }
  if (syntax.noCrossReferences)
    c.draft.noCrossReferences.push({
      sections: members.map(member => member.section.name),
      toFirst: false,
      span: syntax.span,
    })
}

type MemberSyntax = OverlayMember | IfStatement<OverlayMember> | ForStatement<OverlayMember>

function walkMembers(
  members: readonly MemberSyntax[],
  scope: Scope,
  c: Compilation,
  use: (member: OverlayMember, scope: Scope) => void,
): void {
  const level: Level = {
    context: 'sections',
    leaf: (statement: Statement, inner: Scope) => {
      if (statement.kind === 'overlay-member') use(statement, inner)
    },
  }
  // The conditions and loops are those of every level; only what stands in them differs.
  walk(members as unknown as readonly Statement[], scope, level, c)
}

function lowerMember(member: OverlayMember, overlay: number, scope: Scope, c: Compilation): OutputSectionPlan {
  const name = nameOrRaw(member.name, scope, c)
  const id = c.nextId()
  const body: BodyDraft = { name, items: [], extra: {} }
  lowerBody(member.body, body, scope, c)
  const segments = member.phdrs.map(phdr => nameOrRaw(phdr, scope, c))
  return present({
    kind: 'output-section',
    id,
    span: member.span,
    name,
    items: body.items,
    segments: segments.length === 0 ? undefined : segments,
    fill: member.fill && lowerFill(member.fill, scope, c),
    overlay,
    extra: Object.keys(body.extra).length === 0 ? undefined : body.extra,
  } satisfies OutputSectionPlan)
}

const add = (left: Expression, right: Expression, span: Span): Expression => ({
  op: 'binary',
  operator: '+',
  left,
  right,
  span,
})

function endOfLargest(names: readonly string[], span: Span): Expression {
  let largest: Expression = numberExpression(0n, span)
  for (const section of names) largest = { op: 'max', left: largest, right: { op: 'sizeof', section, span }, span }
  return add({ op: 'addr', section: names[0], span }, largest, span)
}

/** `__load_start_NAME` and `__load_stop_NAME`, where NAME is the section's name without what no C name may hold. */
function loadSymbols(section: OutputSectionPlan, c: Compilation): PlanStatement[] {
  const { span } = section
  const suffix = section.name.replace(/[^A-Za-z0-9_]/g, '')
  const start: Expression = { op: 'loadaddr', section: section.name, span }
  const stop = add(start, { op: 'sizeof', section: section.name, span }, span)
  const provide = (symbol: string, value: Expression): PlanStatement => ({
    kind: 'assign',
    id: c.nextId(),
    span,
    symbol,
    operator: '=',
    value,
    provide: true,
    hidden: false,
  })
  return [provide(`__load_start_${suffix}`, start), provide(`__load_stop_${suffix}`, stop)]
}
