/**
 * Rewriting of A64 instructions whose target turns out to be known when linking: sequences of thread-local variables
 * (AAELF64, "Relocations for thread-local storage"), and branches to functions that nobody defines. The forms are those
 * of GNU ld 2.44, so that equal inputs give equal code.
 *
 * In a program a variable of its own has a known offset from the thread pointer (local-exec), another one has it in a word
 * of the GOT (initial-exec). Each relocation rewrites its own instruction, but for calls of __tls_get_addr: those and the
 * nop behind them are rewritten with the instruction in front.
 */
import { checkCodes, formulaCodes, OutputTrait, type Relaxation, TargetFact } from '../../target.ts'
import { Codec } from './fields.ts'
import * as r from './relocations.ts'

const Rewrite = {
  Leave: 0,
  Nop: 1,
  /** movz x0, #:tprel_g1:v and movk x0, #:tprel_g0_nc:v */
  MoveHigh: 2,
  MoveLow: 3,
  /** the same; the call becomes mrs x1, tpidr_el0, the nop behind it add x0, x1, x0 */
  MoveLowCall: 4,
  /** adrp of the word with the offset; ldr x0 from it, without and with a call */
  WordPage: 5,
  WordLoad: 6,
  WordLoadCall: 7,
  /** ldr x0 (literal) of the word with the offset, without and with a call */
  WordNear: 8,
  WordNearCall: 9,
  /** adr, bl, nop become mrs x1, tpidr_el0 and two adds */
  AddsCall: 10,
  /** movz and movk with the register of the instruction */
  OwnMoveHigh: 11,
  OwnMoveLow: 12,
  /** mrs x0, tpidr_el0 */
  ThreadPointer: 13,
  /** add x0, x0, #start of the block; nop */
  BlockCall: 14,
  /** mrs x0, tpidr_el0; add x0, x0, #start of the block */
  BlockNearCall: 15,
  /** large code model: moves of 48 bits */
  MoveTop: 16,
  MoveMiddle: 17,
  MoveRestCall: 18,
  MoveBottom: 19,
  /** large code model: offset of the word in the GOT */
  WordHigh: 20,
  WordLow: 21,
  WordLowCall: 22,
  /** ldr into x0 instead of another register */
  LoadFirst: 23,
  /** a branch to nobody goes to itself plus addend */
  Stay19: 24,
  Stay14: 25,
  Refused: 26,
} as const

const count = 27
const formula = new Uint8Array(count)
const check = new Uint8Array(count).fill(checkCodes.none)
const shift = new Int8Array(count)
const bias = new Int8Array(count)
const codec = new Uint8Array(count)
const page = new Uint8Array(count)
const swallows = new Uint8Array(count)

function describe(rewrite: number, code: number, field: number, swallow = 0, move = 0): void {
  formula[rewrite] = code
  codec[rewrite] = field
  swallows[rewrite] = swallow
  shift[rewrite] = move
}

const threadOffset = formulaCodes['S+A-TP']
const slot = formulaCodes['GOT+tls-ie+A']
const slotDistance = formulaCodes['GOT+tls-ie+A-P']
const slotOffset = formulaCodes['tls-ie+A']
const blockOffset = formulaCodes['DTP-TP+A']
// Nobody's symbol has size 0: what is left is the addend.
const addendAlone = formulaCodes['Z+A']
describe(Rewrite.MoveHigh, threadOffset, Codec.MoveSignedG1)
describe(Rewrite.MoveLow, threadOffset, Codec.MoveG0Part)
describe(Rewrite.MoveLowCall, threadOffset, Codec.MoveG0Part, 1)
describe(Rewrite.WordPage, slotDistance, Codec.Page21)
page[Rewrite.WordPage] = 12
describe(Rewrite.WordLoad, slot, Codec.Load64Part)
describe(Rewrite.WordLoadCall, slot, Codec.Load64Part, 1)
describe(Rewrite.WordNear, slotDistance, Codec.Word19)
describe(Rewrite.WordNearCall, slotDistance, Codec.Word19, 1)
describe(Rewrite.AddsCall, threadOffset, Codec.AddPair, 1, 4)
describe(Rewrite.OwnMoveHigh, threadOffset, Codec.MoveSignedG1)
describe(Rewrite.OwnMoveLow, threadOffset, Codec.MoveG0Part)
describe(Rewrite.BlockCall, blockOffset, Codec.AddLow, 1)
describe(Rewrite.BlockNearCall, blockOffset, Codec.AddLow, 1, 4)
describe(Rewrite.MoveTop, threadOffset, Codec.MoveSignedG2)
describe(Rewrite.MoveMiddle, threadOffset, Codec.MoveG1Part)
describe(Rewrite.MoveRestCall, threadOffset, Codec.MovePair, 1)
describe(Rewrite.MoveBottom, threadOffset, Codec.MoveG0Part)
describe(Rewrite.WordHigh, slotOffset, Codec.MoveSignedG1)
describe(Rewrite.WordLow, slotOffset, Codec.MoveG0Part)
describe(Rewrite.WordLowCall, slotOffset, Codec.MoveG0Part, 1)
describe(Rewrite.Stay19, addendAlone, Codec.Word19)
describe(Rewrite.Stay14, addendAlone, Codec.Word14)

