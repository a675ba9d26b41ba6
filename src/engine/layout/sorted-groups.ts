/**
 * @sort around output sections: those of a group change places until they stand in the order of the keys. Their sizes are
 * known when it is known what is left out; what stands between them keeps its place.
 */
import type { LayoutState, OutputState } from './state.ts'

/** Sorts the groups in the order of addresses and in that of the section headers. */
export function sortGroups(state: LayoutState): void {
  const groups = new Map<number, OutputState[]>()
  for (const output of state.inOrder()) {
    const sorted = output.plan.extra?.sorted
    if (sorted === undefined || !output.created) continue
    const list = groups.get(sorted.group)
    if (list === undefined) groups.set(sorted.group, [output])
    else list.push(output)
  }
  for (const members of groups.values()) {
    const { keys } = members[0]!.plan.extra!.sorted!
    const order = unitsTogether(members.toSorted((a, b) => compare(a, b, keys)))
    const isMember = new Set(members)
    let next = 0
    state.sequence.forEach((item, i) => {
      if (item.kind === 'output' && isMember.has(state.outputs[item.index]!))
        state.sequence[i] = { kind: 'output', index: order[next++]!.placed.index }
    })
    next = 0
    state.headerOrder.forEach((output, i) => {
      if (isMember.has(output)) state.headerOrder[i] = order[next++]!
    })
  }
}

/** The sections of a unit move to the first of them, in the order of the script. */
function unitsTogether(sorted: readonly OutputState[]): readonly OutputState[] {
  const unitOf = (output: OutputState): number | undefined => output.plan.extra?.sorted?.unit
  const done = new Set<number>()
  return sorted.flatMap(output => {
    const unit = unitOf(output)
    if (unit === undefined) return [output]
    if (done.has(unit)) return []
    done.add(unit)
    return sorted.filter(each => unitOf(each) === unit).toSorted((a, b) => a.placed.index - b.placed.index)
  })
}

function compare(a: OutputState, b: OutputState, keys: readonly ('size' | 'name')[]): number {
  for (const key of keys) {
    if (key === 'size' && a.size !== b.size) return a.size - b.size
    if (key === 'name' && a.name !== b.name) return a.name < b.name ? -1 : 1
  }
  return a.placed.index - b.placed.index
}
