/**
 * Rewriting of x86-64 instructions whose operand turns out to be known when linking.
 *
 * Compilers address symbols through the GOT, and thread-local variables through the most general model, because they
 * cannot know what the linker will see. The psABI (chapters "Optimize GOTPCRELX Relocations" and "Thread-Local Storage")
 * lists the instruction forms a linker may turn into direct ones. Which of the permitted forms is taken follows GNU ld
 * 2.44, so that equal inputs give equal code:
 *   - mov from the GOT becomes mov of an immediate where the output has a fixed address and the prefix can be changed
 *     (GOTPCRELX), lea otherwise;
 *   - arithmetic with a GOT operand becomes arithmetic with an immediate, in fixed-address outputs only;
 *   - indirect call and jmp become direct; the byte that is left over is an address-size prefix or a no-operation;
 *   - TLS sequences of an executable use offsets from the thread pointer.
 */
import { checkCodes, formulaCodes, OutputTrait, type Relaxation, TargetFact } from '../../target.ts'
import * as r from './relocations.ts'

export const Rewrite = {
  Leave: 0,
  /** lea symbol(%rip), %reg */
  Lea: 1,
  /** jmp symbol; nop */
  Jump: 2,
  /** addr32 call symbol */
  Call: 3,
  /** op $symbol, %reg with REX.W: sign-extended immediate */
  ImmediateWide: 4,
  /** op $symbol, %reg with REX but 32-bit operand */
  ImmediateRex: 5,
  /** op $symbol, %reg without REX */
  Immediate: 6,
  /** mov %fs:0, %rax; lea symbol@tpoff(%rax), %rax */
  GeneralDynamic: 7,
  GeneralDynamicLarge: 8,
  /** mov %fs:0, %rax with prefixes that fill the place of lea and call */
  LocalDynamic: 9,
  LocalDynamicLong: 10,
  LocalDynamicLarge: 11,
  /** mov $symbol@tpoff, %reg */
  InitialExecMove: 12,
  /** add $symbol@tpoff, %reg or lea symbol@tpoff(%reg), %reg */
  InitialExecAdd: 13,
  /** the same with the REX2 prefix of APX */
  InitialExecMove2: 14,
  InitialExecAdd2: 15,
  Descriptor: 16,
  Descriptor2: 17,
  /** xchg %ax, %ax in place of the call through the descriptor */
  DescriptorCall: 18,
  DescriptorCallAddr32: 19,
  /** REX2 forms of Lea and of moves */
  ImmediateWide2: 20,
  Immediate2: 21,
  Refused: 22,
  /** add $symbol@tpoff, %reg, %reg with an EVEX prefix */
  InitialExecAdd3: 23,
  /** mov %fs:0, %rax; add symbol@gottpoff(%rip), %rax: the variable is in a shared object */
  GeneralToInitial: 24,
  GeneralToInitialLarge: 25,
  /** mov symbol@gottpoff(%rip), %reg in place of the address of the descriptor */
  DescriptorToInitial: 26,
} as const

const count = 27
const formula = new Uint8Array(count)
const check = new Uint8Array(count)
const shift = new Int8Array(count)
const bias = new Int8Array(count)
const swallows = new Uint8Array(count)

function describe(rewrite: number, code: number, range: number, move: number, plus: number, swallow = 0): void {
  formula[rewrite] = code
  check[rewrite] = range
  shift[rewrite] = move
  bias[rewrite] = plus
  swallows[rewrite] = swallow
}