const nop = 0xd503201f
/** mrs x0 / x1, tpidr_el0 */
const threadTo0 = 0xd53bd040
const threadTo1 = 0xd53bd041
/** add x0, x1, x0 */
const addThread = 0x8b000020
const movzMiddle = 0xd2a00000
const movzTop = 0xd2c00000
const movkMiddle = 0xf2a00000
const movkLow = 0xf2800000
/** ldr x0, [x0]; ldr x0, literal */
const loadFrom0 = 0xf9400000
const loadLiteral = 0x58000000
/** add x0, x1, #0, lsl #12; add x0, x0, #0 */
const addHighFrom1 = 0x91400020
const addLow = 0x91000000

export const relaxation: Relaxation = {
  refused: Rewrite.Refused,
  formula,
  check,
  shift,
  bias,
  codec,
  page,
  swallows,
  choose(type, _code, at, _start, end, facts, traits, _addend, nextType, nextDistance) {
    if (type < r.R_AARCH64_TLSGD_ADR_PREL21) return chooseBranch(type, facts)
    if ((traits & OutputTrait.Executable) === 0 || (facts & TargetFact.UndefinedWeak) !== 0) return Rewrite.Leave
    const isOwn = (facts & TargetFact.Local) !== 0
    // Sequences that begin here and end with a call of __tls_get_addr, and the bytes that they take.
    const length = sequenceLength(type)
    if (at + length > end) return Rewrite.Refused
    if (length > 4 && (nextType !== r.R_AARCH64_CALL26 || nextDistance !== length - 8)) return Rewrite.Refused
    switch (type) {
      case r.R_AARCH64_TLSGD_ADR_PAGE21:
      case r.R_AARCH64_TLSDESC_ADR_PAGE21:
        return isOwn ? Rewrite.MoveHigh : Rewrite.WordPage
      case r.R_AARCH64_TLSGD_ADD_LO12_NC:
        return isOwn ? Rewrite.MoveLowCall : Rewrite.WordLoadCall
      case r.R_AARCH64_TLSGD_ADR_PREL21:
        return isOwn ? Rewrite.AddsCall : Rewrite.WordNearCall
      case r.R_AARCH64_TLSGD_MOVW_G1:
      case r.R_AARCH64_TLSDESC_OFF_G1:
        return isOwn ? Rewrite.MoveTop : Rewrite.WordHigh
      case r.R_AARCH64_TLSGD_MOVW_G0_NC:
        return isOwn ? Rewrite.MoveRestCall : Rewrite.WordLowCall
      case r.R_AARCH64_TLSDESC_OFF_G0_NC:
        return isOwn ? Rewrite.MoveMiddle : Rewrite.WordLow
      case r.R_AARCH64_TLSDESC_LDR:
        return isOwn ? Rewrite.MoveBottom : Rewrite.LoadFirst
      case r.R_AARCH64_TLSDESC_LD64_LO12:
        return isOwn ? Rewrite.MoveLow : Rewrite.WordLoad
      case r.R_AARCH64_TLSDESC_LD_PREL19:
        return isOwn ? Rewrite.MoveHigh : Rewrite.WordNear
      case r.R_AARCH64_TLSDESC_ADR_PREL21:
        return isOwn ? Rewrite.MoveLow : Rewrite.Nop
      case r.R_AARCH64_TLSDESC_ADD_LO12:
      case r.R_AARCH64_TLSDESC_ADD:
      case r.R_AARCH64_TLSDESC_CALL:
        return Rewrite.Nop
      case r.R_AARCH64_TLSIE_ADR_GOTTPREL_PAGE21:
        return isOwn ? Rewrite.OwnMoveHigh : Rewrite.Leave
      case r.R_AARCH64_TLSIE_LD64_GOTTPREL_LO12_NC:
        return isOwn ? Rewrite.OwnMoveLow : Rewrite.Leave
      case r.R_AARCH64_TLSLD_ADR_PAGE21:
        return Rewrite.ThreadPointer
      case r.R_AARCH64_TLSLD_ADD_LO12_NC:
        return Rewrite.BlockCall
      case r.R_AARCH64_TLSLD_ADR_PREL21:
        return Rewrite.BlockNearCall
      default:
        return Rewrite.Leave
    }
  },
  rewrite(rewrite, code, at) {
    switch (rewrite) {
      case Rewrite.Nop:
        return set(code, at, nop)
      case Rewrite.MoveHigh:
        return set(code, at, movzMiddle)
      case Rewrite.MoveLow:
      case Rewrite.MoveBottom:
        return set(code, at, movkLow)
      case Rewrite.MoveLowCall:
        set(code, at, movkLow)
        return addToThread(code, at + 4)
      case Rewrite.WordLoad:
      case Rewrite.LoadFirst:
        code[at] = code[at]! & 0xe0
        return
      case Rewrite.WordLoadCall:
        set(code, at, loadFrom0)
        return addToThread(code, at + 4)
      case Rewrite.WordNear:
        return set(code, at, loadLiteral)
      case Rewrite.WordNearCall:
        set(code, at, loadLiteral)
        return addToThread(code, at + 4)
      case Rewrite.AddsCall:
        set(code, at, threadTo1)
        set(code, at + 4, addHighFrom1)
        return set(code, at + 8, addLow)
      case Rewrite.OwnMoveHigh:
        return set(code, at, movzMiddle | (code[at]! & 31))
      case Rewrite.OwnMoveLow:
        return set(code, at, movkLow | (code[at]! & 31))
      case Rewrite.ThreadPointer:
        return set(code, at, threadTo0)
      case Rewrite.BlockCall:
        set(code, at, addLow)
        return set(code, at + 4, nop)
      case Rewrite.BlockNearCall:
        set(code, at, threadTo0)
        return set(code, at + 4, addLow)
      case Rewrite.MoveTop:
        return set(code, at, movzTop)
      case Rewrite.MoveMiddle:
        return set(code, at, movkMiddle)
      case Rewrite.MoveRestCall:
        set(code, at, movkMiddle)
        set(code, at + 4, movkLow)
        return addToThread(code, at + 8)
      case Rewrite.WordLowCall: {
        // add x0, xn, xm: address of the word; its value is wanted. ldr x0, [xn, xm]
        const registers = get(code, at + 4) & 0x001f_03e0
        set(code, at + 4, 0xf8606800 | registers)
        return addToThread(code, at + 8)
      }
    }
  },
}

