/**
 * Who claims what: the first rule in plan order that fits an input section takes it.
 *
 * GNU ld walks the script once; at an output section with ONLY_IF_RO or ONLY_IF_RW it looks at everything that the
 * section's rules would take and nobody took before, and drops the whole output section when the condition fails. We
 * match as if every condition held, then decide the conditional output sections in order; sections of a dropped one
 * look for their next rule.
 */

import { furtherMatch } from '../../diag/catalogue/layout-checks.ts'
import { inFile, inScript } from '../../diag/diagnostic.ts'
import type { Report } from '../../diag/report.ts'
import type { OutputSectionPlan } from '../../plan/plan.ts'
import { flagsByName } from '../layout/content-flags.ts'
import { Claim, type FurtherClaims, type Matches } from '../records/placement.ts'
import type { Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import { SectionState } from '../records/tables.ts'
import { FilePatterns } from './file-patterns.ts'
import { listRules, type RuleList, type RuleUnit } from './rules.ts'
import { SectionMatcher } from './section-matcher.ts'

const writeFlag = 1

/** Finds the claiming rule of every section of the program. Changes nothing; see records/placement.ts for the result. */
export function matchSections(program: Program, request: LinkRequest, report: Report): Matches {
  const { sections } = program
  const count = sections.count
  const rules = listRules(program.plan, new FilePatterns(program.files))
  const matcher = new SectionMatcher(rules.units, program.sectionNames, program.files)
  const unit = new Int32Array(count).fill(-1)
  const rule = new Int32Array(count).fill(Claim.Orphan)
  const notContent = SectionState.Table | SectionState.JustSymbols
  const lost = SectionState.ComdatLoser | SectionState.Excluded
  for (let id = 0; id < count; id++) {
    const state = sections.state[id]!
    if ((state & notContent) !== 0) rule[id] = Claim.NotContent
    else if ((state & lost) !== 0) rule[id] = Claim.Discarded
    else unit[id] = matcher.find(sections.name[id]!, sections.file[id]!, ruleFlags(program, id), 0)
  }
  const dropped = settleConditions(program, rules, matcher, unit)
  const further = request.nonContiguousRegions
    ? findFurther(program, rules, matcher, unit, dropped, request.nonContiguousWarnings === true ? report : undefined)
    : undefined
  if (request.orphanHandling === 'discard') discardOrphans(program, unit, rule)
  return { ...finish(program, rules, unit, rule, dropped), further }
}

/** Decides ONLY_IF_RO and ONLY_IF_RW in plan order, moving claims on. Returns plan ids of the dropped output sections. */
function settleConditions(program: Program, rules: RuleList, matcher: SectionMatcher, unit: Int32Array): Set<number> {
  const dropped = new Set<number>()
  const conditional = rules.outputs.some(output => isConditional(output))
  if (!conditional) return dropped
  const { sections } = program
  const claimed = claimsByOutput(rules, unit)
  for (let output = 0; output < rules.outputs.length; output++) {
    const statement = rules.outputs[output]!
    if (!isConditional(statement)) continue
    const ids = claimed.get(output) ?? []
    const readOnly =
      ids.every(id => (sections.flags[id]! & writeFlag) === 0) && !seesWritable(program, rules, unit, output)
    if (readOnly === (statement.constraint === 'only-if-ro')) continue
    dropped.add(statement.id)
    const from = rules.firstUnit[output + 1]!
    for (const id of ids) {
      const next = matcher.find(sections.name[id]!, sections.file[id]!, ruleFlags(program, id), from)
      unit[id] = next
      if (next < 0) continue
      const later = rules.units[next]!.output
      const list = claimed.get(later)
      if (list !== undefined) list.push(id)
      else if (isConditional(rules.outputs[later]!)) claimed.set(later, [id])
    }
  }
  return dropped
}

/** Are there writable sections, not claimed before, that INPUT_SECTION_FLAGS alone keeps out of an output section? */
function seesWritable(program: Program, rules: RuleList, unit: Int32Array, output: number): boolean {
  const units = rules.units.slice(rules.firstUnit[output], rules.firstUnit[output + 1])
  if (units.every(each => each.flagsWith === 0 && each.flagsWithout === 0)) return false
  const { sections, sectionNames, files } = program
  const matcher = new SectionMatcher(units.map(withoutFlags), sectionNames, files)
  for (let id = 0; id < unit.length; id++) {
    if ((sections.flags[id]! & writeFlag) === 0) continue
    const isTaken = unit[id]! >= 0 && rules.units[unit[id]!]!.output < output
    if (!isTaken && matcher.find(sections.name[id]!, sections.file[id]!, 0, 0) >= 0) return true
  }
  return false
}

function isConditional(output: OutputSectionPlan): boolean {
  return output.constraint === 'only-if-ro' || output.constraint === 'only-if-rw'
}

/** Section ids claimed by each conditional output section. */
function claimsByOutput(rules: RuleList, unit: Int32Array): Map<number, number[]> {
  const claimed = new Map<number, number[]>()
  rules.outputs.forEach((output, index) => {
    if (isConditional(output)) claimed.set(index, [])
  })
  for (let id = 0; id < unit.length; id++) {
    if (unit[id]! < 0) continue
    claimed.get(rules.units[unit[id]!]!.output)?.push(id)
  }
  return claimed
}

/** sh_flags that INPUT_SECTION_FLAGS looks at: at that time commons have none, what the linker makes those of its name. */
function ruleFlags({ sections, sectionNames }: Program, id: number): number {
  if ((sections.state[id]! & SectionState.Common) !== 0) return 0
  const isMade = (sections.state[id]! & SectionState.Synthetic) !== 0
  return isMade ? flagsByName(sectionNames.text(sections.name[id]!)) : sections.flags[id]!
}

/** 1 for what any KEEP speaks of, whether or not its rule is the one that claims it; INPUT_SECTION_FLAGS does not count. */
function keepMarks(program: Program, rules: RuleList, rule: Int32Array): Uint8Array {
  const keep = new Uint8Array(rule.length)
  const keeping = rules.units.filter(unit => unit.rule.keep)
  if (keeping.length === 0) return keep
  const { sections, sectionNames, files } = program
  const matcher = new SectionMatcher(keeping.map(withoutFlags), sectionNames, files)
  for (let id = 0; id < keep.length; id++)
    if (rule[id] !== Claim.NotContent && matcher.find(sections.name[id]!, sections.file[id]!, 0, 0) >= 0) keep[id] = 1
  for (let id = 0; id < keep.length; id++) if ((sections.state[id]! & SectionState.NeverKept) !== 0) keep[id] = 0
  return keep
}

function withoutFlags(unit: RuleUnit): RuleUnit {
  return { ...unit, flagsWith: 0, flagsWithout: 0 }
}

/** --orphan-handling=discard: what no rule claims is left out; commons have a place of their own. */
function discardOrphans(program: Program, unit: Int32Array, rule: Int32Array): void {
  const { state } = program.sections
  for (let id = 0; id < rule.length; id++)
    if (rule[id] === Claim.Orphan && unit[id]! < 0 && (state[id]! & SectionState.Common) === 0)
      rule[id] = Claim.Discarded
}

/** Rules further down that would take a section, one of each output section. Those of /DISCARD/ take nothing. */
function findFurther(
  program: Program,
  rules: RuleList,
  matcher: SectionMatcher,
  unit: Int32Array,
  dropped: ReadonlySet<number>,
  report: Report | undefined,
): ReadonlyMap<number, FurtherClaims> {
  const { sections, sectionNames, files } = program
  const further = new Map<number, FurtherClaims>()
  for (let id = 0; id < unit.length; id++) {
    let at = unit[id]!
    if (at < 0 || rules.outputs[rules.units[at]!.output]!.name === '/DISCARD/') continue
    const flags = ruleFlags(program, id)
    for (;;) {
      const before = rules.outputs[rules.units[at]!.output]!
      at = matcher.find(sections.name[id]!, sections.file[id]!, flags, rules.firstUnit[rules.units[at]!.output + 1]!)
      if (at < 0) break
      const { rule, pattern, output } = rules.units[at]!
      const { id: statement, name, span } = rules.outputs[output]!
      if (dropped.has(statement)) continue
      if (report !== undefined) {
        const file = files[sections.file[id]!]!
        const place = file.archive === undefined ? inFile(file.name) : inFile(file.archive, file.name)
        const facts = { section: sectionNames.text(sections.name[id]!), first: before.name, further: name }
        report.add(furtherMatch(facts), place, [{ text: `${name} stands here`, at: inScript(span) }])
      }
      if (name === '/DISCARD/') continue
      const claims = further.get(rule.id)
      if (claims === undefined) further.set(rule.id, { ids: [id], patterns: [pattern] })
      else {
        claims.ids.push(id)
        claims.patterns.push(pattern)
      }
    }
  }
  return further
}

function finish(
  program: Program,
  rules: RuleList,
  unit: Int32Array,
  rule: Int32Array,
  dropped: ReadonlySet<number>,
): Matches {
  const keep = keepMarks(program, rules, rule)
  const pattern = new Uint16Array(unit.length)
  for (let id = 0; id < unit.length; id++) {
    if (unit[id]! < 0) continue
    const found = rules.units[unit[id]!]!
    pattern[id] = found.pattern
    if (rules.outputs[found.output]!.name === '/DISCARD/') {
      rule[id] = Claim.Discarded
      continue
    }
    rule[id] = found.rule.id
  }
  return { rule, keep, pattern, dropped }
}
