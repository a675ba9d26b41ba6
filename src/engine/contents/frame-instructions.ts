/** Call frame instructions (DWARF 5, 7.24; psABI supplements): what their operands are, so that they can be skipped. */
import type { Memory } from '../../kernels/compute.ts'
import { Operand, unknownInstruction } from '../../kernels/frames.ts'

const { Address, Block, Bytes1, Bytes2, Bytes4, Bytes8, Leb } = Operand

/** Operands of DW_CFA_ instructions 0x00 to 0x3f; those that are missing are not known. */
const operands: Readonly<Record<number, readonly number[]>> = {
  0: [],
  1: [Address],
  2: [Bytes1],
  3: [Bytes2],
  4: [Bytes4],
  5: [Leb, Leb],
  6: [Leb],
  7: [Leb],
  8: [Leb],
  9: [Leb, Leb],
  10: [],
  11: [],
  12: [Leb, Leb],
  13: [Leb],
  14: [Leb],
  15: [Block],
  16: [Leb, Block],
  17: [Leb, Leb],
  18: [Leb, Leb],
  19: [Leb],
  20: [Leb, Leb],
  21: [Leb, Leb],
  22: [Leb, Block],
  29: [Bytes8],
  45: [],
  46: [Leb],
  47: [Leb, Leb],
}

/** The table that kernels read (FrameRows.operands). */
export function instructionOperands(memory: Memory): Uint8Array {
  const table = memory.uint8(64).fill(unknownInstruction)
  for (const [code, [first = 0, second = 0]] of Object.entries(operands)) table[Number(code)] = first | (second << 4)
  return table
}
