/** Stubs of the PLT and of indirect functions: ARM code that jumps through a word of the GOT up to 256 MiB behind it. */
import type { PltShape, StubShape } from '../../target.ts'
import { R_ARM_THM_JUMP19, R_ARM_THM_JUMP24 } from './relocations.ts'

function word(out: Uint8Array, at: number, value: number): void {
  out[at] = value & 0xff
  out[at + 1] = (value >>> 8) & 0xff
  out[at + 2] = (value >>> 16) & 0xff
  out[at + 3] = value >>> 24
}

/** add ip, pc, #0x0nn00000; add ip, ip, #0xnn000; ldr pc, [ip, #0xnnn]! */
function jumpThrough(out: Uint8Array, at: number, place: number, slot: number): boolean {
  const distance = (slot - (place + 8)) | 0
  if (distance < 0 || distance > 0xfff_ffff) return false
  word(out, at, 0xe28fc600 | (distance >>> 20))
  word(out, at + 4, 0xe28cca00 | ((distance >>> 12) & 0xff))
  word(out, at + 8, 0xe5bcf000 | (distance & 0xfff))
  return true
}

/** bx pc; b . - 2: what follows is ARM code */
function enterArm(out: Uint8Array, at: number): void {
  word(out, at, 0xe7fd_4778)
}

/** B.W and B<c>.W, which have no form that changes to ARM code */
const thumbJumps = new Uint8Array(256)
thumbJumps[R_ARM_THM_JUMP24] = 1
thumbJumps[R_ARM_THM_JUMP19] = 1

export const stubs: StubShape = {
  indirectSize: 12,
  indirectResume: 0,
  writeIndirect: jumpThrough,
}

export const plt: PltShape = {
  headerSize: 20,
  entrySize: 12,
  shownEntrySize: 4,
  align: 4,
  marks: {
    header: [
      [0, '$a'],
      [16, '$d'],
    ],
    entry: '$a',
    prefix: '$t',
  },
  lazyOnly: true,
  directSize: 12,
  resume: 0,
  resumesInHeader: true,
  prefix: { size: 4, types: thumbJumps, entryBits: 1, write: enterArm },
  writeHeader(out, at, place, gotPlt) {
    word(out, at, 0xe52de004) // str lr, [sp, #-4]!
    word(out, at + 4, 0xe59fe004) // ldr lr, [pc, #4]
    word(out, at + 8, 0xe08fe00e) // add lr, pc, lr
    word(out, at + 12, 0xe5bef008) // ldr pc, [lr, #8]!
    word(out, at + 16, gotPlt - (place + 16))
    return true
  },
  writeEntry: jumpThrough,
  writeDirect: jumpThrough,
}
