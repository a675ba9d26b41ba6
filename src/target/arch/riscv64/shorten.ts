/**
 * Shorter RISC-V code where the operand turns out to be near: "Linker Relaxation" of the psABI, as far as GNU ld 2.44
 * goes. Every choice must stay right while later deletions move things apart by alignment, which is what `slack` is for.
 *   - auipc and jalr become jal, c.j, or jalr from x0;
 *   - lui and auipc go away where the lower 12 bits can count from gp, or from x0; lui becomes c.lui;
 *   - the upper half of an offset in the thread's block goes away where 12 bits reach it from tp.
 */
import { SHF_EXECINSTR, SHF_MERGE } from '../../../elf/constants.ts'
import type { Shortening, ShorteningSite } from '../../code-changes.ts'
import { checkCodes, formulaCodes, OutputTrait, type Relaxation, TargetFact } from '../../target.ts'
import { Codec } from './fields.ts'
import * as r from './relocations.ts'

/** e_flags: the file has compressed instructions */
export const EF_RISCV_RVC = 1

const Rewrite = {
  Leave: 0,
  /** call of an undefined weak function: jalr from x0 to 0 */
  CallZero: 1,
  /** jal rd, target */
  Jump: 2,
  /** c.j target; c.jal target */
  ShortJump: 3,
  ShortCall: 4,
  /** jalr rd, target(x0) */
  NearZero: 5,
  /** c.lui rd, upper */
  ShortUpper: 6,
  /** the instruction is deleted */
  Deleted: 7,
  /** lower 12 bits counted from gp, from x0, from tp */
  FromPointer: 8,
  FromPointerStore: 9,
  FromZero: 10,
  FromZeroStore: 11,
  FromThread: 12,
  FromThreadStore: 13,
  /** the same for the partner of an auipc that is deleted */
  PairFromPointer: 14,
  PairFromPointerStore: 15,
  PairFromZero: 16,
  PairFromZeroStore: 17,
  Refused: 18,
} as const

const count = 19
const formula = new Uint8Array(count)
const check = new Uint8Array(count)
const shift = new Int8Array(count)
const bias = new Int8Array(count)
const swallows = new Uint8Array(count)
const codec = new Uint8Array(count)
const bytes = new Uint8Array(count).fill(4)
const cutAt = new Uint8Array(count)
const cut = new Uint8Array(count)

function describe(rewrite: number, code: number, field: number, keeps: number, from = 0, deleted = 0): void {
  formula[rewrite] = code
  check[rewrite] = checkCodes.signed
  codec[rewrite] = field
  bytes[rewrite] = code === formulaCodes.none ? 0 : keeps
  cutAt[rewrite] = from
  cut[rewrite] = deleted
}

describe(Rewrite.CallZero, formulaCodes['S+A'], Codec.CallWrapping, 8)
describe(Rewrite.Jump, formulaCodes['L+A-P'], Codec.Jump, 4, 0, 4)
describe(Rewrite.ShortJump, formulaCodes['L+A-P'], Codec.ShortJump, 2, 2, 6)
describe(Rewrite.ShortCall, formulaCodes['L+A-P'], Codec.ShortJump, 2, 2, 6)
describe(Rewrite.NearZero, formulaCodes['S+A'], Codec.Load, 4, 0, 4)
describe(Rewrite.ShortUpper, formulaCodes['S+A'], Codec.ShortUpper, 2, 2, 2)
describe(Rewrite.Deleted, formulaCodes.none, 0, 0, 0, 4)
describe(Rewrite.FromPointer, formulaCodes['S+A-pointer'], Codec.Load, 4)
describe(Rewrite.FromPointerStore, formulaCodes['S+A-pointer'], Codec.Store, 4)
describe(Rewrite.FromZero, formulaCodes['S+A'], Codec.Load, 4)
describe(Rewrite.FromZeroStore, formulaCodes['S+A'], Codec.Store, 4)
describe(Rewrite.FromThread, formulaCodes['S+A-TP'], Codec.Load, 4)
describe(Rewrite.FromThreadStore, formulaCodes['S+A-TP'], Codec.Store, 4)
describe(Rewrite.PairFromPointer, formulaCodes['pair:S+A-pointer'], Codec.Load, 4)
describe(Rewrite.PairFromPointerStore, formulaCodes['pair:S+A-pointer'], Codec.Store, 4)
describe(Rewrite.PairFromZero, formulaCodes['pair:S+A'], Codec.Load, 4)
describe(Rewrite.PairFromZeroStore, formulaCodes['pair:S+A'], Codec.Store, 4)