/** Branches to a function that nobody defines and that may be missing: calls do nothing. */
function chooseBranch(type: number, facts: number): number {
  if ((facts & TargetFact.UndefinedWeak) === 0) return Rewrite.Leave
  if (type === r.R_AARCH64_CONDBR19) return Rewrite.Stay19
  return type === r.R_AARCH64_TSTBR14 ? Rewrite.Stay14 : Rewrite.Nop
}

/** Bytes from an instruction to the end of the sequence that is rewritten with it. */
function sequenceLength(type: number): number {
  switch (type) {
    case r.R_AARCH64_TLSGD_ADD_LO12_NC:
    case r.R_AARCH64_TLSGD_ADR_PREL21:
    case r.R_AARCH64_TLSLD_ADD_LO12_NC:
    case r.R_AARCH64_TLSLD_ADR_PREL21:
      return 12
    case r.R_AARCH64_TLSGD_MOVW_G0_NC:
      return 16
    default:
      return 4
  }
}

/** mrs x1, tpidr_el0; add x0, x1, x0 */
function addToThread(code: Uint8Array, at: number): void {
  set(code, at, threadTo1)
  set(code, at + 4, addThread)
}

function get(code: Uint8Array, at: number): number {
  return (code[at]! | (code[at + 1]! << 8) | (code[at + 2]! << 16) | (code[at + 3]! << 24)) >>> 0
}

function set(code: Uint8Array, at: number, word: number): void {
  code[at] = word
  code[at + 1] = word >>> 8
  code[at + 2] = word >>> 16
  code[at + 3] = word >>> 24
}
