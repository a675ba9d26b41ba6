/**
 * The plan's input descriptions as a flat list of units: one unit is one section pattern of one rule.
 * Units are numbered in plan order, so "the first rule in the script wins" is "the smallest number wins".
 */
import { compileGlob, type Glob } from '../../base/glob.ts'
import type { InputMatch, LayoutPlan, OutputSectionPlan } from '../../plan/plan.ts'
import { Mark } from '../records/placement.ts'
import type { FilePatterns, FileSet } from './file-patterns.ts'

export interface RuleUnit {
  readonly rule: InputMatch
  /** index in rule.sections; 0 for a rule without section patterns */
  readonly pattern: number
  /** undefined: every section */
  readonly glob: Glob | undefined
  /** undefined: every file */
  readonly files: FileSet | undefined
  /** INPUT_SECTION_FLAGS */
  readonly flagsWith: number
  readonly flagsWithout: number
  /** bits of Mark that it gives what it speaks of */
  readonly marks: number
  /** index in RuleList.outputs */
  readonly output: number
}

export interface RuleList {
  readonly units: readonly RuleUnit[]
  readonly outputs: readonly OutputSectionPlan[]
  /** first unit of each output section, with a last entry behind the end */
  readonly firstUnit: Int32Array
}

export function listRules(plan: LayoutPlan, patterns: FilePatterns): RuleList {
  const units: RuleUnit[] = []
  const outputs: OutputSectionPlan[] = []
  const starts: number[] = []
  // Of several DATA_SEGMENT_ALIGN the first counts, up to the end of what RELRO protects.
  let marks = 0
  let isBehind = false
  for (const statement of plan.statements) {
    if (statement.kind === 'assign') {
      const { op } = statement.value
      if (op === 'data-segment-align' && !isBehind) marks = Mark.Relro
      else if (op === 'data-segment-relro-end') {
        marks = 0
        isBehind = true
      }
    }
    if (statement.kind !== 'output-section') continue
    starts.push(units.length)
    const output = outputs.push(statement) - 1
    for (const item of statement.items) if (item.kind === 'input') addUnits(units, item, output, marks, patterns)
  }
  starts.push(units.length)
  return { units, outputs, firstUnit: Int32Array.from(starts) }
}

function addUnits(
  units: RuleUnit[],
  rule: InputMatch,
  output: number,
  outputMarks: number,
  patterns: FilePatterns,
): void {
  const marks = rule.keep ? outputMarks | Mark.Keep : outputMarks
  const flagsWith = rule.flags?.with ?? 0
  const flagsWithout = rule.flags?.without ?? 0
  const { sections, file } = rule
  if (sections.length === 0) {
    const files = patterns.filesOf(file, [])
    units.push({ rule, pattern: 0, glob: undefined, files, flagsWith, flagsWithout, marks, output })
  }
  for (let pattern = 0; pattern < sections.length; pattern++) {
    const { pattern: text, exclude } = sections[pattern]!
    const glob = text === '*' ? undefined : compileGlob(text)
    const files = patterns.filesOf(file, exclude)
    units.push({ rule, pattern, glob, files, flagsWith, flagsWithout, marks, output })
  }
}