const threadOffset = formulaCodes['S+A-TP']
describe(Rewrite.Lea, formulaCodes['S+A-P'], checkCodes.signed, 0, 0)
describe(Rewrite.Jump, formulaCodes['S+A-P'], checkCodes.signed, -1, 0)
describe(Rewrite.Call, formulaCodes['S+A-P'], checkCodes.signed, 0, 0)
describe(Rewrite.ImmediateWide, formulaCodes['S+A'], checkCodes.signed, 0, 4)
describe(Rewrite.ImmediateRex, formulaCodes['S+A'], checkCodes.unsigned, 0, 4)
describe(Rewrite.Immediate, formulaCodes['S+A'], checkCodes.unsigned, 0, 4)
describe(Rewrite.GeneralDynamic, threadOffset, checkCodes.signed, 8, 4, 1)
describe(Rewrite.GeneralDynamicLarge, threadOffset, checkCodes.signed, 9, 4, 1)
describe(Rewrite.LocalDynamic, formulaCodes.none, checkCodes.none, 0, 0, 1)
describe(Rewrite.LocalDynamicLong, formulaCodes.none, checkCodes.none, 0, 0, 1)
describe(Rewrite.LocalDynamicLarge, formulaCodes.none, checkCodes.none, 0, 0, 1)
describe(Rewrite.InitialExecMove, threadOffset, checkCodes.signed, 0, 4)
describe(Rewrite.InitialExecAdd, threadOffset, checkCodes.signed, 0, 4)
describe(Rewrite.InitialExecMove2, threadOffset, checkCodes.signed, 0, 4)
describe(Rewrite.InitialExecAdd2, threadOffset, checkCodes.signed, 0, 4)
describe(Rewrite.InitialExecAdd3, threadOffset, checkCodes.signed, 0, 4)
describe(Rewrite.Descriptor, threadOffset, checkCodes.signed, 0, 4)
describe(Rewrite.Descriptor2, threadOffset, checkCodes.signed, 0, 4)
describe(Rewrite.GeneralToInitial, formulaCodes['GOT+tls-ie+A-P'], checkCodes.signed, 8, 0, 1)
describe(Rewrite.GeneralToInitialLarge, formulaCodes['GOT+tls-ie+A-P'], checkCodes.signed, 9, 0, 1)
describe(Rewrite.DescriptorToInitial, formulaCodes['GOT+tls-ie+A-P'], checkCodes.signed, 0, 0)
describe(Rewrite.ImmediateWide2, formulaCodes['S+A'], checkCodes.signed, 0, 4)
describe(Rewrite.Immediate2, formulaCodes['S+A'], checkCodes.unsigned, 0, 4)

/** REX bits: W widens the operand, R extends ModRM.reg, B extends ModRM.rm. */
export const REX_W = 8
export const REX_R = 4

