/**
 * Checks of a finished layout: sections that overlap in memory, in their load addresses, regions that are too small.
 * Overlays (sections that share one start address on purpose) switch the check of addresses off, as in GNU ld.
 */
import { hex, u64 } from '../../base/words.ts'
import { sectionsOverlap } from '../../diag/catalogue/layout.ts'
import { Content } from './content-flags.ts'
import { placeOf, reportOverflows, takesMemory } from './regions.ts'
import type { LayoutState, OutputState } from './state.ts'

export function verifyLayout(state: LayoutState): void {
  reportOverflows(state)
  if (state.request.noCheckSections) return
  const sections = state.headerOrder.filter(output => !output.removed && output.size > 0 && takesMemory(output.content))
  if (sections.length < 2) return
  // What has no bytes in the file is not loaded, so that its load address takes no room.
  const loaded = sections.filter(output => (output.content & Content.Load) !== 0)
  checkRanges(state, loaded, 'load address', output => output.lma)
  const starts = new Set(sections.map(output => output.vma))
  if (starts.size === sections.length) checkRanges(state, sections, 'address', output => output.vma)
}

function checkRanges(
  state: LayoutState,
  sections: readonly OutputState[],
  kind: string,
  startOf: (output: OutputState) => bigint,
): void {
  const sorted = [...sections].sort((a, b) => (startOf(a) < startOf(b) ? -1 : startOf(a) > startOf(b) ? 1 : 0))
  for (let i = 1; i < sorted.length; i++) {
    const before = sorted[i - 1]!
    const section = sorted[i]!
    const start = startOf(before)
    const end = u64(start + BigInt(before.size) - 1n)
    if (startOf(section) > end && end >= start) continue
    state.report.add(
      sectionsOverlap({ first: before.name, second: section.name, kind, at: hex(startOf(section)) }),
      placeOf(section),
      [
        { text: `${before.name} occupies ${hex(start)} to ${hex(end)}`, at: placeOf(before) },
        {
          text: `${section.name} occupies ${hex(startOf(section))} to ${hex(u64(startOf(section) + BigInt(section.size) - 1n))}`,
        },
      ],
    )
  }
}
