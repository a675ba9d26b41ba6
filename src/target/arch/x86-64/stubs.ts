/** Stubs: for indirect functions in programs that have no dynamic loader, and the PLT (psABI, "Procedure Linkage Table"). */
import type { PltShape, StubShape } from '../../target.ts'

/** Writes a signed 32-bit distance; false when it does not fit. */
function distance32(out: Uint8Array, at: number, distance: number): boolean {
  if (distance < -0x8000_0000 || distance > 0x7fff_ffff) return false
  out[at] = distance & 0xff
  out[at + 1] = (distance >> 8) & 0xff
  out[at + 2] = (distance >> 16) & 0xff
  out[at + 3] = (distance >> 24) & 0xff
  return true
}

/** jmp *slot(%rip); xchg %ax,%ax */
function jumpThrough(out: Uint8Array, at: number, place: number, slot: number): boolean {
  out[at] = 0xff
  out[at + 1] = 0x25
  out[at + 6] = 0x66
  out[at + 7] = 0x90
  return distance32(out, at + 2, slot - (place + 6))
}

export const stubs: StubShape = { indirectSize: 8, indirectResume: 6, writeIndirect: jumpThrough }

export const plt: PltShape = {
  headerSize: 16,
  entrySize: 16,
  align: 16,
  directSize: 8,
  resume: 6,
  writeHeader(out, at, place, gotPlt) {
    // push 8(got.plt); jmp *16(got.plt); nop
    out.set([0xff, 0x35, 0, 0, 0, 0, 0xff, 0x25, 0, 0, 0, 0, 0x0f, 0x1f, 0x40, 0x00], at)
    return distance32(out, at + 2, gotPlt + 8 - (place + 6)) && distance32(out, at + 8, gotPlt + 16 - (place + 12))
  },
  writeEntry(out, at, place, slot, index, header) {
    // jmp *slot; push $index; jmp header
    out.set([0xff, 0x25, 0, 0, 0, 0, 0x68, 0, 0, 0, 0, 0xe9, 0, 0, 0, 0], at)
    return (
      distance32(out, at + 2, slot - (place + 6)) &&
      distance32(out, at + 7, index) &&
      distance32(out, at + 12, header - (place + 16))
    )
  },
  writeDirect: jumpThrough,
}

/** endbr64; jmp *slot(%rip); nop */
function markedJump(out: Uint8Array, at: number, place: number, slot: number): boolean {
  out.set([0xf3, 0x0f, 0x1e, 0xfa, 0xff, 0x25, 0, 0, 0, 0, 0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00], at)
  return distance32(out, at + 6, slot - (place + 10))
}

/** For indirect branch tracking (IBT): whatever is reached by an indirect jump begins with endbr64. */
export const branchMarkedPlt: PltShape = {
  ...plt,
  directSize: 16,
  resume: 0,
  writeEntry(out, at, place, _slot, index, header) {
    // endbr64; push $index; jmp header; nop
    out.set([0xf3, 0x0f, 0x1e, 0xfa, 0x68, 0, 0, 0, 0, 0xe9, 0, 0, 0, 0, 0x66, 0x90], at)
    return distance32(out, at + 5, index) && distance32(out, at + 10, header - (place + 14))
  },
  writeDirect: markedJump,
  second: { entrySize: 16, write: markedJump },
}
