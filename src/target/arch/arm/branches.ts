/**
 * Branches whose instruction depends on what they lead to.
 *
 * A symbol that is no function does not say whether ARM or Thumb code stands there: the instruction stays what it is, as
 * with GNU ld. A branch to a weak symbol that nobody defines goes on with the next instruction.
 */
import { formulaCodes, type Relaxation, TargetFact } from '../../target.ts'
import { Codec } from './fields.ts'
import * as r from './relocations.ts'

const Rewrite = {
  Leave: 0,
  SameModeCall: 1,
  SameMode24: 2,
  SameMode19: 3,
  /** nothing is done: ARM, Thumb */
  Skip: 4,
  SkipThumb: 5,
  /** the same before ARMv6T2: instructions without other effect */
  SkipOld: 6,
  SkipThumbOld: 7,
  Refused: 8,
} as const

const count = 9
const formula = new Uint8Array(count)
const codec = new Uint8Array(count)
formula[Rewrite.SameModeCall] = formulaCodes['L+A-P']
formula[Rewrite.SameMode24] = formulaCodes['L+A-P']
formula[Rewrite.SameMode19] = formulaCodes['L+A-P']
codec[Rewrite.SameModeCall] = Codec.ThumbSameModeCall
codec[Rewrite.SameMode24] = Codec.ThumbSameMode24
codec[Rewrite.SameMode19] = Codec.ThumbSameMode19

/** Bits of the traits that attributes.ts finds out. */
export const ArmTrait = {
  /** the output runs on processors without NOP: before ARMv6T2 and ARMv6K */
  NoHint: 0x100,
  /** BL does not become BLX */
  NoExchange: 0x200,
  /** without ARM code: the M profile */
  ThumbOnly: 0x400,
  Thumb2: 0x800,
  /** BL of Thumb reaches 4 MiB only */
  ShortThumbCalls: 0x1000,
} as const

/** True for a symbol of the output that is no function. */
function isUnknown(facts: number): boolean {
  return (facts & TargetFact.Local) !== 0 && (facts & (TargetFact.Function | TargetFact.Ifunc)) === 0
}

export const relaxation: Relaxation = {
  refused: Rewrite.Refused,
  formula,
  check: new Uint8Array(count),
  shift: new Int8Array(count),
  bias: new Int8Array(count),
  swallows: new Uint8Array(count),
  codec,
  choose(type, _code, _at, _start, _end, facts, traits) {
    const isWeak = (facts & TargetFact.UndefinedWeak) !== 0
    if (!isWeak && !isUnknown(facts)) return Rewrite.Leave
    const isOld = (traits & ArmTrait.NoHint) !== 0
    switch (type) {
      case r.R_ARM_THM_CALL:
        return isWeak ? (isOld ? Rewrite.SkipThumbOld : Rewrite.SkipThumb) : Rewrite.SameModeCall
      case r.R_ARM_THM_JUMP24:
        return isWeak ? (isOld ? Rewrite.SkipThumbOld : Rewrite.SkipThumb) : Rewrite.SameMode24
      case r.R_ARM_THM_JUMP19:
        return isWeak ? Rewrite.SkipThumb : Rewrite.SameMode19
      default:
        return isWeak ? (isOld ? Rewrite.SkipOld : Rewrite.Skip) : Rewrite.Leave
    }
  },
  rewrite(rewrite, code, at) {
    switch (rewrite) {
      case Rewrite.Skip: // nop, under the same condition
        code[at] = 0x00
        code[at + 1] = 0xf0
        code[at + 2] = 0x20
        code[at + 3] = (code[at + 3]! & 0xf0) | 3
        return
      case Rewrite.SkipOld: // mov r0, r0
        code[at] = 0x00
        code[at + 1] = 0x00
        code[at + 2] = 0xa0
        code[at + 3] = (code[at + 3]! & 0xf0) | 1
        return
      case Rewrite.SkipThumb: // nop.w
        code[at] = 0xaf
        code[at + 1] = 0xf3
        code[at + 2] = 0x00
        code[at + 3] = 0x80
        return
      case Rewrite.SkipThumbOld: // b over the next instruction; nop
        code[at] = 0x00
        code[at + 1] = 0xe0
        code[at + 2] = 0x00
        code[at + 3] = 0xbf
        return
    }
  },
}