export const relaxation: Relaxation = {
  refused: Rewrite.Refused,
  relaxesLocalDynamic: true,
  formula,
  check,
  shift,
  bias,
  swallows,
  settles: traits => ((traits & OutputTrait.Executable) !== 0 ? threadLocalTypes : []),
  choose(type, code, at, start, end, facts, traits, addend, nextType, nextDistance) {
    switch (type) {
      case r.R_X86_64_GOTPCREL:
      case r.R_X86_64_GOTPCRELX:
      case r.R_X86_64_REX_GOTPCRELX:
      case r.R_X86_64_CODE_4_GOTPCRELX:
        return chooseGot(type, code, at, start, end, facts, traits, addend)
      case r.R_X86_64_TLSGD:
        if ((traits & OutputTrait.Executable) === 0) return 0
        return initialExec(chooseGeneralDynamic(code, at, start, end, nextType, nextDistance), facts)
      case r.R_X86_64_TLSLD:
        return (traits & OutputTrait.Executable) !== 0 ? chooseLocalDynamic(code, at, start, end, nextType) : 0
      case r.R_X86_64_GOTTPOFF:
        return isThreadOffsetKnown(facts, traits) ? chooseInitialExec(code, at, start, end) : 0
      case r.R_X86_64_CODE_4_GOTTPOFF:
        return isThreadOffsetKnown(facts, traits) ? chooseInitialExec2(code, at, start, end) : 0
      case r.R_X86_64_CODE_6_GOTTPOFF:
        return isThreadOffsetKnown(facts, traits) ? chooseInitialExec3(code, at, start, end) : 0
      case r.R_X86_64_GOTPC32_TLSDESC:
        if ((traits & OutputTrait.Executable) === 0) return 0
        if (at - 3 < start || at + 4 > end) return Rewrite.Refused
        return (code[at - 3]! & 0xfb) === 0x48 && code[at - 2] === 0x8d && (code[at - 1]! & 0xc7) === 0x05
          ? initialExec(Rewrite.Descriptor, facts)
          : Rewrite.Refused
      case r.R_X86_64_CODE_4_GOTPC32_TLSDESC:
        if ((traits & OutputTrait.Executable) === 0) return 0
        if (at - 4 < start || at + 4 > end) return Rewrite.Refused
        return code[at - 4] === 0xd5 && code[at - 2] === 0x8d && (code[at - 1]! & 0xc7) === 0x05
          ? initialExec(Rewrite.Descriptor2, facts)
          : Rewrite.Refused
      case r.R_X86_64_TLSDESC_CALL:
        if ((traits & OutputTrait.Executable) === 0) return 0
        if (at + 2 <= end && code[at] === 0xff && (code[at + 1]! & 0xf8) === 0x10) return Rewrite.DescriptorCall
        if (at + 3 <= end && code[at] === 0x67 && code[at + 1] === 0xff && code[at + 2] === 0x10)
          return Rewrite.DescriptorCallAddr32
        return Rewrite.Refused
      default:
        return 0
    }
  },
  rewrite(rewrite, code, at) {
    switch (rewrite) {
      case Rewrite.Lea:
        code[at - 2] = 0x8d
        return
      case Rewrite.Jump:
        code[at - 2] = 0xe9
        code[at + 3] = 0x90
        return
      case Rewrite.Call:
        code[at - 2] = 0x67
        code[at - 1] = 0xe8
        return
      case Rewrite.ImmediateWide:
        code[at - 3] = registerToOperand(code[at - 3]!)
        immediateOperand(code, at)
        return
      case Rewrite.ImmediateRex:
        code[at - 3] = registerToOperand(code[at - 3]!) & ~REX_W
        immediateOperand(code, at)
        return
      case Rewrite.Immediate:
        immediateOperand(code, at)
        return
      case Rewrite.ImmediateWide2:
      case Rewrite.Immediate2:
        code[at - 3] = registerToOperand2(code[at - 3]!)
        immediateOperand(code, at)
        return
      default:
        rewriteThreadLocal(rewrite, code, at)
    }
  },
}

/** In a program, thread-local sequences for its own variables all become local-exec. */
const threadLocalTypes = [
  r.R_X86_64_TLSGD,
  r.R_X86_64_TLSLD,
  r.R_X86_64_GOTTPOFF,
  r.R_X86_64_CODE_4_GOTTPOFF,
  r.R_X86_64_CODE_6_GOTTPOFF,
  r.R_X86_64_GOTPC32_TLSDESC,
  r.R_X86_64_CODE_4_GOTPC32_TLSDESC,
  r.R_X86_64_TLSDESC_CALL,
]

function isThreadOffsetKnown(facts: number, traits: number): boolean {
  return (traits & OutputTrait.Executable) !== 0 && (facts & (TargetFact.Local | TargetFact.UndefinedWeak)) !== 0
}

/** In a program: the offset itself where it is known, else the one that the loader puts into the GOT. */
function initialExec(rewrite: number, facts: number): number {
  if ((facts & (TargetFact.Local | TargetFact.UndefinedWeak)) !== 0) return rewrite
  switch (rewrite) {
    case Rewrite.GeneralDynamic:
      return Rewrite.GeneralToInitial
    case Rewrite.GeneralDynamicLarge:
      return Rewrite.GeneralToInitialLarge
    case Rewrite.Descriptor:
    case Rewrite.Descriptor2:
      return Rewrite.DescriptorToInitial
    default:
      return rewrite
  }
}

