/**
 * Rewriting of i386 instructions whose operand turns out to be known when linking (i386 psABI, "Optimize R_386_GOT32X
 * Relocation" and "Linker Optimization" of thread-local storage). Which of the permitted forms is taken follows GNU ld 2.44.
 *
 * Offsets from the thread pointer come in two signs: @ntpoff is what is added to %gs:0, @tpoff what is subtracted.
 */
import { checkCodes, formulaCodes, OutputTrait, type Relaxation, TargetFact } from '../../target.ts'
import * as r from './relocations.ts'

const Rewrite = {
  Leave: 0,
  /** the operand has no base register: the address of the slot, not its offset in the GOT */
  SlotAddress: 1,
  /** lea symbol@GOTOFF(%reg1), %reg2 */
  Lea: 2,
  /** op $symbol, %reg */
  Immediate: 3,
  /** addr32 call symbol */
  Call: 4,
  /** jmp symbol; nop */
  Jump: 5,
  /** movl %gs:0, %eax; subl $symbol@tpoff, %eax. The lea has a SIB byte (7 bytes) or has none (6 bytes) */
  GeneralDynamicIndexed: 6,
  GeneralDynamic: 7,
  /** movl %gs:0, %eax; addl symbol@gotntpoff(%reg), %eax: the variable is in a shared object */
  GeneralToInitialIndexed: 8,
  GeneralToInitial: 9,
  /** movl %gs:0, %eax and a no-operation; the call had 5 or 6 bytes */
  LocalDynamic: 10,
  LocalDynamicLong: 11,
  /** movl $symbol@ntpoff, %eax in place of the form of movl that has no operand byte */
  InitialExecShort: 12,
  /** movl or addl $symbol@ntpoff, %reg */
  InitialExec: 13,
  /** movl, addl or subl $symbol@tpoff, %reg */
  InitialExecNegative: 14,
  /** leal symbol@ntpoff, %reg */
  Descriptor: 15,
  /** movl symbol@gotntpoff(%ebx), %eax */
  DescriptorToInitial: 16,
  /** xchg %ax, %ax */
  DescriptorCall: 17,
  Refused: 18,
} as const

const count = 19
const formula = new Uint8Array(count)
const check = new Uint8Array(count).fill(checkCodes.none)
const shift = new Int8Array(count)
const bias = new Int8Array(count)
const swallows = new Uint8Array(count)

function describe(rewrite: number, code: number, move = 0, plus = 0, swallow = 0): void {
  formula[rewrite] = code
  shift[rewrite] = move
  bias[rewrite] = plus
  swallows[rewrite] = swallow
}

describe(Rewrite.SlotAddress, formulaCodes['GOT+G+A'])
describe(Rewrite.Lea, formulaCodes['S+A-GOT'])
describe(Rewrite.Immediate, formulaCodes['S+A'])
describe(Rewrite.Call, formulaCodes['S+A-P'], 0, -4)
describe(Rewrite.Jump, formulaCodes['S+A-P'], -1, -4)
describe(Rewrite.GeneralDynamicIndexed, formulaCodes['TP-S+A'], 5, 0, 1)
describe(Rewrite.GeneralDynamic, formulaCodes['TP-S+A'], 6, 0, 1)
describe(Rewrite.GeneralToInitialIndexed, formulaCodes['tls-ie+A'], 5, 0, 1)
describe(Rewrite.GeneralToInitial, formulaCodes['tls-ie+A'], 6, 0, 1)
describe(Rewrite.LocalDynamic, formulaCodes.none, 0, 0, 1)
describe(Rewrite.LocalDynamicLong, formulaCodes.none, 0, 0, 1)
describe(Rewrite.InitialExecShort, formulaCodes['S+A-TP'])
describe(Rewrite.InitialExec, formulaCodes['S+A-TP'])
describe(Rewrite.InitialExecNegative, formulaCodes['TP-S+A'])
describe(Rewrite.Descriptor, formulaCodes['S+A-TP'])
describe(Rewrite.DescriptorToInitial, formulaCodes['tls-ie+A'])

