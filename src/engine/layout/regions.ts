/**
 * MEMORY regions: origin and length as they become known, the cursor, and what to say when one is too small.
 */
import { hex, u64 } from '../../base/words.ts'
import { noRegion, outsideRegion, regionOverflow, unknownRegion } from '../../diag/catalogue/layout.ts'
import { inScript, type Note, nowhere, type Place } from '../../diag/diagnostic.ts'
import { fileLabel } from '../records/program.ts'
import { Content } from './content-flags.ts'
import type { Evaluator } from './evaluate.ts'
import { type LayoutState, type OutputState, RegionState } from './state.ts'

/** Finds the regions that sections name, makes the unknown ones (with a warning), and lets later sections inherit. */
export function assignRegions(state: LayoutState): void {
  const find = (name: string, output: OutputState): RegionState => {
    const known = state.findRegion(name)
    if (known !== undefined) return known
    state.report.add(unknownRegion({ region: name }), placeOf(output))
    const made = new RegionState(name, undefined)
    state.regions.push(made)
    return made
  }
  let previous: OutputState | undefined
  for (const output of state.outputs) {
    const { plan } = output
    if (plan.loadRegion !== undefined) output.loadRegion = find(plan.loadRegion, output)
    if (plan.region !== undefined) output.region = find(plan.region, output)
    else if (output.loadRegion !== undefined && plan.address === undefined) output.region = output.loadRegion
    else output.region = state.defaultRegion
    const free = output.loadRegion === undefined && plan.loadAddress === undefined && !hasAddressExpression(output)
    if (previous !== undefined && free && output.region === previous.region) output.loadRegion = previous.loadRegion
    previous = output
  }
}

export function hasAddressExpression(output: OutputState): boolean {
  return output.plan.address !== undefined || output.placed.fixedAddress !== undefined
}

/** Evaluates ORIGIN and LENGTH where they have a value by now. */
export function measureRegions(state: LayoutState, evaluator: Evaluator): void {
  for (const region of state.regions) {
    if (region.plan === undefined) continue
    region.origin = evaluator.evaluateAbsolute(region.plan.origin, 0n) ?? region.origin
    region.length = evaluator.evaluateAbsolute(region.plan.length, 0n) ?? region.length
  }
}

/** Puts every cursor back to its region's start; no section has an address then. */
export function resetRegions(state: LayoutState): void {
  for (const output of state.outputs) {
    output.hasAddress = false
    output.hasLoadAddress = false
  }
  for (const region of [...state.regions, state.defaultRegion]) {
    region.current = region.origin
    region.lastOutput = undefined
  }
}

/** The region of a section that names none: the first whose attributes fit its content. */
export function regionByContent(state: LayoutState, content: number): RegionState {
  let bits = content
  if ((bits & (Content.Alloc | Content.ReadOnly | Content.Code)) === Content.Alloc) bits |= Content.Data
  for (const region of state.regions) {
    const attributes = region.plan?.attributes
    if (attributes === undefined) continue
    if ((contentOfLetters(attributes.any) & bits) !== 0 && (contentOfLetters(attributes.none) & bits) === 0)
      return region
  }
  return state.defaultRegion
}

function contentOfLetters(letters: string): number {
  let bits = 0
  for (const letter of letters.toLowerCase()) {
    if (letter === 'a') bits |= Content.Alloc
    else if (letter === 'r') bits |= Content.ReadOnly
    else if (letter === 'w') bits |= Content.Data
    else if (letter === 'x') bits |= Content.Code
    else if (letter === 'l' || letter === 'i') bits |= Content.Load
  }
  return bits
}

/** A loaded section without region although there are regions: an error, as it is likely to land far away. */
export function checkRegionGiven(state: LayoutState, output: OutputState): void {
  if (output.region !== state.defaultRegion || state.regions.length === 0 || state.request.noCheckSections) return
  if (output.ignored || output.removed || !takesMemory(output.content)) return
  if (state.firstTime(`region of ${output.placed.index}`))
    state.report.add(noRegion({ section: output.name }), placeOf(output))
}

/** Takes room in memory: allocated, and not thread-local zeros. */
export function takesMemory(content: number): boolean {
  if ((content & Content.Alloc) === 0) return false
  return (content & (Content.ThreadLocal | Content.Load)) !== Content.ThreadLocal
}

/** Checks that the cursor is still inside; to be called after each section that moved it. */
export function checkRegion(
  state: LayoutState,
  output: OutputState,
  region: RegionState,
  explicitAddress: boolean,
  base: bigint,
): void {
  const used = u64(region.current - region.origin)
  const outside = region.current < region.origin || used > region.length
  if (!outside || (region.current === u64(region.origin + region.length) && base !== 0n)) return
  if (explicitAddress) {
    if (state.firstTime(`${output.placed.index} outside ${region.name}`))
      state.report.add(
        outsideRegion({ section: output.name, address: hex(base), region: region.name }),
        placeOf(output),
      )
  } else if (!region.overflowed) {
    region.overflowed = true
    region.culprit = output
  }
}

/** Reports the regions that overflowed in the last pass, with what fills them. */
export function reportOverflows(state: LayoutState): void {
  for (const region of state.regions) {
    if (!region.overflowed || region.culprit === undefined) continue
    const by = u64(region.current - (region.origin + region.length))
    const notes: Note[] = []
    if (region.plan !== undefined)
      notes.push({
        text: `${region.name} has ORIGIN ${hex(region.origin)} and LENGTH ${hex(region.length)}`,
        at: inScript(region.plan.span),
      })
    const largest = largestInputs(state, region)
    if (largest !== '') notes.push({ text: `largest contents: ${largest}` })
    if (state.request.nonContiguousRegions)
      notes.push({
        text: '--enable-non-contiguous-regions: there is no room either in another output section whose rules match',
      })
    state.report.add(
      regionOverflow({ region: region.name, by, section: region.culprit.name }),
      placeOf(region.culprit),
      notes,
    )
  }
}

function largestInputs(state: LayoutState, region: RegionState): string {
  const { program, contents } = state
  const top: { id: number; size: number }[] = []
  for (const output of state.outputs) {
    if (output.region !== region && output.loadRegion !== region) continue
    for (const item of output.placed.items) {
      if (item.kind !== 'inputs') continue
      for (let i = 0; i < item.ids.length; i++) {
        const size = contents.size[item.ids[i]!]!
        if (top.length === 3 && size <= top[2]!.size) continue
        top.push({ id: item.ids[i]!, size })
        top.sort((a, b) => b.size - a.size)
        if (top.length > 3) top.pop()
      }
    }
  }
  const text = ({ id, size }: { id: number; size: number }): string => {
    const file = program.files[program.sections.file[id]!]!
    return `${fileLabel(file)}(${program.sectionNames.text(program.sections.name[id]!)}) ${size.toString()} bytes`
  }
  return top
    .filter(each => each.size > 0)
    .map(text)
    .join(', ')
}

export function placeOf(output: OutputState): Place {
  return output.placed.because === undefined ? nowhere : inScript(output.placed.because.span)
}
