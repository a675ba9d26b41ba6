/** The most frequent of the rewrites in relax.ts as maps of bytes, for the loop over all relocations of a large link. */
import type { ByteRewrite } from '../../code-changes.ts'
import { OutputTrait } from '../../target.ts'
import { REX_W, Rewrite, registerToOperand } from './relax.ts'
import { R_X86_64_GOTPCREL, R_X86_64_GOTPCRELX, R_X86_64_REX_GOTPCRELX } from './relocations.ts'

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

function immediate(type: number, rewrite: number, prefix: (byte: number) => number): ByteRewrite {
  return { types: [type], rewrite, addend: -4, before: [prefix, immediateForm, registerAlone] }
}

/** cmp with REX.W, whose ModRM then holds the opcode, 7 */
const compare: ByteRewrite = {
  types: [R_X86_64_REX_GOTPCRELX],
  rewrite: Rewrite.ImmediateWide,
  addend: -4,
  before: [
    byte => ((byte & REX_W) !== 0 ? registerToOperand(byte) : -1),
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
    immediate(R_X86_64_REX_GOTPCRELX, Rewrite.ImmediateRex, byte =>
      (byte & REX_W) === 0 ? registerToOperand(byte) : -1,
    ),
    immediate(R_X86_64_REX_GOTPCRELX, Rewrite.ImmediateWide, byte =>
      (byte & REX_W) !== 0 ? registerToOperand(byte) : -1,
    ),
    compare,
  ]
}
