/** The most frequent of the rewrites in relax.ts as maps of bytes, for the loop over all relocations of a large link. */
import type { ByteRewrite, Change, SequenceRewrite } from '../../code-changes.ts'
import { OutputTrait } from '../../target.ts'
import { generalDynamic, REX_R, REX_W, Rewrite, registerToOperand } from './relax.ts'
import {
  R_X86_64_GOTPCREL,
  R_X86_64_GOTPCRELX,
  R_X86_64_GOTTPOFF,
  R_X86_64_PC32,
  R_X86_64_PLT32,
  R_X86_64_REX_GOTPCRELX,
  R_X86_64_TLSGD,
} from './relocations.ts'

const same = (byte: number): number => byte

/** ModRM with an operand relative to %rip: what it becomes with the register alone */
const registerAlone = (operand: number): number => ((operand & 0xc7) === 0x05 ? 0xc0 | ((operand & 0x38) >> 3) : -1)

/** mov and test that have the symbol as an immediate operand; other instructions hold the opcode in ModRM, too */
const immediateForm = (opcode: number): number => (opcode === 0x8b ? 0xc7 : opcode === 0x85 ? 0xf7 : -1)

const call: ByteRewrite = {
  types: [R_X86_64_GOTPCRELX, R_X86_64_REX_GOTPCRELX],
  rewrite: Rewrite.Call,
  addend: -4,
  before: [same, byte => (byte === 0xff ? 0x67 : -1), byte => (byte === 0x15 ? 0xe8 : -1)],
}

function loadAddress(types: readonly number[]): ByteRewrite {
  return {
    types,
    rewrite: Rewrite.Lea,
    addend: -4,
    before: [same, byte => (byte === 0x8b ? 0x8d : -1), byte => ((byte & 0xc7) === 0x05 ? byte : -1)],
  }
}

function immediate(type: number, rewrite: number, prefix: Change): ByteRewrite {
  return { types: [type], rewrite, addend: -4, before: [prefix, immediateForm, registerAlone] }
}

const wide: Change = byte => ((byte & REX_W) !== 0 ? registerToOperand(byte) : -1)
const narrow: Change = byte => ((byte & REX_W) === 0 ? registerToOperand(byte) : -1)

/** cmp with REX.W, whose ModRM then holds the opcode, 7 */
const compare: ByteRewrite = {
  types: [R_X86_64_REX_GOTPCRELX],
  rewrite: Rewrite.ImmediateWide,
  addend: -4,
  before: [
    wide,
    byte => (byte === 0x3b ? 0x81 : -1),
    byte => ((byte & 0xc7) === 0x05 ? 0xf8 | ((byte & 0x38) >> 3) : -1),
  ],
}

/** @param traits bits of OutputTrait */
export function byteRewrites(traits: number): readonly ByteRewrite[] {
  if ((traits & OutputTrait.KeepGot) !== 0) return []
  if ((traits & OutputTrait.Fixed) === 0)
    return [loadAddress([R_X86_64_GOTPCREL, R_X86_64_GOTPCRELX, R_X86_64_REX_GOTPCRELX]), call]
  return [
    loadAddress([R_X86_64_GOTPCREL]),
    call,
    immediate(R_X86_64_GOTPCRELX, Rewrite.Immediate, same),
    immediate(R_X86_64_REX_GOTPCRELX, Rewrite.ImmediateRex, narrow),
    compare,
    immediate(R_X86_64_REX_GOTPCRELX, Rewrite.ImmediateWide, wide),
  ]
}

const exactly =
  (from: number, to: number): Change =>
  byte =>
    byte === from ? to : -1

const becoming =
  (to: number): Change =>
  () =>
    to

/** lea of the descriptor and call of __tls_get_addr with these bytes between their fields: an offset from %fs:0 is loaded */
function generalDynamicCall(between: readonly number[]): SequenceRewrite {
  const code = [0x66, 0x48, 0x8d, 0x3d, -1, -1, -1, -1, 0x66, ...between, -1, -1, -1, -1]
  return {
    types: [R_X86_64_TLSGD],
    rewrite: Rewrite.GeneralDynamic,
    from: -4,
    bytes: code.map((byte, at) => (byte < 0 ? becoming(generalDynamic[at]!) : exactly(byte, generalDynamic[at]!))),
    next: {
      types: [R_X86_64_PLT32, R_X86_64_PC32, R_X86_64_GOTPCRELX, R_X86_64_REX_GOTPCRELX, R_X86_64_GOTPCREL],
      distance: 8,
    },
  }
}

/** REX.W with any registers */
const isWide = (byte: number): boolean => (byte & 0xf8) === 0x48

/** add of an offset in the GOT, but not to %rsp or %r12: lea adds it, from ModRM.rm to ModRM.reg */
const addressOperand: Change = byte => {
  const register = (byte & 0x38) >> 3
  return (byte & 0xc7) !== 0x05 || register === 4 ? -1 : 0x80 | register | (register << 3)
}

/** @param traits bits of OutputTrait */
export function sequenceRewrites(traits: number): readonly SequenceRewrite[] {
  if ((traits & OutputTrait.Executable) === 0) return []
  return [
    generalDynamicCall([0x48, 0xff, 0x15]),
    generalDynamicCall([0x48, 0x67, 0xe8]),
    generalDynamicCall([0x66, 0x48, 0xe8]),
    {
      types: [R_X86_64_GOTTPOFF],
      rewrite: Rewrite.InitialExecAdd,
      from: -3,
      bytes: [byte => (isWide(byte) ? byte | ((byte & REX_R) >> 2) : -1), exactly(0x03, 0x8d), addressOperand],
    },
    {
      types: [R_X86_64_GOTTPOFF],
      rewrite: Rewrite.InitialExecMove,
      from: -3,
      bytes: [byte => (isWide(byte) ? registerToOperand(byte) : -1), exactly(0x8b, 0xc7), registerAlone],
    },
  ]
}
