/**
 * Is there anything to protect between DATA_SEGMENT_ALIGN and DATA_SEGMENT_RELRO_END?
 *
 * GNU ld asks what the input descriptions written there speak of (Mark.Relro): a section counts although an earlier rule
 * claimed it, data statements and orphans do not. Without such content there is no RELRO, and the data segment starts elsewhere.
 */
import { layoutRows } from '../../kernels/layout.ts'
import { Mark } from '../records/placement.ts'
import { Content, isThreadBss } from './content-flags.ts'
import type { LayoutState, OutputState } from './state.ts'

/** To be asked when empty output sections are known. */
export function findRelroContent({ program, contents, placement, outputs }: LayoutState): boolean {
  const { memory, kernels } = program.compute
  const mayCount = memory.uint8(outputs.length)
  for (let i = 0; i < outputs.length; i++) if (takesRoom(outputs[i]!)) mayCount[i] = 1
  const { marks, outputOf } = placement
  const { count } = program.sections
  for (let id = 0; id < count; id += layoutRows) {
    const end = Math.min(id + layoutRows, count)
    if (kernels.hasMarked(marks, Mark.Relro, contents.size, outputOf, mayCount, id, end)) return true
  }
  return false
}

function takesRoom(output: OutputState): boolean {
  return !output.removed && (output.content & Content.Alloc) !== 0 && !isThreadBss(output.content)
}
