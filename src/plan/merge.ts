/** Plans made one: scripts with the default layout they are inserted into, and the scripts found among the inputs. */
import { implicitSections, insertAnchorMissing } from '../diag/catalogue/script-compile.ts'
import { inScript } from '../diag/diagnostic.ts'
import type { Report } from '../diag/report.ts'
import { applyInsertions } from './insert.ts'
import type { LayoutPlan, PlanFeatures, SectionItem, Statement, TargetPlan } from './plan.ts'

/** What GNU ld does with settings given twice: OUTPUT_FORMAT and OUTPUT keep the first, ENTRY and OUTPUT_ARCH the last. */
function mergeTargets(first: TargetPlan, second: TargetPlan): TargetPlan {
  const { entryAlternatives: _, ...settings } = { ...second, ...first }
  const entry = second.entry === undefined ? first : second
  return {
    ...settings,
    ...pick(entry, 'entry'),
    ...pick(entry, 'entryAlternatives'),
    ...pick(second, 'arch'),
    ...pick(second, 'inputFormat'),
  }
}

function pick<K extends keyof TargetPlan>(target: TargetPlan, key: K): Partial<TargetPlan> {
  return target[key] === undefined ? {} : { [key]: target[key] }
}

function mergeFeatures(a: PlanFeatures, b: PlanFeatures): PlanFeatures {
  return {
    saneExpressions: a.saneExpressions || b.saneExpressions,
    forceCommonAllocation: a.forceCommonAllocation || b.forceCommonAllocation,
    inhibitCommonAllocation: a.inhibitCommonAllocation || b.inhibitCommonAllocation,
    forceGroupAllocation: a.forceGroupAllocation || b.forceGroupAllocation,
  }
}

/** Largest statement id of a plan, 0 when it has none. */
export function lastId(plan: LayoutPlan): number {
  let last = 0
  for (const statement of plan.statements) {
    last = Math.max(last, statement.id)
    if (statement.kind === 'output-section') for (const item of statement.items) last = Math.max(last, item.id)
  }
  return last
}

/** The same statements with ids counted up by `by`. */
function renumber(statements: readonly Statement[], by: number): readonly Statement[] {
  const item = (i: SectionItem): SectionItem => ({ ...i, id: i.id + by })
  return statements.map(s =>
    s.kind === 'output-section'
      ? {
          ...s,
          id: s.id + by,
          items: s.items.map(item),
          ...(s.overlay === undefined ? {} : { overlay: s.overlay + by }),
        }
      : { ...s, id: s.id + by },
  )
}

/**
 * `front` as if it had been read before `base`: what a script with INSERT and the default layout make together.
 * INSERT commands of `front` are carried out; ids must differ already (see `lastId`).
 */
export function mergeInFront(front: LayoutPlan, base: LayoutPlan, report: Report): LayoutPlan {
  return combine(front, base, front.target, base.target, [...front.inputs, ...base.inputs], report)
}

/** The fragment with ids of statements that the plan has not got. */
export function numberedBehind(plan: LayoutPlan, fragment: LayoutPlan): LayoutPlan {
  return { ...fragment, statements: renumber(fragment.statements, lastId(plan)) }
}

/**
 * A plan with the fragment of an input that is a script, which `numberedBehind` has numbered. As in GNU ld its assignments and assertions stand in front of the
 * layout, its output sections behind it, and an INSERT finds no anchor, since everything read so far belongs to its own
 * block; ENTRY, OUTPUT_ARCH and TARGET of the fragment count, since it is read last. The fragment's `inputs` are not
 * merged: they stand where the script stood among the inputs, which the caller knows.
 */
export function mergeFragment(plan: LayoutPlan, fragment: LayoutPlan, report: Report): LayoutPlan {
  for (const { section, span } of fragment.insertions ?? [])
    report.add(insertAnchorMissing({ section }), inScript(span), [
      {
        text: 'this script stands among the inputs; give it with -T, so that it is read in front of the default layout',
      },
    ])
  const { insertions: _, ...rest } = fragment
  const { statements } = fragment
  const front = { ...rest, statements: statements.filter(each => each.kind !== 'output-section') }
  const sections = statements.filter(each => each.kind === 'output-section')
  if (sections.length > 0) report.add(implicitSections({}), inScript(sections[0].span))
  const back = { ...plan, statements: [...plan.statements, ...sections] }
  return combine(front, back, plan.target, fragment.target, plan.inputs, report)
}

function combine(
  front: LayoutPlan,
  base: LayoutPlan,
  firstTarget: TargetPlan,
  secondTarget: TargetPlan,
  inputs: LayoutPlan['inputs'],
  report: Report,
): LayoutPlan {
  const { insertions: _, segments, file, dynamic, ...rest } = base
  const statements = [...front.statements, ...base.statements]
  const allSegments = [...(front.segments ?? []), ...(segments ?? [])]
  const mergedFile = { ...file, ...front.file }
  const mergedDynamic = { ...dynamic, ...front.dynamic }
  return {
    ...rest,
    sources: [...new Set([...base.sources, ...front.sources])],
    target: mergeTargets(firstTarget, secondTarget),
    inputs,
    regions: [...front.regions, ...base.regions],
    ...(front.segments === undefined && segments === undefined ? {} : { segments: allSegments }),
    statements: applyInsertions(statements, front.insertions ?? [], report),
    symbols: {
      required: [...front.symbols.required, ...base.symbols.required],
      versions: [...front.symbols.versions, ...base.symbols.versions],
    },
    noCrossReferences: [...front.noCrossReferences, ...base.noCrossReferences],
    features: mergeFeatures(front.features, base.features),
    ...(front.file === undefined && file === undefined ? {} : { file: mergedFile }),
    ...(front.dynamic === undefined && dynamic === undefined ? {} : { dynamic: mergedDynamic }),
  }
}
