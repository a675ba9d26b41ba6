/**
 * Veneers between ARM and Thumb code and for far branches. Which of them is taken, and what it looks like, follows GNU ld
 * 2.44: with BLX they are ARM code where the branch can enter ARM code, and they leave through a word that holds the
 * address (absolute, or counted from the veneer where the output may be loaded anywhere).
 */

import type { VeneerShape } from '../../code-changes.ts'
import { OutputTrait, TargetFact } from '../../target.ts'
import { ArmTrait } from './branches.ts'
import * as r from './relocations.ts'

const Kind = {
  None: 0,
  /** ldr pc, [pc, #-4]; word */
  Long: 1,
  /** before ARMv5T: ldr ip, [pc]; bx ip; word */
  LongExchange: 2,
  /** Thumb: bx pc; ldr ip, [pc]; bx ip; word */
  ThumbLong: 3,
  /** Thumb: bx pc; ldr pc, [pc, #-4]; word */
  ThumbToArm: 4,
  /** Thumb: bx pc; b target */
  ThumbToArmShort: 5,
  /** processors without ARM code: push, ldr, mov, pop, bx; word */
  ThumbOnly: 6,
  /** the same with Thumb-2: ldr.w pc, [pc]; word */
  Thumb2Only: 7,
  /** the same as above with distances */
  AnyToArm: 8,
  AnyToThumb: 9,
  ThumbLongApart: 10,
  ThumbToArmApart: 11,
  ThumbOnlyApart: 12,
} as const

const isThumbVeneer = (kind: number): boolean =>
  (kind >= Kind.ThumbLong && kind <= Kind.Thumb2Only) || kind >= Kind.ThumbLongApart

const size = Uint8Array.from([0, 8, 12, 16, 12, 8, 16, 8, 12, 16, 20, 16, 16])

/** Mapping symbols by kind: where ARM code, Thumb code and data start. */
const marks: readonly (readonly (readonly [number, string])[])[] = [
  [],
  arm(4),
  arm(8),
  entered(12),
  entered(8),
  entered(),
  thumb(12),
  thumb(4),
  arm(8),
  arm(12),
  entered(16),
  entered(12),
  thumb(12),
]

function arm(data: number): [number, string][] {
  return [
    [0, '$a'],
    [data, '$d'],
  ]
}

function thumb(data: number): [number, string][] {
  return [
    [0, '$t'],
    [data, '$d'],
  ]
}

/** Thumb code that changes to ARM code. */
function entered(data?: number): [number, string][] {
  const start: [number, string][] = [
    [0, '$t'],
    [4, '$a'],
  ]
  return data === undefined ? start : [...start, [data, '$d']]
}

const fromThumb: ReadonlySet<number> = new Set([Kind.ThumbToArm, Kind.ThumbToArmShort, Kind.ThumbToArmApart])

const bias = new Uint8Array(256)
for (const type of [r.R_ARM_CALL, r.R_ARM_JUMP24, r.R_ARM_PC24, r.R_ARM_PLT32]) bias[type] = 8
for (const type of [r.R_ARM_THM_CALL, r.R_ARM_THM_JUMP24, r.R_ARM_THM_JUMP19]) bias[type] = 4

/** Code of a symbol that is no function is taken to be of the same kind as the branch. */
function isUnknown(facts: number): boolean {
  return (facts & TargetFact.Local) !== 0 && (facts & (TargetFact.Function | TargetFact.Ifunc)) === 0
}

function chooseThumb(type: number, place: number, destination: number, facts: number, traits: number): number {
  const distance = (destination & ~1) - (place + 4)
  const isArm = (destination & 1) === 0 && !isUnknown(facts)
  const isCall = type === r.R_ARM_THM_CALL
  const hasExchange = (traits & ArmTrait.NoExchange) === 0
  const reach = (traits & ArmTrait.ShortThumbCalls) === 0 ? 0x100_0000 : 0x40_0000
  let isFar = distance < -reach || distance > reach - 2
  if (type === r.R_ARM_THM_JUMP19) isFar = distance < -0x10_0000 || distance > 0xf_fffe
  if (!isFar && !(isArm && !(isCall && hasExchange))) return Kind.None
  const isApart = (traits & OutputTrait.Fixed) === 0
  const entersArm = isCall && hasExchange
  if (!isArm) {
    if ((traits & ArmTrait.ThumbOnly) !== 0) {
      if (isApart) return Kind.ThumbOnlyApart
      return (traits & ArmTrait.Thumb2) !== 0 ? Kind.Thumb2Only : Kind.ThumbOnly
    }
    if (isApart) return entersArm ? Kind.AnyToThumb : Kind.ThumbLongApart
    return entersArm ? Kind.Long : Kind.ThumbLong
  }
  if (isApart) return entersArm ? Kind.AnyToArm : Kind.ThumbToArmApart
  if (entersArm) return Kind.Long
  return Math.abs(distance) < 0x40_0000 - 2 ? Kind.ThumbToArmShort : Kind.ThumbToArm
}

