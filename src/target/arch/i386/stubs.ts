/**
 * Stubs: for indirect functions in programs that have no dynamic loader, and the PLT (psABI, "Procedure Linkage Table").
 * Code that may be loaded anywhere has the address of the GOT in %ebx when it calls; other code names slots by address.
 */
import type { PltShape, StubShape } from '../../target.ts'

function word32(out: Uint8Array, at: number, value: number): void {
  out[at] = value & 0xff
  out[at + 1] = (value >> 8) & 0xff
  out[at + 2] = (value >> 16) & 0xff
  out[at + 3] = (value >> 24) & 0xff
}

/** bytes of a row of .rel.plt: stubs name themselves to the loader by its offset */
const rowBytes = 8

/** jmp *slot; push $row; jmp header */
function writeEntry(out: Uint8Array, at: number, place: number, slot: number, index: number, header: number): boolean {
  out.set([0xff, 0x25, 0, 0, 0, 0, 0x68, 0, 0, 0, 0, 0xe9, 0, 0, 0, 0], at)
  word32(out, at + 2, slot)
  word32(out, at + 7, index * rowBytes)
  word32(out, at + 12, header - (place + 16))
  return true
}

export const stubs: StubShape = {
  indirectSize: 8,
  indirectResume: 6,
  writeIndirect(out, at, _place, slot) {
    // jmp *slot; xchg %ax,%ax
    out.set([0xff, 0x25, 0, 0, 0, 0, 0x66, 0x90], at)
    word32(out, at + 2, slot)
    return true
  },
}

export const positionIndependentStubs: StubShape = {
  ...stubs,
  writeIndirect(out, at, _place, slot, gotPlt) {
    // jmp *slot(%ebx); xchg %ax,%ax
    out.set([0xff, 0xa3, 0, 0, 0, 0, 0x66, 0x90], at)
    word32(out, at + 2, slot - gotPlt)
    return true
  },
}

export const plt: PltShape = {
  headerSize: 16,
  entrySize: 16,
  // what GNU ld has always shown
  shownEntrySize: 4,
  align: 16,
  directSize: 8,
  resume: 6,
  writeHeader(out, at, _place, gotPlt) {
    // push got.plt+4; jmp *got.plt+8
    out.set([0xff, 0x35, 0, 0, 0, 0, 0xff, 0x25, 0, 0, 0, 0, 0, 0, 0, 0], at)
    word32(out, at + 2, gotPlt + 4)
    word32(out, at + 8, gotPlt + 8)
    return true
  },
  writeEntry,
  writeDirect: stubs.writeIndirect,
}

export const positionIndependentPlt: PltShape = {
  ...plt,
  writeHeader(out, at) {
    // push 4(%ebx); jmp *8(%ebx)
    out.set([0xff, 0xb3, 4, 0, 0, 0, 0xff, 0xa3, 8, 0, 0, 0, 0, 0, 0, 0], at)
    return true
  },
  writeEntry(out, at, place, slot, index, header, gotPlt) {
    // jmp *slot(%ebx); push $row; jmp header
    writeEntry(out, at, place, slot - gotPlt, index, header)
    out[at + 1] = 0xa3
    return true
  },
  writeDirect: positionIndependentStubs.writeIndirect,
}

/** endbr32; push $row; jmp header; xchg %ax,%ax */
function writeMarkedEntry(
  out: Uint8Array,
  at: number,
  place: number,
  _slot: number,
  index: number,
  header: number,
): boolean {
  out.set([0xf3, 0x0f, 0x1e, 0xfb, 0x68, 0, 0, 0, 0, 0xe9, 0, 0, 0, 0, 0x66, 0x90], at)
  word32(out, at + 5, index * rowBytes)
  word32(out, at + 10, header - (place + 14))
  return true
}

/** endbr32; jmp *slot; nop */
function markedJump(out: Uint8Array, at: number, _place: number, slot: number): boolean {
  out.set([0xf3, 0x0f, 0x1e, 0xfb, 0xff, 0x25, 0, 0, 0, 0, 0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00], at)
  word32(out, at + 6, slot)
  return true
}

/** endbr32; jmp *slot(%ebx); nop */
function markedJumpFromGot(out: Uint8Array, at: number, place: number, slot: number, gotPlt: number): boolean {
  markedJump(out, at, place, slot - gotPlt)
  out[at + 5] = 0xa3
  return true
}

/** The header with a no-operation behind it. */
function markedHeader(plain: PltShape['writeHeader']): PltShape['writeHeader'] {
  return (out, at, place, gotPlt) => {
    const reaches = plain(out, at, place, gotPlt)
    out.set([0x0f, 0x1f, 0x40, 0x00], at + 12)
    return reaches
  }
}

/** For indirect branch tracking (IBT): whatever is reached by an indirect jump begins with endbr32. */
export const branchMarkedPlt: PltShape = {
  ...plt,
  directSize: 16,
  resume: 0,
  writeHeader: markedHeader(plt.writeHeader),
  writeEntry: writeMarkedEntry,
  writeDirect: markedJump,
  second: { entrySize: 16, write: markedJump },
}

export const positionIndependentBranchMarkedPlt: PltShape = {
  ...branchMarkedPlt,
  writeHeader: markedHeader(positionIndependentPlt.writeHeader),
  writeDirect: markedJumpFromGot,
  second: { entrySize: 16, write: markedJumpFromGot },
}