function chooseGot(
  type: number,
  code: Uint8Array,
  at: number,
  start: number,
  end: number,
  facts: number,
  traits: number,
  addend: number,
): number {
  if (addend !== -4 || (facts & TargetFact.Ifunc) !== 0 || at - 2 < start || at + 4 > end) return Rewrite.Leave
  if ((traits & OutputTrait.KeepGot) !== 0 || (facts & TargetFact.Large) !== 0) return Rewrite.Leave
  if ((facts & (TargetFact.Local | TargetFact.UndefinedWeak)) === 0) return Rewrite.Leave
  const opcode = code[at - 2]!
  const operand = code[at - 1]!
  const isFixed = (traits & OutputTrait.Fixed) !== 0
  const mayChangePrefix = type !== r.R_X86_64_GOTPCREL
  // The place of position-independent code is unknown, so a distance to 0 or to an absolute number is too.
  const isNumber = (facts & (TargetFact.UndefinedWeak | TargetFact.Absolute)) !== 0
  if (opcode === 0xff) {
    if (!mayChangePrefix || (isNumber && !isFixed)) return Rewrite.Leave
    if (operand === 0x25) return Rewrite.Jump
    return operand === 0x15 ? Rewrite.Call : Rewrite.Leave
  }
  if ((operand & 0xc7) !== 0x05) return Rewrite.Leave // not an operand relative to %rip
  const isMove = opcode === 0x8b
  if (!isMove) {
    if (!mayChangePrefix || !(isFixed || isNumber)) return Rewrite.Leave
    // adc add and cmp or sbb sub xor are 00ppp011; test is 85
    if (opcode !== 0x85 && (opcode & 0xc7) !== 0x03) return Rewrite.Leave
  } else if (!mayChangePrefix || (!isFixed && !isNumber)) {
    return isNumber && !isFixed ? Rewrite.Leave : Rewrite.Lea
  }
  if (type === r.R_X86_64_CODE_4_GOTPCRELX) {
    if (at - 4 < start || code[at - 4] !== 0xd5) return Rewrite.Leave
    return (code[at - 3]! & REX_W) !== 0 ? Rewrite.ImmediateWide2 : Rewrite.Immediate2
  }
  if (type === r.R_X86_64_GOTPCRELX) return Rewrite.Immediate
  if (at - 3 < start) return Rewrite.Leave
  return (code[at - 3]! & REX_W) !== 0 ? Rewrite.ImmediateWide : Rewrite.ImmediateRex
}

/** The register moves from ModRM.reg to ModRM.rm, so its extension bit moves from REX.R to REX.B. */
export function registerToOperand(prefix: number): number {
  return (prefix & ~(REX_R | 1)) | ((prefix & REX_R) >> 2)
}

/** The same in a REX2 payload, which has a second pair of extension bits (R4 is bit 6, B4 bit 4). */
function registerToOperand2(payload: number): number {
  return (payload & ~(REX_R | 1 | 0x40 | 0x10)) | ((payload & (REX_R | 0x40)) >> 2)
}

function immediateOperand(code: Uint8Array, at: number): void {
  const opcode = code[at - 2]!
  const register = (code[at - 1]! & 0x38) >> 3
  if (opcode === 0x8b) {
    code[at - 2] = 0xc7
    code[at - 1] = 0xc0 | register
  } else if (opcode === 0x85) {
    code[at - 2] = 0xf7
    code[at - 1] = 0xc0 | register
  } else {
    code[at - 2] = 0x81
    code[at - 1] = 0xc0 | register | (opcode & 0x38)
  }
}

/** Is the next relocation one that a call of __tls_get_addr carries? */
function isCallRelocation(type: number): boolean {
  return (
    type === r.R_X86_64_PLT32 ||
    type === r.R_X86_64_PC32 ||
    type === r.R_X86_64_GOTPCRELX ||
    type === r.R_X86_64_REX_GOTPCRELX ||
    type === r.R_X86_64_GOTPCREL
  )
}

/**
 * 66 48 8d 3d <x@tlsgd>  lea; then 66 66 48 e8, 66 48 67 e8 or 66 48 ff 15 <__tls_get_addr>, 16 bytes together.
 * Large model: 48 8d 3d <x@tlsgd>, 48 b8 <__tls_get_addr@pltoff>, 48 01 d8 or 4c 01 f8, ff d0: 22 bytes.
 */
