/** .ARM.exidx (Exception Handling ABI for the Arm Architecture): pairs of words, the first is the distance to a function. */
import type { FunctionTableShape } from '../../code-changes.ts'

export const SHT_ARM_EXIDX = 0x70000001
const PT_ARM_EXIDX = 0x70000001

/** EXIDX_CANTUNWIND: nothing may be unwound from here on */
const cannotUnwind = 1

export const functionTable: FunctionTableShape = {
  section: '.ARM.exidx',
  type: SHT_ARM_EXIDX,
  segment: PT_ARM_EXIDX,
  entryBytes: 8,
  nothing: cannotUnwind,
  startsAt: (view, at) => view.getUint32(at, true),
  meaning(view, at) {
    const second = view.getUint32(at + 4, true)
    // The highest bit: the instructions for unwinding stand in the word itself. Else they are elsewhere.
    return second === cannotUnwind || second >= 0x8000_0000 ? second : -1
  },
  writeEnd(out, at, place, address) {
    const view = new DataView(out.buffer, out.byteOffset, out.byteLength)
    view.setUint32(at, (address - place) & 0x7fff_ffff, true)
    view.setUint32(at + 4, cannotUnwind, true)
  },
}
