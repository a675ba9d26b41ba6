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

/** The first claims, as if every condition held. */
interface FirstClaims {
  readonly claims: Matches
  /** section ids claimed by conditional output sections, by index in RuleList.outputs */
  readonly conditional: Map<number, number[]>
}

/** Finds the claiming rule of every section of the program. Changes nothing; see records/placement.ts for the result. */
export function matchSections(program: Program, request: LinkRequest, report: Report): Matches {
  const rules = listRules(program.plan, new FilePatterns(program.files))
  const matcher = new SectionMatcher(rules.units, program.sectionNames, program.files)
  const dropped = new Set<number>()
  const { claims, conditional } = claimAll(program, rules, matcher, dropped)
  settleConditions(program, rules, matcher, claims, conditional, dropped)
  const warnings = request.nonContiguousWarnings === true ? report : undefined
  const further = request.nonContiguousRegions ? findFurther(program, rules, matcher, claims, warnings) : undefined
  if (request.orphanHandling === 'discard') discardOrphans(program, claims)
  return { ...claims, further }
}

function claimAll(
  program: Program,
  rules: RuleList,
  matcher: SectionMatcher,
  dropped: ReadonlySet<number>,
): FirstClaims {
  const { sections, files, compute } = program
  const { memory } = compute
  const { count } = sections
  const claims: Matches = {
    rule: memory.int32(count),
    pattern: memory.uint16(count),
    marks: memory.uint8(count),
    dropped,
  }
  const isSpecial = memory.uint8(files.length)
  for (let file = 0; file < files.length; file++) if (matcher.hasOwn(file)) isSpecial[file] = 1
  const pieces = Math.ceil(count / claimRows)
  const record: ClaimRecord = {
    count,
    state: sections.state,
    name: sections.name,
    file: sections.file,
    isSpecial,
    ...claimsOfKinds(program, rules, matcher),
    rule: claims.rule,
    pattern: claims.pattern,
    marks: claims.marks,
    left: memory.int32(count),
    wanted: memory.int32(count),
    leftCount: memory.int32(pieces),
    wantedCount: memory.int32(pieces),
  }
  if (pieces > 1) compute.begin('claimSections', record, pieces).finish()
  else compute.kernels.claimSections(record, 0)
  const conditional = new Map<number, number[]>()
  for (let piece = 0; piece < pieces; piece++) {
    const first = piece * claimRows
    listWanted(record, rules, first, first + record.wantedCount[piece]!, conditional)
    for (let i = first; i < first + record.leftCount[piece]!; i++)
      claimOne(program, rules, matcher, claims, record.left[i]!, conditional)
  }
  return { claims, conditional }
}

/** Lists the sections `first` to `end` - 1 of `wanted` with the output sections that claim them. */
function listWanted(
  { wanted, name, kindOf, unitOf }: ClaimRecord,
  rules: RuleList,
  first: number,
  end: number,
  conditional: Map<number, number[]>,
): void {
  let last = -1
  let list: number[] = []
  for (let i = first; i < end; i++) {
    const id = wanted[i]!
    const unit = unitOf[kindOf[name[id]!]!]!
    // They come one after the other with the same claim.
    if (unit !== last) list = listOf(conditional, rules.units[unit]!.output)
    last = unit
    list.push(id)
  }
}

