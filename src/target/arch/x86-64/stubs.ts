/** Stubs for indirect functions in programs that have no dynamic loader. */
import type { StubShape } from '../../target.ts'

export const stubs: StubShape = {
  indirectSize: 8,
  indirectResume: 6,
  writeIndirect(out, at, place, slot) {
    // jmp *slot(%rip); xchg %ax,%ax
    const distance = slot - (place + 6)
    if (distance < -0x8000_0000 || distance > 0x7fff_ffff) return false
    out[at] = 0xff
    out[at + 1] = 0x25
    out[at + 2] = distance & 0xff
    out[at + 3] = (distance >> 8) & 0xff
    out[at + 4] = (distance >> 16) & 0xff
    out[at + 5] = (distance >> 24) & 0xff
    out[at + 6] = 0x66
    out[at + 7] = 0x90
    return true
  },
}
