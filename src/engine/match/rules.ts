/**
 * The plan's input descriptions as a flat list of units: one unit is one section pattern of one rule.
 * Units are numbered in plan order, so "the first rule in the script wins" is "the smallest number wins".
 */
import { compileGlob, type Glob } from '../../base/glob.ts'
import type { InputMatch, LayoutPlan, OutputSectionPlan } from '../../plan/plan.ts'
import type { FilePatterns, FileSet } from './file-patterns.ts'

export interface RuleUnit {
  readonly rule: InputMatch
  /** index in rule.sections; 0 for a rule without section patterns */
  readonly pattern: number
  /** undefined: every section */
  readonly glob: Glob | undefined
  readonly files: FileSet
  /** INPUT_SECTION_FLAGS */
  readonly flagsWith: number
  readonly flagsWithout: number
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
  for (const statement of plan.statements) {
    if (statement.kind !== 'output-section') continue
    starts.push(units.length)
    const output = outputs.push(statement) - 1
    for (const item of statement.items) {
      if (item.kind !== 'input') continue
      const flagsWith = item.flags?.with ?? 0
      const flagsWithout = item.flags?.without ?? 0
      const shared = { rule: item, flagsWith, flagsWithout, output }
      if (item.sections.length === 0)
        units.push({ ...shared, pattern: 0, glob: undefined, files: patterns.filesOf(item.file, []) })
      item.sections.forEach((section, pattern) => {
        const glob = section.pattern === '*' ? undefined : compileGlob(section.pattern)
        units.push({ ...shared, pattern, glob, files: patterns.filesOf(item.file, section.exclude) })
      })
    }
  }
  starts.push(units.length)
  return { units, outputs, firstUnit: Int32Array.from(starts) }
}
