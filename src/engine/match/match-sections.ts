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
import { type ClaimRecord, claimRows, undecided } from '../../kernels/match.ts'
import type { OutputSectionPlan } from '../../plan/plan.ts'
import { flagsByName } from '../layout/content-flags.ts'
import { Claim, type FurtherClaims, Mark, type Matches } from '../records/placement.ts'
import type { Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import { SectionState } from '../records/tables.ts'
import { FilePatterns } from './file-patterns.ts'
import { listRules, type RuleList, type RuleUnit } from './rules.ts'
import { SectionMatcher } from './section-matcher.ts'

const writeFlag = 1

/** Claims so far: the columns of Matches, and the number of the unit by section id, -1 for none. */
interface Claims extends Matches {
  readonly unit: Int32Array
}

/** Finds the claiming rule of every section of the program. Changes nothing; see records/placement.ts for the result. */
export function matchSections(program: Program, request: LinkRequest, report: Report): Matches {
  const rules = listRules(program.plan, new FilePatterns(program.files))
  const matcher = new SectionMatcher(rules.units, program.sectionNames, program.files)
  const dropped = new Set<number>()
  const { claims, conditional } = claimAll(program, rules, matcher, dropped)
  settleConditions(program, rules, matcher, claims, conditional, dropped)
  const further = request.nonContiguousRegions
    ? findFurther(
        program,
        rules,
        matcher,
        claims.unit,
        dropped,
        request.nonContiguousWarnings === true ? report : undefined,
      )
    : undefined
  if (request.orphanHandling === 'discard') discardOrphans(program, claims)
  const { rule, marks, pattern } = claims
  return { rule, marks, pattern, dropped, further }
}

/** First claims, as if every condition held; also the ids of what conditional output sections claim. */
function claimAll(
  program: Program,
  rules: RuleList,
  matcher: SectionMatcher,
  dropped: ReadonlySet<number>,
): { readonly claims: Claims; readonly conditional: Int32Array } {
  const { sections, files, compute } = program
  const { memory, kernels } = compute
  const { count } = sections
  const claims: Claims = {
    unit: memory.int32(count),
    rule: memory.int32(count),
    pattern: memory.uint16(count),
    marks: memory.uint8(count),
    dropped,
  }
  const isSpecial = memory.uint8(files.length)
  for (let file = 0; file < files.length; file++) if (matcher.hasOwn(file)) isSpecial[file] = 1
  const record: ClaimRecord = {
    state: sections.state,
    name: sections.name,
    file: sections.file,
    isSpecial,
    ...claimsOfKinds(program, rules, matcher),
    ...claims,
    left: memory.int32(count),
    wanted: memory.int32(count),
    counts: memory.int32(2),
  }
  for (let id = 0; id < count; id += claimRows) kernels.claimSections(record, id, Math.min(id + claimRows, count))
  let wanted = record.counts[1]!
  const left = record.counts[0]!
  for (let i = 0; i < left; i++) {
    const id = record.left[i]!
    const state = sections.state[id]!
    const marks = matcher.marks(sections.name[id]!, sections.file[id]!)
    claims.marks[id] = (state & SectionState.NeverKept) === 0 ? marks : marks & ~Mark.Keep
    if ((state & (SectionState.ComdatLoser | SectionState.Excluded)) !== 0) {
      claims.rule[id] = Claim.Discarded
      continue
    }
    const unit = matcher.find(sections.name[id]!, sections.file[id]!, ruleFlags(program, id), 0)
    claim(rules, claims, id, unit)
    if (unit >= 0 && isConditional(rules.outputs[rules.units[unit]!.output]!)) record.wanted[wanted++] = id
  }
  return { claims, conditional: record.wanted.subarray(0, wanted) }
}

/** Columns of ClaimRecord by kind of name. */
function claimsOfKinds(
  program: Program,
  rules: RuleList,
  matcher: SectionMatcher,
): Pick<ClaimRecord, 'kindOf' | 'unitOf' | 'ruleOf' | 'patternOf' | 'marksOf' | 'isWanted'> {
  const { compute, sectionNames } = program
  const { memory } = compute
  const kinds = matcher.kinds(compute)
  const count = kinds?.count ?? 1
  const columns = {
    kindOf: kinds?.kindOf ?? memory.int32(sectionNames.count),
    unitOf: memory.int32(count),
    ruleOf: memory.int32(count),
    patternOf: memory.uint16(count),
    marksOf: memory.uint8(count),
    isWanted: memory.uint8(count),
  }
  const { unitOf, ruleOf, patternOf, marksOf, isWanted } = columns
  // What has no kind is looked at section by section.
  unitOf[0] = undecided
  for (let kind = 1; kind < count; kind++) {
    if (kinds?.used[kind] !== 1) continue
    const candidates = kinds.candidates(kind)
    const unit = candidates === undefined ? undecided : matcher.decideKind(candidates)
    const marks = candidates === undefined ? undecided : matcher.marksOfKind(candidates)
    if (unit === undecided || marks === undecided) {
      unitOf[kind] = undecided
      continue
    }
    unitOf[kind] = unit
    marksOf[kind] = marks
    ruleOf[kind] = ruleOfUnit(rules, unit)
    if (unit < 0) continue
    patternOf[kind] = rules.units[unit]!.pattern
    if (isConditional(rules.outputs[rules.units[unit]!.output]!)) isWanted[kind] = 1
  }
  return columns
}

/** What a claim by the unit is in Matches.rule. */
function ruleOfUnit(rules: RuleList, unit: number): number {
  if (unit < 0) return Claim.Orphan
  const { rule, output } = rules.units[unit]!
  return rules.outputs[output]!.name === '/DISCARD/' ? Claim.Discarded : rule.id
}

function claim(rules: RuleList, claims: Claims, id: number, unit: number): void {
  claims.unit[id] = unit
  claims.rule[id] = ruleOfUnit(rules, unit)
  claims.pattern[id] = unit < 0 ? 0 : rules.units[unit]!.pattern
}

/**
 * Decides ONLY_IF_RO and ONLY_IF_RW in plan order, moving claims on. Adds the plan ids of dropped output sections to `dropped`.
 * @param conditional ids of all that conditional output sections claim
 */
function settleConditions(
  program: Program,
  rules: RuleList,
  matcher: SectionMatcher,
  claims: Claims,
  conditional: Int32Array,
  dropped: Set<number>,
): void {
  const { sections } = program
  const claimed = listByOutput(rules, claims, conditional)
  for (let output = 0; output < rules.outputs.length; output++) {
    const statement = rules.outputs[output]!
    if (!isConditional(statement)) continue
    const ids = claimed.get(output) ?? []
    let readOnly = true
    for (let i = 0; i < ids.length && readOnly; i++) readOnly = (sections.flags[ids[i]!]! & writeFlag) === 0
    if (readOnly && seesWritable(program, rules, claims.unit, output)) readOnly = false
    if (readOnly === (statement.constraint === 'only-if-ro')) continue
    dropped.add(statement.id)
    const from = rules.firstUnit[output + 1]!
    for (const id of ids) {
      const next = matcher.find(sections.name[id]!, sections.file[id]!, ruleFlags(program, id), from)
      claim(rules, claims, id, next)
      if (next >= 0 && isConditional(rules.outputs[rules.units[next]!.output]!)) enter(claimed, rules, claims, id)
    }
  }
}

function listByOutput(rules: RuleList, { unit }: Claims, ids: Int32Array): Map<number, number[]> {
  const claimed = new Map<number, number[]>()
  let last = -1
  let list: number[] = []
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i]!
    // They come one after the other with the same claim.
    if (unit[id] !== last) {
      last = unit[id]!
      const { output } = rules.units[last]!
      list = claimed.get(output) ?? []
      claimed.set(output, list)
    }
    list.push(id)
  }
  return claimed
}

/** Lists a section with the output section that claims it. */
function enter(claimed: Map<number, number[]>, rules: RuleList, claims: Claims, id: number): void {
  const { output } = rules.units[claims.unit[id]!]!
  const list = claimed.get(output)
  if (list === undefined) claimed.set(output, [id])
  else list.push(id)
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

/** sh_flags that INPUT_SECTION_FLAGS looks at: at that time commons have none, what the linker makes those of its name. */
function ruleFlags({ sections, sectionNames }: Program, id: number): number {
  if ((sections.state[id]! & SectionState.Common) !== 0) return 0
  const isMade = (sections.state[id]! & SectionState.Synthetic) !== 0
  return isMade ? flagsByName(sectionNames.text(sections.name[id]!)) : sections.flags[id]!
}

function withoutFlags(unit: RuleUnit): RuleUnit {
  return { ...unit, flagsWith: 0, flagsWithout: 0 }
}

/** --orphan-handling=discard: what no rule claims is left out; commons have a place of their own. */
function discardOrphans(program: Program, { rule }: Claims): void {
  const { state } = program.sections
  for (let id = 0; id < rule.length; id++)
    if (rule[id] === Claim.Orphan && (state[id]! & SectionState.Common) === 0) rule[id] = Claim.Discarded
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