/** Claims a section of which its name alone does not tell. */
function claimOne(
  program: Program,
  rules: RuleList,
  matcher: SectionMatcher,
  claims: Matches,
  id: number,
  conditional: Map<number, number[]>,
): void {
  const { state, name, file } = program.sections
  const marks = matcher.marks(name[id]!, file[id]!)
  claims.marks[id] = (state[id]! & SectionState.NeverKept) === 0 ? marks : marks & ~Mark.Keep
  if ((state[id]! & (SectionState.ComdatLoser | SectionState.Excluded)) !== 0) claims.rule[id] = Claim.Discarded
  else claim(rules, claims, id, matcher.find(name[id]!, file[id]!, ruleFlags(program, id), 0), conditional)
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

/** The unit (-1: none) takes the section. */
function claim(rules: RuleList, claims: Matches, id: number, unit: number, conditional: Map<number, number[]>): void {
  claims.rule[id] = ruleOfUnit(rules, unit)
  claims.pattern[id] = unit < 0 ? 0 : rules.units[unit]!.pattern
  if (unit < 0) return
  const { output } = rules.units[unit]!
  if (isConditional(rules.outputs[output]!)) listOf(conditional, output).push(id)
}

function listOf(lists: Map<number, number[]>, key: number): number[] {
  let list = lists.get(key)
  if (list === undefined) lists.set(key, (list = []))
  return list
}

/** Decides ONLY_IF_RO and ONLY_IF_RW in plan order, moving claims on. Adds the plan ids of dropped output sections to `dropped`. */
function settleConditions(
  program: Program,
  rules: RuleList,
  matcher: SectionMatcher,
  claims: Matches,
  conditional: Map<number, number[]>,
  dropped: Set<number>,
): void {
  const { sections } = program
  for (let output = 0; output < rules.outputs.length; output++) {
    const statement = rules.outputs[output]!
    if (!isConditional(statement)) continue
    const ids = conditional.get(output) ?? []
    let readOnly = true
    for (let i = 0; i < ids.length && readOnly; i++) readOnly = (sections.flags[ids[i]!]! & writeFlag) === 0
    if (readOnly && seesWritable(program, rules, matcher, claims, output)) readOnly = false
    if (readOnly === (statement.constraint === 'only-if-ro')) continue
    dropped.add(statement.id)
    const from = rules.firstUnit[output + 1]!
    for (const id of ids) {
      const next = matcher.find(sections.name[id]!, sections.file[id]!, ruleFlags(program, id), from)
      claim(rules, claims, id, next, conditional)
    }
  }
}

/** The unit that takes a section, those of dropped output sections aside; -1: none. */
function unitOf(program: Program, rules: RuleList, matcher: SectionMatcher, claims: Matches, id: number): number {
  const { sections } = program
  if (claims.rule[id] === Claim.NotContent || claims.rule[id] === Claim.Orphan) return -1
  if ((sections.state[id]! & (SectionState.ComdatLoser | SectionState.Excluded)) !== 0) return -1
  const flags = ruleFlags(program, id)
  let unit = matcher.find(sections.name[id]!, sections.file[id]!, flags, 0)
  while (unit >= 0 && claims.dropped.has(rules.outputs[rules.units[unit]!.output]!.id))
    unit = matcher.find(sections.name[id]!, sections.file[id]!, flags, rules.firstUnit[rules.units[unit]!.output + 1]!)
  return unit
}

/** Are there writable sections, not claimed before, that INPUT_SECTION_FLAGS alone keeps out of an output section? */
function seesWritable(
  program: Program,
  rules: RuleList,
  matcher: SectionMatcher,
  claims: Matches,
  output: number,
): boolean {
  const units = rules.units.slice(rules.firstUnit[output], rules.firstUnit[output + 1])
  if (units.every(each => each.flagsWith === 0 && each.flagsWithout === 0)) return false
  const { sections, sectionNames, files } = program
  const own = new SectionMatcher(units.map(withoutFlags), sectionNames, files)
  for (let id = 0; id < sections.count; id++) {
    if ((sections.flags[id]! & writeFlag) === 0 || (sections.state[id]! & SectionState.ComdatLoser) !== 0) continue
    if (own.find(sections.name[id]!, sections.file[id]!, 0, 0) < 0) continue
    const unit = unitOf(program, rules, matcher, claims, id)
    if (unit < 0 || rules.units[unit]!.output >= output) return true
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
function discardOrphans(program: Program, { rule }: Matches): void {
  const { state } = program.sections
  for (let id = 0; id < rule.length; id++)
    if (rule[id] === Claim.Orphan && (state[id]! & SectionState.Common) === 0) rule[id] = Claim.Discarded
}

/** Rules further down that would take a section, one of each output section. Those of /DISCARD/ take nothing. */
function findFurther(
  program: Program,
  rules: RuleList,
  matcher: SectionMatcher,
  claims: Matches,
  report: Report | undefined,
): ReadonlyMap<number, FurtherClaims> {
  const { sections, sectionNames, files } = program
  const further = new Map<number, FurtherClaims>()
  for (let id = 0; id < sections.count; id++) {
    let at = unitOf(program, rules, matcher, claims, id)
    if (at < 0 || rules.outputs[rules.units[at]!.output]!.name === '/DISCARD/') continue
    const flags = ruleFlags(program, id)
    for (;;) {
      const before = rules.outputs[rules.units[at]!.output]!
      at = matcher.find(sections.name[id]!, sections.file[id]!, flags, rules.firstUnit[rules.units[at]!.output + 1]!)
      if (at < 0) break
      const { rule, pattern, output } = rules.units[at]!
      const { id: statement, name, span } = rules.outputs[output]!
      if (claims.dropped.has(statement)) continue
      if (report !== undefined) {
        const file = files[sections.file[id]!]!
        const place = file.archive === undefined ? inFile(file.name) : inFile(file.archive, file.name)
        const facts = { section: sectionNames.text(sections.name[id]!), first: before.name, further: name }
        report.add(furtherMatch(facts), place, [{ text: `${name} stands here`, at: inScript(span) }])
      }
      if (name === '/DISCARD/') continue
      const taken = further.get(rule.id)
      if (taken === undefined) further.set(rule.id, { ids: [id], patterns: [pattern] })
      else {
        taken.ids.push(id)
        taken.patterns.push(pattern)
      }
    }
  }
  return further
}
