/**
 * Load addresses of sections without AT.
 *
 * With AT>region its cursor gives them. Without, the section keeps the distance that address and load address of the
 * section before it in the region have; members of an OVERLAY behind the first are loaded one behind the other.
 */
import { u64 } from '../../base/words.ts'
import { dotMovedBackwards } from '../../diag/catalogue/layout.ts'
import { alignUp } from '../../plan/expression.ts'
import { Content, isThreadBss } from './content-flags.ts'
import { placeOf } from './regions.ts'
import type { LayoutState, OutputState } from './state.ts'

/**
 * Sets `output.lma`, which is the address so far.
 * @param align what the load address is rounded up to, bytes; below 2: nothing
 * @param moved bytes that the address was rounded up by: ALIGN_WITH_INPUT moves the load address as far
 */
export function followLoadCursor(state: LayoutState, output: OutputState, align: number, moved: bigint): void {
  const rounded = (lma: bigint): bigint => (align > 1 ? alignUp(u64(lma), BigInt(align)) : u64(lma))
  if (output.loadRegion !== undefined) {
    const { current } = output.loadRegion
    output.lma = output.plan.alignWithInput ? u64(current + moved) : rounded(current)
    return
  }
  const last = (output.region ?? state.defaultRegion).lastOutput
  if (last === undefined || (output.content & Content.Alloc) === 0) return
  const size = BigInt(output.size)
  if (output.vma < last.vma && size !== 0n && output.vma + size <= last.vma) {
    if (last.vma !== last.lma && state.phase !== 'mark' && state.firstTime(`backwards ${output.placed.index}`))
      state.report.add(dotMovedBackwards({ section: output.name }), placeOf(output))
    return
  }
  output.lma = rounded(output.overlay === 'later' ? last.lma + BigInt(last.size) : output.vma + last.lma - last.vma)
}

/** Sections that follow in the region keep the distance of address and load address of this one. */
export function trackLoad(state: LayoutState, output: OutputState, dot: bigint): void {
  const region = output.region ?? state.defaultRegion
  const last = region.lastOutput
  if (output.loadRegion !== undefined) return
  const isIgnored = (output.content & Content.Alloc) === 0 || isThreadBss(output.content)
  const counts = output.size !== 0 || (last === undefined ? output.vma !== output.lma : dot >= last.vma)
  if ((counts && !isIgnored) || output.overlay === 'first') region.lastOutput = output
}
