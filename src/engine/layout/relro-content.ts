/**
 * Is there anything to protect between DATA_SEGMENT_ALIGN and DATA_SEGMENT_RELRO_END?
 *
 * GNU ld asks what the input descriptions written there speak of: a section counts although an earlier rule claimed it,
 * data statements and orphans do not. Without such content there is no RELRO, and the data segment starts elsewhere.
 */
import { FilePatterns } from '../match/file-patterns.ts'
import { listRules } from '../match/rules.ts'
import { SectionMatcher } from '../match/section-matcher.ts'
import { Claim } from '../records/placement.ts'
import { Content, isThreadBss } from './content-flags.ts'
import type { LayoutState, OutputState } from './state.ts'

/** To be asked when empty output sections are known. */
export function findRelroContent(state: LayoutState): boolean {
  const inside = protectedOutputs(state)
  if (inside.size === 0) return false
  const { contents } = state
  for (const output of state.outputs) {
    if (!inside.has(output.plan.id) || !mayCount(output)) continue
    for (const part of output.placed.items)
      if (part.kind === 'inputs' && part.rule !== Claim.Orphan && part.ids.some(id => contents.size[id]! > 0))
        return true
  }
  return claimedElsewhere(state, inside)
}

/** Plan ids of the output sections whose input descriptions count. */
function protectedOutputs(state: LayoutState): Set<number> {
  const found = new Set<number>()
  let isInside = false
  for (const statement of state.program.plan.statements) {
    if (statement.kind === 'assign') {
      if (statement.value.op === 'data-segment-align') isInside = true
      else if (statement.value.op === 'data-segment-relro-end') break
    } else if (isInside && statement.kind === 'output-section') found.add(statement.id)
  }
  return found
}

function mayCount(output: OutputState): boolean {
  return !output.removed && (output.content & Content.Alloc) !== 0 && !isThreadBss(output.content)
}

function claimedElsewhere(state: LayoutState, inside: ReadonlySet<number>): boolean {
  const { program, contents, placement } = state
  const { sections, sectionNames, files } = program
  const rules = listRules(program.plan, new FilePatterns(files), output => inside.has(output.id))
  const units = rules.units.map(unit => ({ ...unit, flagsWith: 0, flagsWithout: 0 }))
  if (units.length === 0) return false
  const matcher = new SectionMatcher(units, sectionNames, files)
  for (let id = 0; id < sections.count; id++) {
    const output = placement.outputOf[id]!
    if (output < 0 || contents.size[id] === 0 || !mayCount(state.outputs[output]!)) continue
    if (matcher.find(sections.name[id]!, sections.file[id]!, 0, 0) >= 0) return true
  }
  return false
}