function chooseArm(type: number, place: number, destination: number, traits: number): number {
  const distance = (destination & ~1) - (place + 8)
  const isThumb = (destination & 1) !== 0
  const hasExchange = (traits & ArmTrait.NoExchange) === 0
  const isFar = distance < -0x200_0000 || distance > (isThumb ? 0x1ff_fffe : 0x1ff_fffc)
  const cannotEnter = isThumb && !(type === r.R_ARM_CALL && hasExchange)
  if (!isFar && !cannotEnter) return Kind.None
  if ((traits & OutputTrait.Fixed) === 0) return isThumb ? Kind.AnyToThumb : Kind.AnyToArm
  return isThumb && !hasExchange ? Kind.LongExchange : Kind.Long
}

export const veneers: VeneerShape = {
  groupBytes: 4_170_000,
  align: 8,
  entryAlign: 4,
  changesMode: true,
  bias,
  size,
  entryBits: Uint8Array.from(size, (_, kind) => (isThumbVeneer(kind) ? 1 : 0)),
  marks,
  name: (kind, target) => (fromThumb.has(kind) ? `__${target}_from_thumb` : `__${target}_veneer`),
  choose(type, place, destination, facts, traits) {
    if ((facts & TargetFact.UndefinedWeak) !== 0) return Kind.None
    return bias[type] === 4
      ? chooseThumb(type, place, destination, facts, traits)
      : chooseArm(type, place, destination, traits)
  },
  write(kind, out, at, place, destination, facts) {
    const view = new DataView(out.buffer, out.byteOffset, out.byteLength)
    const put = (...words: readonly number[]): void => {
      words.forEach((word, i) => {
        view.setUint32(at + 4 * i, word >>> 0, true)
      })
    }
    // A branch from Thumb to what is no function stays in Thumb code.
    const staysThumb = isUnknown(facts) && (isThumbVeneer(kind) || kind === Kind.AnyToThumb)
    const to = staysThumb ? destination | 1 : destination
    switch (kind) {
      case Kind.Long:
        put(0xe51ff004, to)
        return true
      case Kind.LongExchange:
        put(0xe59fc000, 0xe12fff1c, to)
        return true
      case Kind.ThumbLong:
        put(enterArm, 0xe59fc000, 0xe12fff1c, to)
        return true
      case Kind.ThumbToArm:
        put(enterArm, 0xe51ff004, to)
        return true
      case Kind.ThumbToArmShort: {
        const distance = to - (place + 12)
        put(enterArm, 0xea000000 | ((distance >> 2) & 0xff_ffff))
        return distance >= -0x200_0000 && distance < 0x200_0000
      }
      case Kind.ThumbOnly: // push {r0}; ldr r0, [pc, #8]; mov ip, r0; pop {r0}; bx ip; nop
        put(0x4802_b401, 0xbc01_4684, 0xbf00_4760, to)
        return true
      case Kind.Thumb2Only:
        put(0xf000_f85f, to)
        return true
      case Kind.AnyToArm: // ldr ip, [pc]; add pc, pc, ip
        put(0xe59fc000, 0xe08ff00c, to - (place + 12))
        return true
      case Kind.AnyToThumb: // ldr ip, [pc, #4]; add ip, pc, ip; bx ip
        put(0xe59fc004, 0xe08fc00c, 0xe12fff1c, to - (place + 12))
        return true
      case Kind.ThumbLongApart:
        put(enterArm, 0xe59fc004, 0xe08fc00c, 0xe12fff1c, to - (place + 16))
        return true
      case Kind.ThumbToArmApart: // ldr ip, [pc]; add pc, ip, pc
        put(enterArm, 0xe59fc000, 0xe08cf00f, to - (place + 16))
        return true
      case Kind.ThumbOnlyApart: // push {r0}; ldr r0, [pc, #8]; mov ip, pc; add ip, r0; pop {r0}; bx ip
        put(0x4802_b401, 0x4484_46fc, 0x4760_bc01, to - (place + 8))
        return true
      default:
        return false
    }
  },
}

/** bx pc; b . - 2: never comes back */
const enterArm = 0xe7fd_4778
