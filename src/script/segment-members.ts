/** Sections that belong to further segments by name: `@segment tls tls (r) { .tdata .tbss }`. */
import { compileGlob, matchesText } from '../base/glob.ts'
import type { OutputSectionPlan, Statement } from '../plan/plan.ts'
import type { SegmentMembers } from './compilation.ts'

/**
 * Adds each segment to its sections. Sections that say nothing about segments are in those of the section before; where
 * one such section gets a further segment, what it inherited is written down, and its followers keep what they had.
 */
export function attachMembers(
  statements: readonly Statement[],
  members: readonly SegmentMembers[],
): readonly Statement[] {
  if (members.length === 0) return statements
  let inherited: readonly string[] | undefined
  let changed = false
  return statements.map(statement => {
    if (statement.kind !== 'output-section') return statement
    const own = statement.segments ?? inherited
    inherited = own
    const further = members
      .filter(each => each.patterns.some(pattern => matches(pattern.text, statement.name)))
      .map(each => each.segment)
      .filter(segment => !own?.includes(segment))
    if (further.length > 0) {
      changed = true
      return withSegments(statement, [...(own ?? []).filter(name => name !== 'NONE'), ...further])
    }
    return changed && own !== undefined ? withSegments(statement, own) : statement
  })
}

function withSegments(section: OutputSectionPlan, segments: readonly string[]): OutputSectionPlan {
  return { ...section, segments }
}

function matches(pattern: string, name: string): boolean {
  return pattern === name || matchesText(compileGlob(pattern), name)
}