/** Registers. */
const ra = 1
const sp = 2
const gp = 3
const tp = 4

function instruction(code: Uint8Array, at: number): number {
  return code[at]! | (code[at + 1]! << 8) | (code[at + 2]! << 16) | (code[at + 3]! << 24)
}

function store(code: Uint8Array, at: number, bits: number): void {
  code[at] = bits & 0xff
  code[at + 1] = (bits >> 8) & 0xff
  code[at + 2] = (bits >> 16) & 0xff
  code[at + 3] = (bits >> 24) & 0xff
}

/** Bits 11 .. 7 */
function destination(bits: number): number {
  return (bits >> 7) & 31
}

/** The same with another register as base. */
function withBase(code: Uint8Array, at: number, register: number): void {
  store(code, at, (instruction(code, at) & ~(31 << 15)) | (register << 15))
}

function fits12(value: number): boolean {
  return value >= -0x800 && value <= 0x7ff
}

export function relaxationFor(): Relaxation {
  return {
    refused: Rewrite.Refused,
    formula,
    check,
    shift,
    bias,
    swallows,
    codec,
    bytes,
    choose(type, _code, at, _start, end, facts) {
      if (type !== r.R_RISCV_CALL && type !== r.R_RISCV_CALL_PLT) return Rewrite.Leave
      return (facts & TargetFact.UndefinedWeak) !== 0 && at + 8 <= end ? Rewrite.CallZero : Rewrite.Leave
    },
    rewrite(rewrite, code, at) {
      switch (rewrite) {
        case Rewrite.CallZero:
          withBase(code, at + 4, 0)
          return
        // Of auipc and jalr the second one is left, which has the register.
        case Rewrite.Jump:
          store(code, at, 0x6f | (instruction(code, at) & 0xf80))
          return
        case Rewrite.NearZero:
          store(code, at, 0x67 | (instruction(code, at) & 0xf80))
          return
        case Rewrite.ShortJump:
        case Rewrite.ShortCall:
          code[at] = 0x01
          code[at + 1] = rewrite === Rewrite.ShortJump ? 0xa0 : 0x20
          return
        case Rewrite.ShortUpper:
          code[at] = (code[at]! & 0x80) | 0x01
          code[at + 1] = (code[at + 1]! & 0x0f) | 0x60
          return
        case Rewrite.FromPointer:
        case Rewrite.FromPointerStore:
        case Rewrite.PairFromPointer:
        case Rewrite.PairFromPointerStore:
          withBase(code, at, gp)
          return
        case Rewrite.FromZero:
        case Rewrite.FromZeroStore:
        case Rewrite.PairFromZero:
        case Rewrite.PairFromZeroStore:
          withBase(code, at, 0)
          return
        case Rewrite.FromThread:
        case Rewrite.FromThreadStore:
          withBase(code, at, tp)
          return
        default:
      }
    },
  }
}

/** @param bits c.jal exists with addresses of 32 bits only */
export function shorteningFor(bits: 32 | 64): Shortening {
  return {
    alignment: r.R_RISCV_ALIGN,
    permission: r.R_RISCV_RELAX,
    pointerSymbol: '__global_pointer$',
    cutAt,
    cut,
    choose(site) {
      switch (site.type) {
        case r.R_RISCV_CALL:
        case r.R_RISCV_CALL_PLT:
          return chooseCall(site, bits)
        case r.R_RISCV_HI20:
        case r.R_RISCV_LO12_I:
        case r.R_RISCV_LO12_S:
          return chooseAbsolute(site)
        case r.R_RISCV_PCREL_HI20:
        case r.R_RISCV_PCREL_LO12_I:
        case r.R_RISCV_PCREL_LO12_S:
          return chooseRelative(site)
        case r.R_RISCV_TPREL_HI20:
        case r.R_RISCV_TPREL_ADD:
        case r.R_RISCV_TPREL_LO12_I:
        case r.R_RISCV_TPREL_LO12_S:
          return chooseThread(site)
        default:
          return Rewrite.Leave
      }
    },
    align(out, at, length) {
      for (; length >= 4; length -= 4, at += 4) store(out, at, 0x13) // nop
      if (length >= 2) {
        out[at] = 0x01 // c.nop
        out[at + 1] = 0
      }
    },
  }
}