export const relaxation: Relaxation = {
  refused: Rewrite.Refused,
  relaxesLocalDynamic: true,
  formula,
  check,
  shift,
  bias,
  swallows,
  choose(type, code, at, start, end, facts, traits, addend, nextType, nextDistance) {
    const isProgram = (traits & OutputTrait.Executable) !== 0
    switch (type) {
      case r.R_386_GOT32:
        return at - 1 >= start && hasNoBase(code[at - 1]!) ? slotAddress(traits) : Rewrite.Leave
      case r.R_386_GOT32X:
        return chooseGot(code, at, start, end, facts, traits, addend)
      case r.R_386_TLS_GD:
        return isProgram ? chooseGeneralDynamic(code, at, start, end, facts, nextType, nextDistance) : Rewrite.Leave
      case r.R_386_TLS_LDM:
        return isProgram ? chooseLocalDynamic(code, at, start, end, nextType, nextDistance) : Rewrite.Leave
      case r.R_386_TLS_IE:
        if (isProgram && isOffsetKnown(facts)) return chooseInitialExec(code, at, start, end)
        // The address of a slot in code would have to be completed by the loader.
        return (traits & OutputTrait.Fixed) !== 0 ? Rewrite.Leave : Rewrite.Refused
      case r.R_386_TLS_GOTIE:
        return isProgram && isOffsetKnown(facts)
          ? chooseInitialExecBased(code, at, start, end, Rewrite.InitialExec)
          : Rewrite.Leave
      case r.R_386_TLS_IE_32:
        return isProgram && isOffsetKnown(facts)
          ? chooseInitialExecBased(code, at, start, end, Rewrite.InitialExecNegative)
          : Rewrite.Refused
      case r.R_386_TLS_GOTDESC:
        if (!isProgram) return Rewrite.Leave
        if (at - 2 < start || at + 4 > end || code[at - 2] !== 0x8d || (code[at - 1]! & 0xc7) !== 0x83)
          return Rewrite.Refused
        return isOffsetKnown(facts) ? Rewrite.Descriptor : Rewrite.DescriptorToInitial
      case r.R_386_TLS_DESC_CALL:
        if (!isProgram) return Rewrite.Leave
        return at + 2 <= end && code[at] === 0xff && code[at + 1] === 0x10 ? Rewrite.DescriptorCall : Rewrite.Refused
      default:
        return Rewrite.Leave
    }
  },
  rewrite(rewrite, code, at) {
    switch (rewrite) {
      case Rewrite.Lea:
        code[at - 2] = 0x8d
        return
      case Rewrite.Immediate:
        immediateOperand(code, at)
        return
      case Rewrite.Call:
        code[at - 2] = 0x67
        code[at - 1] = 0xe8
        return
      case Rewrite.Jump:
        code[at - 2] = 0xe9
        code[at + 3] = 0x90
        return
      default:
        rewriteThreadLocal(rewrite, code, at)
    }
  },
}

function isOffsetKnown(facts: number): boolean {
  return (facts & (TargetFact.Local | TargetFact.UndefinedWeak)) !== 0
}

/** ModRM of an operand that is an address alone. */
function hasNoBase(operand: number): boolean {
  return (operand & 0xc7) === 0x05
}

function slotAddress(traits: number): number {
  return (traits & OutputTrait.Fixed) !== 0 ? Rewrite.SlotAddress : Rewrite.Refused
}