function chooseGeneralDynamic(
  code: Uint8Array,
  at: number,
  start: number,
  end: number,
  nextType: number,
  nextDistance: number,
): number {
  if (at - 3 < start || code[at - 3] !== 0x48 || code[at - 2] !== 0x8d || code[at - 1] !== 0x3d) return Rewrite.Refused
  if (isLargeCall(code, at, end, nextType)) return Rewrite.GeneralDynamicLarge
  if (at - 4 < start || at + 12 > end || code[at - 4] !== 0x66 || code[at + 4] !== 0x66) return Rewrite.Refused
  if (!isCallRelocation(nextType) || nextDistance !== 8) return Rewrite.Refused
  const a = code[at + 5]
  const b = code[at + 6]
  const c = code[at + 7]
  const isDirect = (a === 0x66 && b === 0x48 && c === 0xe8) || (a === 0x48 && b === 0x67 && c === 0xe8)
  return isDirect || (a === 0x48 && b === 0xff && c === 0x15) ? Rewrite.GeneralDynamic : Rewrite.Refused
}

/** 48 8d 3d <x@tlsld>; then e8, 67 e8 or ff 15 <__tls_get_addr>. */
function chooseLocalDynamic(code: Uint8Array, at: number, start: number, end: number, nextType: number): number {
  if (at - 3 < start || code[at - 3] !== 0x48 || code[at - 2] !== 0x8d || code[at - 1] !== 0x3d) return Rewrite.Refused
  if (isLargeCall(code, at, end, nextType)) return Rewrite.LocalDynamicLarge
  if (!isCallRelocation(nextType)) return Rewrite.Refused
  if (at + 9 <= end && code[at + 4] === 0xe8) return Rewrite.LocalDynamic
  if (at + 10 > end) return Rewrite.Refused
  const isLong = (code[at + 4] === 0xff && code[at + 5] === 0x15) || (code[at + 4] === 0x67 && code[at + 5] === 0xe8)
  return isLong ? Rewrite.LocalDynamicLong : Rewrite.Refused
}

function isLargeCall(code: Uint8Array, at: number, end: number, nextType: number): boolean {
  if (nextType !== r.R_X86_64_PLTOFF64 || at + 19 > end || code[at + 4] !== 0x48 || code[at + 5] !== 0xb8) return false
  const isAdd =
    (code[at + 14] === 0x48 && code[at + 15] === 0x01 && code[at + 16] === 0xd8) ||
    (code[at + 14] === 0x4c && code[at + 15] === 0x01 && code[at + 16] === 0xf8)
  return isAdd && code[at + 17] === 0xff && code[at + 18] === 0xd0
}

/** mov or add from the GOT into a register: REX.W, 8b or 03, operand relative to %rip. */
function chooseInitialExec(code: Uint8Array, at: number, start: number, end: number): number {
  if (at - 3 < start || at + 4 > end || (code[at - 1]! & 0xc7) !== 0x05) return Rewrite.Refused
  if ((code[at - 3]! & 0xf8) !== 0x48) return Rewrite.Refused
  if (code[at - 2] === 0x8b) return Rewrite.InitialExecMove
  return code[at - 2] === 0x03 ? Rewrite.InitialExecAdd : Rewrite.Refused
}

function chooseInitialExec2(code: Uint8Array, at: number, start: number, end: number): number {
  if (at - 4 < start || at + 4 > end || code[at - 4] !== 0xd5 || (code[at - 1]! & 0xc7) !== 0x05) return Rewrite.Refused
  if (code[at - 2] === 0x8b) return Rewrite.InitialExecMove2
  return code[at - 2] === 0x03 ? Rewrite.InitialExecAdd2 : Rewrite.Refused
}

/** EVEX: 62 and three bytes, then 03 (memory to register) or 01 (register to memory), with a destination of its own. */
function chooseInitialExec3(code: Uint8Array, at: number, start: number, end: number): number {
  if (at - 6 < start || at + 4 > end || code[at - 6] !== 0x62 || (code[at - 1]! & 0xc7) !== 0x05) return Rewrite.Refused
  return code[at - 2] === 0x03 || code[at - 2] === 0x01 ? Rewrite.InitialExecAdd3 : Rewrite.Refused
}

/** In the first payload byte of EVEX the bits R3 (7), B3 (5) and R4 (4) are inverted, B4 (3) is not. */
function registerToOperand3(payload: number): number {
  const b3 = (payload & 0x80) >> 2
  const b4 = (~payload & 0x10) >> 1
  return (payload & ~0x28) | 0x90 | b3 | b4
}

