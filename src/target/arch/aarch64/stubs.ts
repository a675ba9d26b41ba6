/** Stubs of the PLT and of indirect functions, with GNU ld's instructions. All of them jump through a slot of .got.plt. */
import type { PltShape, StubShape } from '../../target.ts'

const DT_AARCH64_BTI_PLT = 0x70000001
const DT_AARCH64_PAC_PLT = 0x70000003

const nop = 0xd503201f
/** bti c: may be the target of an indirect call */
const landing = 0xd503245f
/** autia1716: checks the signature of the address in x17 */
const authenticate = 0xd503219f
/** stp x16, x30, [sp, #-16]! */
const push = 0xa9bf7bf0
/** adrp x16, slot; ldr x17, [x16, slot]; add x16, x16, slot; br x17 */
const page = 0x90000010
const load = 0xf9400211
const add = 0x91000210
const branch = 0xd61f0220

function put(out: Uint8Array, at: number, words: readonly number[]): void {
  for (const word of words) {
    out[at++] = word
    out[at++] = word >>> 8
    out[at++] = word >>> 16
    out[at++] = word >>> 24
  }
}

/** Fills the slot's address into adrp, ldr and add at `at`; false: more than 4 GiB away. */
function reach(out: Uint8Array, at: number, place: number, slot: number): boolean {
  const pages = Math.floor(slot / 4096) - Math.floor(place / 4096)
  if (pages < -0x10_0000 || pages > 0xf_ffff) return false
  const low = slot & 0xfff
  put(out, at, [
    page | ((pages & 3) << 29) | (((pages >> 2) & 0x7_ffff) << 5),
    load | ((low >> 3) << 10),
    add | (low << 10),
  ])
  return true
}

/** The usual entry, after and before further instructions. */
function entry(
  out: Uint8Array,
  at: number,
  place: number,
  slot: number,
  before: readonly number[],
  behind: readonly number[],
): boolean {
  put(out, at, before)
  const skip = before.length * 4
  put(out, at + skip + 12, behind)
  return reach(out, at + skip, place + skip, slot)
}

function plain(out: Uint8Array, at: number, place: number, slot: number): boolean {
  return entry(out, at, place, slot, [], [branch])
}

export const stubs: StubShape = {
  indirectSize: 16,
  indirectResume: 0,
  indirectAlign: 16,
  ascending: true,
  writeIndirect: plain,
}

/** The header pushes the slot's address and jumps to the loader's resolver, whose address is the third word of .got.plt. */
function header(out: Uint8Array, at: number, place: number, gotPlt: number, isMarked: boolean): boolean {
  const before = isMarked ? [landing, push] : [push]
  const behind = isMarked ? [branch, nop, nop] : [branch, nop, nop, nop]
  return entry(out, at, place, gotPlt + 16, before, behind)
}

export const plt: PltShape = {
  headerSize: 32,
  entrySize: 16,
  align: 16,
  directSize: 16,
  resume: 0,
  resumesInHeader: true,
  lazyOnly: true,
  writeHeader: (out, at, place, gotPlt) => header(out, at, place, gotPlt, false),
  writeEntry: plain,
  writeDirect: plain,
}

/** For branch target identification: whatever is reached by an indirect jump begins with bti c. */
export const branchMarkedPlt: PltShape = {
  ...plt,
  entrySize: 24,
  directSize: 24,
  tags: [DT_AARCH64_BTI_PLT],
  writeHeader: (out, at, place, gotPlt) => header(out, at, place, gotPlt, true),
  writeEntry: markedEntry,
  writeDirect: markedEntry,
}

/** In a shared object nobody takes the address of a stub: only the header is reached indirectly. */
export const branchMarkedSharedPlt: PltShape = {
  ...plt,
  tags: [DT_AARCH64_BTI_PLT],
  writeHeader: branchMarkedPlt.writeHeader,
}

export const branchMarkedStubs: StubShape = { ...stubs, indirectSize: 24, writeIndirect: markedEntry }

function markedEntry(out: Uint8Array, at: number, place: number, slot: number): boolean {
  return entry(out, at, place, slot, [landing], [branch, nop])
}

/** -z pac-plt: the loader signs the addresses in the slots. */
const signedEntry =
  (before: readonly number[], behind: readonly number[]) =>
  (out: Uint8Array, at: number, place: number, slot: number): boolean =>
    entry(out, at, place, slot, before, [authenticate, branch, ...behind])

export const signedPlt: PltShape = {
  ...plt,
  entrySize: 24,
  directSize: 24,
  tags: [DT_AARCH64_PAC_PLT],
  writeEntry: signedEntry([], [nop]),
  writeDirect: signedEntry([], [nop]),
}

export const branchMarkedSignedPlt: PltShape = {
  ...branchMarkedPlt,
  tags: [DT_AARCH64_BTI_PLT, DT_AARCH64_PAC_PLT],
  writeEntry: signedEntry([landing], []),
  writeDirect: signedEntry([landing], []),
}

export const branchMarkedSignedSharedPlt: PltShape = {
  ...signedPlt,
  tags: [DT_AARCH64_BTI_PLT, DT_AARCH64_PAC_PLT],
  writeHeader: branchMarkedPlt.writeHeader,
}