function chooseGot(
  code: Uint8Array,
  at: number,
  start: number,
  end: number,
  facts: number,
  traits: number,
  addend: number,
): number {
  if (at - 2 < start || at + 4 > end) return Rewrite.Leave
  const opcode = code[at - 2]!
  const operand = code[at - 1]!
  const isFixed = (traits & OutputTrait.Fixed) !== 0
  const isBaseless = hasNoBase(operand) || (opcode === 0xff && (operand === 0x15 || operand === 0x25))
  const otherwise = isBaseless ? slotAddress(traits) : Rewrite.Leave
  // --no-relax (OutputTrait.KeepGot) says nothing here, as in GNU ld.
  if (addend !== 0 || (facts & TargetFact.Ifunc) !== 0) return otherwise
  if (!isOffsetKnown(facts)) return otherwise
  // The place of position-independent code is unknown, so a distance to 0 or to an absolute number is too.
  const isNumber = (facts & (TargetFact.UndefinedWeak | TargetFact.Absolute)) !== 0
  if (!isFixed && (facts & TargetFact.UndefinedWeak) !== 0) return otherwise
  if (opcode === 0xff) {
    if (isNumber && !isFixed) return otherwise
    if (operand === 0x25 || (operand & 0xf8) === 0xa0) return Rewrite.Jump
    return operand === 0x15 || (operand & 0xf8) === 0x90 ? Rewrite.Call : otherwise
  }
  if (opcode === 0x8b) return isFixed || isNumber ? Rewrite.Immediate : isBaseless ? otherwise : Rewrite.Lea
  // adc add and cmp or sbb sub xor are 00ppp011; test is 85
  if (opcode !== 0x85 && (opcode & 0xc7) !== 0x03) return otherwise
  return isFixed || isNumber ? Rewrite.Immediate : otherwise
}

/** The register moves from the first operand of ModRM to the second. */
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

/** Bytes of the call of ___tls_get_addr at `at`: e8, 67 e8 or ff 9x; 0: there is none. */
function callLength(code: Uint8Array, at: number, end: number): number {
  if (at + 5 <= end && code[at] === 0xe8) return 5
  if (at + 6 > end) return 0
  if (code[at] === 0x67 && code[at + 1] === 0xe8) return 6
  return code[at] === 0xff && (code[at + 1]! & 0xf8) === 0x90 ? 6 : 0
}

function isCallRelocation(type: number): boolean {
  return type === r.R_386_PLT32 || type === r.R_386_PC32 || type === r.R_386_GOT32X || type === r.R_386_GOT32
}

/**
 * 8d 04 1d <x@tlsgd>, e8 <call>; 8d 8x <x@tlsgd>, e8 <call>, 90; 8d 8x <x@tlsgd>, ff 9x <call>: 12 bytes each.
 */
function chooseGeneralDynamic(
  code: Uint8Array,
  at: number,
  start: number,
  end: number,
  facts: number,
  nextType: number,
  nextDistance: number,
): number {
  if (at - 2 < start || !isCallRelocation(nextType)) return Rewrite.Refused
  const length = callLength(code, at + 4, end)
  if (length === 0 || nextDistance !== 4 + length - 4) return Rewrite.Refused
  const isKnown = isOffsetKnown(facts)
  if (code[at - 2] === 0x04) {
    if (at - 3 < start || length !== 5 || code[at - 3] !== 0x8d || (code[at - 1]! & 0xc7) !== 0x05)
      return Rewrite.Refused
    if (code[at - 1] !== 0x1d) return Rewrite.Refused
    return isKnown ? Rewrite.GeneralDynamicIndexed : Rewrite.GeneralToInitialIndexed
  }
  if (code[at - 2] !== 0x8d || (code[at - 1]! & 0xf8) !== 0x80 || (code[at - 1]! & 7) === 4) return Rewrite.Refused
  if (length === 5 && (at + 10 > end || code[at + 9] !== 0x90)) return Rewrite.Refused
  return isKnown ? Rewrite.GeneralDynamic : Rewrite.GeneralToInitial
}