export const generalDynamic = Uint8Array.of(0x64, 0x48, 0x8b, 0x04, 0x25, 0, 0, 0, 0, 0x48, 0x8d, 0x80, 0, 0, 0, 0)
const generalDynamicLarge = Uint8Array.of(...generalDynamic, 0x66, 0x0f, 0x1f, 0x44, 0, 0)
const generalToInitial = Uint8Array.of(0x64, 0x48, 0x8b, 0x04, 0x25, 0, 0, 0, 0, 0x48, 0x03, 0x05, 0, 0, 0, 0)
const generalToInitialLarge = Uint8Array.of(...generalToInitial, 0x66, 0x0f, 0x1f, 0x44, 0, 0)
const localDynamic = Uint8Array.of(0x66, 0x66, 0x66, 0x64, 0x48, 0x8b, 0x04, 0x25, 0, 0, 0, 0)
const localDynamicLong = Uint8Array.of(0x66, ...localDynamic)
const localDynamicLarge = Uint8Array.of(
  ...[0x66, 0x66, 0x66, 0x66, 0x2e, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0],
  ...[0x64, 0x48, 0x8b, 0x04, 0x25, 0, 0, 0, 0],
)

function rewriteThreadLocal(rewrite: number, code: Uint8Array, at: number): void {
  switch (rewrite) {
    case Rewrite.GeneralDynamic:
      code.set(generalDynamic, at - 4)
      return
    case Rewrite.GeneralDynamicLarge:
      code.set(generalDynamicLarge, at - 3)
      return
    case Rewrite.GeneralToInitial:
      code.set(generalToInitial, at - 4)
      return
    case Rewrite.GeneralToInitialLarge:
      code.set(generalToInitialLarge, at - 3)
      return
    case Rewrite.DescriptorToInitial:
      code[at - 2] = 0x8b
      return
    case Rewrite.LocalDynamic:
      code.set(localDynamic, at - 3)
      return
    case Rewrite.LocalDynamicLong:
      code.set(localDynamicLong, at - 3)
      return
    case Rewrite.LocalDynamicLarge:
      code.set(localDynamicLarge, at - 3)
      return
    case Rewrite.InitialExecMove:
      code[at - 3] = registerToOperand(code[at - 3]!)
      immediateOperand(code, at)
      return
    case Rewrite.Descriptor:
      code[at - 3] = registerToOperand(code[at - 3]!)
      code[at - 2] = 0xc7
      code[at - 1] = 0xc0 | ((code[at - 1]! & 0x38) >> 3)
      return
    case Rewrite.InitialExecAdd: {
      const register = (code[at - 1]! & 0x38) >> 3
      if (register === 4) {
        // %rsp and %r12 cannot be the base of this form of lea
        code[at - 3] = registerToOperand(code[at - 3]!)
        immediateOperand(code, at)
      } else {
        code[at - 3] = code[at - 3]! | ((code[at - 3]! & REX_R) >> 2)
        code[at - 2] = 0x8d
        code[at - 1] = 0x80 | register | (register << 3)
      }
      return
    }
    case Rewrite.InitialExecMove2:
    case Rewrite.InitialExecAdd2:
      code[at - 3] = registerToOperand2(code[at - 3]!)
      immediateOperand(code, at)
      return
    case Rewrite.InitialExecAdd3:
      code[at - 5] = registerToOperand3(code[at - 5]!)
      code[at - 1] = 0xc0 | ((code[at - 1]! & 0x38) >> 3)
      code[at - 2] = 0x81
      return
    case Rewrite.Descriptor2:
      code[at - 3] = registerToOperand2(code[at - 3]!)
      code[at - 2] = 0xc7
      code[at - 1] = 0xc0 | ((code[at - 1]! & 0x38) >> 3)
      return
    case Rewrite.DescriptorCall:
      code[at] = 0x66
      code[at + 1] = 0x90
      return
    case Rewrite.DescriptorCallAddr32:
      code[at] = 0x0f
      code[at + 1] = 0x1f
      code[at + 2] = 0x00
      return
  }
}