function chooseCall(site: ShorteningSite, bits: 32 | 64): number {
  if (site.at + 8 > site.end || (site.facts & TargetFact.UndefinedWeak) !== 0) return Rewrite.Leave
  let distance = site.value - site.place
  const reach = 0x10_0000
  if (distance >= -reach && distance < reach) distance += distance < 0 ? -site.slack : site.slack
  const rd = destination(instruction(site.code, site.at + 4))
  if (distance >= -reach && distance < reach) {
    const isShort = (site.machineFlags & EF_RISCV_RVC) !== 0 && distance >= -0x800 && distance < 0x800
    if (isShort && rd === 0) return Rewrite.ShortJump
    if (isShort && rd === ra && bits === 32) return Rewrite.ShortCall
    return Rewrite.Jump
  }
  return (site.traits & OutputTrait.Fixed) !== 0 && fits12(site.value) ? Rewrite.NearZero : Rewrite.Leave
}

/** May 12 bits reach the value: from x0, or from gp whatever is moved by alignment? */
const Reach = { None: 0, Zero: 1, Pointer: 2 } as const

function reachOf(site: ShorteningSite): number {
  if ((site.facts & TargetFact.UndefinedWeak) !== 0) return fits12(site.value) ? Reach.Zero : Reach.None
  if (fits12(site.value)) return Reach.Zero
  if ((site.targetFlags & (SHF_MERGE | SHF_EXECINSTR)) !== 0 || Number.isNaN(site.pointer)) return Reach.None
  const distance = site.value - site.pointer
  return fits12(distance < 0 ? distance - site.pointerSlack : distance + site.pointerSlack) ? Reach.Pointer : Reach.None
}

function lower(reach: number, isStore: boolean): number {
  if (reach === Reach.Zero) return isStore ? Rewrite.FromZeroStore : Rewrite.FromZero
  return isStore ? Rewrite.FromPointerStore : Rewrite.FromPointer
}

function chooseAbsolute(site: ShorteningSite): number {
  if (site.at + 4 > site.end || (site.targetFlags & (SHF_MERGE | SHF_EXECINSTR)) !== 0) return Rewrite.Leave
  const reach = reachOf(site)
  if (site.type !== r.R_RISCV_HI20)
    return reach === Reach.None ? Rewrite.Leave : lower(reach, site.type === r.R_RISCV_LO12_S)
  if (reach !== Reach.None) return Rewrite.Deleted
  if ((site.machineFlags & EF_RISCV_RVC) === 0) return Rewrite.Leave
  const rd = destination(instruction(site.code, site.at))
  if (rd === 0 || rd === sp) return Rewrite.Leave
  return isShortUpper(site.value) && isShortUpper(site.value + site.pageSlack) ? Rewrite.ShortUpper : Rewrite.Leave
}

/** 6 bits, signed and not 0, hold the upper part. */
function isShortUpper(value: number): boolean {
  const pages = Math.floor((value + 0x800) / 0x1000)
  return pages !== 0 && pages >= -32 && pages <= 31
}

function chooseRelative(site: ShorteningSite): number {
  if (site.at + 4 > site.end || (site.traits & OutputTrait.Fixed) === 0) return Rewrite.Leave
  if (site.type === r.R_RISCV_PCREL_HI20) {
    if ((site.targetFlags & (SHF_MERGE | SHF_EXECINSTR)) !== 0) return Rewrite.Leave
    return reachOf(site) === Reach.None ? Rewrite.Leave : Rewrite.Deleted
  }
  if (site.partner !== Rewrite.Deleted) return Rewrite.Leave
  const isStore = site.type === r.R_RISCV_PCREL_LO12_S
  if (fits12(site.value)) return isStore ? Rewrite.PairFromZeroStore : Rewrite.PairFromZero
  return isStore ? Rewrite.PairFromPointerStore : Rewrite.PairFromPointer
}

function chooseThread(site: ShorteningSite): number {
  if (site.at + 4 > site.end || !fits12(site.threadOffset)) return Rewrite.Leave
  switch (site.type) {
    case r.R_RISCV_TPREL_LO12_I:
      return Rewrite.FromThread
    case r.R_RISCV_TPREL_LO12_S:
      return Rewrite.FromThreadStore
    default:
      return Rewrite.Deleted
  }
}