/** 8d 8x <x@tlsldm>; then e8 <call> or ff 9x <call>. */
function chooseLocalDynamic(
  code: Uint8Array,
  at: number,
  start: number,
  end: number,
  nextType: number,
  nextDistance: number,
): number {
  if (at - 2 < start || !isCallRelocation(nextType)) return Rewrite.Refused
  if (code[at - 2] !== 0x8d || (code[at - 1]! & 0xf8) !== 0x80 || (code[at - 1]! & 7) === 4) return Rewrite.Refused
  const length = callLength(code, at + 4, end)
  if (length === 0 || nextDistance !== length) return Rewrite.Refused
  return length === 5 ? Rewrite.LocalDynamic : Rewrite.LocalDynamicLong
}

/** a1 <x@indntpoff>; 8b or 03, operand an address, <x@indntpoff>. */
function chooseInitialExec(code: Uint8Array, at: number, start: number, end: number): number {
  if (at - 1 < start || at + 4 > end) return Rewrite.Refused
  if (code[at - 1] === 0xa1) return Rewrite.InitialExecShort
  if (at - 2 < start || !hasNoBase(code[at - 1]!)) return Rewrite.Refused
  return code[at - 2] === 0x8b || code[at - 2] === 0x03 ? Rewrite.InitialExec : Rewrite.Refused
}

/** 8b, 03 or 2b, operand with a base register and 32 bits of displacement. */
function chooseInitialExecBased(code: Uint8Array, at: number, start: number, end: number, rewrite: number): number {
  if (at - 2 < start || at + 4 > end) return Rewrite.Refused
  if ((code[at - 1]! & 0xc0) !== 0x80 || (code[at - 1]! & 7) === 4) return Rewrite.Refused
  const opcode = code[at - 2]
  return opcode === 0x8b || opcode === 0x03 || opcode === 0x2b ? rewrite : Rewrite.Refused
}

const generalDynamic = Uint8Array.of(0x65, 0xa1, 0, 0, 0, 0, 0x81, 0xe8, 0, 0, 0, 0)
const generalToInitial = Uint8Array.of(0x65, 0xa1, 0, 0, 0, 0, 0x03, 0x80, 0, 0, 0, 0)
const localDynamic = Uint8Array.of(0x65, 0xa1, 0, 0, 0, 0, 0x90, 0x8d, 0x74, 0x26, 0x00)
const localDynamicLong = Uint8Array.of(0x65, 0xa1, 0, 0, 0, 0, 0x8d, 0xb6, 0, 0, 0, 0)

const baseOfGot = 3 // %ebx

function rewriteThreadLocal(rewrite: number, code: Uint8Array, at: number): void {
  switch (rewrite) {
    case Rewrite.GeneralDynamicIndexed:
      code.set(generalDynamic, at - 3)
      return
    case Rewrite.GeneralDynamic:
      code.set(generalDynamic, at - 2)
      return
    case Rewrite.GeneralToInitialIndexed:
      code.set(generalToInitial, at - 3)
      code[at + 4] = 0x80 | baseOfGot
      return
    case Rewrite.GeneralToInitial: {
      const base = code[at - 1]! & 7
      code.set(generalToInitial, at - 2)
      code[at + 5] = 0x80 | base
      return
    }
    case Rewrite.LocalDynamic:
      code.set(localDynamic, at - 2)
      return
    case Rewrite.LocalDynamicLong:
      code.set(localDynamicLong, at - 2)
      return
    case Rewrite.InitialExecShort:
      code[at - 1] = 0xb8
      return
    case Rewrite.InitialExec:
    case Rewrite.InitialExecNegative:
      immediateOperand(code, at)
      return
    case Rewrite.Descriptor:
      // an address without a base register
      code[at - 1] = (code[at - 1]! & 0x38) | 0x05
      return
    case Rewrite.DescriptorToInitial:
      code[at - 2] = 0x8b
      return
    case Rewrite.DescriptorCall:
      code[at] = 0x66
      code[at + 1] = 0x90
      return
  }
}
