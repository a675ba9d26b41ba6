/**
 * Relocations of the ELF for the Arm Architecture (AAELF32), with the ranges that GNU ld 2.44 checks.
 *
 * The lowest bit of a Thumb function's symbol is set, so `S` carries the supplement's T bit into every formula.
 */
import type { Field, Formula, RangeCheck, RelocationKind } from '../../target.ts'
import { Codec } from './fields.ts'

export const R_ARM_NONE = 0
export const R_ARM_PC24 = 1
export const R_ARM_ABS32 = 2
export const R_ARM_REL32 = 3
export const R_ARM_THM_CALL = 10
export const R_ARM_TLS_DESC = 13
export const R_ARM_TLS_DTPMOD32 = 17
export const R_ARM_TLS_DTPOFF32 = 18
export const R_ARM_TLS_TPOFF32 = 19
export const R_ARM_COPY = 20
export const R_ARM_GLOB_DAT = 21
export const R_ARM_JUMP_SLOT = 22
export const R_ARM_RELATIVE = 23
export const R_ARM_PLT32 = 27
export const R_ARM_CALL = 28
export const R_ARM_JUMP24 = 29
export const R_ARM_THM_JUMP24 = 30
export const R_ARM_TARGET1 = 38
export const R_ARM_V4BX = 40
export const R_ARM_TARGET2 = 41
export const R_ARM_PREL31 = 42
export const R_ARM_THM_JUMP19 = 51
export const R_ARM_TLS_GOTDESC = 90
export const R_ARM_TLS_CALL = 91
export const R_ARM_TLS_DESCSEQ = 92
export const R_ARM_THM_TLS_CALL = 93
export const R_ARM_THM_TLS_DESCSEQ16 = 129
export const R_ARM_THM_TLS_DESCSEQ32 = 130
export const R_ARM_IRELATIVE = 160

function row(type: number, name: string, formula: Formula, field: Field, check: RangeCheck): RelocationKind {
  return { type, name: `R_ARM_${name}`, formula, field, check }
}

/** A row whose field is part of an instruction of `bytes` bytes. */
function coded(type: number, name: string, formula: Formula, codec: number, bytes = 4): RelocationKind {
  return row(type, name, formula, { codec, bytes }, 'signed')
}

/** A branch: its instruction depends on what it leads to; see branches.ts. */
function branch(type: number, name: string, codec: number, formula: Formula = 'L+A-P'): RelocationKind {
  return { ...coded(type, name, formula, codec), relax: true }
}

export const relocations: readonly RelocationKind[] = [
  row(R_ARM_NONE, 'NONE', 'none', 'none', 'none'),
  branch(R_ARM_PC24, 'PC24', Codec.Jump24),
  row(R_ARM_ABS32, 'ABS32', 'S+A', 'word32', 'none'),
  row(R_ARM_REL32, 'REL32', 'S+A-P', 'word32', 'none'),
  coded(4, 'LDR_PC_G0', 'S+A-P', Codec.LoadGroup0),
  row(5, 'ABS16', 'S+A', 'word16', 'either'),
  coded(6, 'ABS12', 'S+A', Codec.Absolute12),
  coded(7, 'THM_ABS5', 'S+A', Codec.ThumbAbsolute5, 2),
  row(8, 'ABS8', 'S+A', 'word8', 'either'),
  branch(R_ARM_THM_CALL, 'THM_CALL', Codec.ThumbCall),
  coded(11, 'THM_PC8', 'S+A-P', Codec.ThumbLoad8, 2),
  row(R_ARM_TLS_DESC, 'TLS_DESC', 'loader', 'word32', 'none'),
  row(R_ARM_TLS_DTPMOD32, 'TLS_DTPMOD32', 'tls-module', 'word32', 'none'),
  row(R_ARM_TLS_DTPOFF32, 'TLS_DTPOFF32', 'S+A-DTP', 'word32', 'none'),
  row(R_ARM_TLS_TPOFF32, 'TLS_TPOFF32', 'S+A-TP', 'word32', 'none'),
  row(R_ARM_COPY, 'COPY', 'loader', 'none', 'none'),
  row(R_ARM_GLOB_DAT, 'GLOB_DAT', 'loader', 'word32', 'none'),
  row(R_ARM_JUMP_SLOT, 'JUMP_SLOT', 'loader', 'word32', 'none'),
  row(R_ARM_RELATIVE, 'RELATIVE', 'loader', 'word32', 'none'),
  row(24, 'GOTOFF32', 'S+A-GOT', 'word32', 'none'),
  row(25, 'BASE_PREL', 'GOT+A-P', 'word32', 'none'),
  row(26, 'GOT_BREL', 'G+A', 'word32', 'none'),
  branch(R_ARM_PLT32, 'PLT32', Codec.Jump24),
  branch(R_ARM_CALL, 'CALL', Codec.Call),
  branch(R_ARM_JUMP24, 'JUMP24', Codec.Jump24),
  branch(R_ARM_THM_JUMP24, 'THM_JUMP24', Codec.ThumbJump24),
  row(31, 'BASE_ABS', 'GOT+A', 'word32', 'none'),
  // What these two mean is the platform's choice: absolute, and through the GOT, on Linux.
  { ...row(R_ARM_TARGET1, 'TARGET1', 'S+A', 'word32', 'none'), word: true },
  row(R_ARM_V4BX, 'V4BX', 'none', 'none', 'none'),
  row(R_ARM_TARGET2, 'TARGET2', 'GOT+G+A-P', 'word32', 'none'),
  coded(R_ARM_PREL31, 'PREL31', 'S+A-P', Codec.Prel31),
  coded(43, 'MOVW_ABS_NC', 'S+A', Codec.MoveLow),
  coded(44, 'MOVT_ABS', 'S+A', Codec.MoveHigh),
  coded(45, 'MOVW_PREL_NC', 'S+A-P', Codec.MoveLow),
  coded(46, 'MOVT_PREL', 'S+A-P', Codec.MoveHigh),
  coded(47, 'THM_MOVW_ABS_NC', 'S+A', Codec.ThumbMoveLow),
  coded(48, 'THM_MOVT_ABS', 'S+A', Codec.ThumbMoveHigh),
  coded(49, 'THM_MOVW_PREL_NC', 'S+A-P', Codec.ThumbMoveLow),
  coded(50, 'THM_MOVT_PREL', 'S+A-P', Codec.ThumbMoveHigh),
  branch(R_ARM_THM_JUMP19, 'THM_JUMP19', Codec.ThumbJump19),
  coded(52, 'THM_JUMP6', 'S+A-P', Codec.ThumbJump6, 2),
  coded(53, 'THM_ALU_PREL_11_0', 'S+A-P', Codec.ThumbAddress12),
  coded(54, 'THM_PC12', 'S+A-P', Codec.ThumbLoad12),
  { ...row(55, 'ABS32_NOI', 'S+A', 'word32', 'none'), word: true },
  row(56, 'REL32_NOI', 'S+A-P', 'word32', 'none'),
  coded(57, 'ALU_PC_G0_NC', 'S+A-P', Codec.AddGroup0NoCheck),
  coded(58, 'ALU_PC_G0', 'S+A-P', Codec.AddGroup0),
  coded(59, 'ALU_PC_G1_NC', 'S+A-P', Codec.AddGroup1NoCheck),
  coded(60, 'ALU_PC_G1', 'S+A-P', Codec.AddGroup1),
  coded(61, 'ALU_PC_G2', 'S+A-P', Codec.AddGroup2),
  coded(62, 'LDR_PC_G1', 'S+A-P', Codec.LoadGroup1),
  coded(63, 'LDR_PC_G2', 'S+A-P', Codec.LoadGroup2),
  coded(64, 'LDRS_PC_G0', 'S+A-P', Codec.LoadHalfGroup0),
  coded(65, 'LDRS_PC_G1', 'S+A-P', Codec.LoadHalfGroup1),
  coded(66, 'LDRS_PC_G2', 'S+A-P', Codec.LoadHalfGroup2),
  coded(67, 'LDC_PC_G0', 'S+A-P', Codec.LoadCoprocessorGroup0),
  coded(68, 'LDC_PC_G1', 'S+A-P', Codec.LoadCoprocessorGroup1),
  coded(69, 'LDC_PC_G2', 'S+A-P', Codec.LoadCoprocessorGroup2),
  // TLS descriptors (-mtls-dialect=gnu2) are refused by name.
  row(R_ARM_TLS_GOTDESC, 'TLS_GOTDESC', 'mark', 'word32', 'none'),
  row(R_ARM_TLS_CALL, 'TLS_CALL', 'mark', 'word32', 'none'),
  row(R_ARM_TLS_DESCSEQ, 'TLS_DESCSEQ', 'mark', 'word32', 'none'),
  row(R_ARM_THM_TLS_CALL, 'THM_TLS_CALL', 'mark', 'word32', 'none'),
  row(R_ARM_THM_TLS_DESCSEQ16, 'THM_TLS_DESCSEQ16', 'mark', 'word16', 'none'),
  row(R_ARM_THM_TLS_DESCSEQ32, 'THM_TLS_DESCSEQ32', 'mark', 'word32', 'none'),
  row(94, 'PLT32_ABS', 'L+A-P', 'word32', 'none'),
  row(95, 'GOT_ABS', 'GOT+G+A', 'word32', 'none'),
  row(96, 'GOT_PREL', 'GOT+G+A-P', 'word32', 'none'),
  coded(97, 'GOT_BREL12', 'G+A', Codec.Absolute12),
  coded(98, 'GOTOFF12', 'S+A-GOT', Codec.Absolute12),
  // Hierarchy of C++ virtual tables for garbage collection: no effect on bytes.
  row(100, 'GNU_VTENTRY', 'none', 'none', 'none'),
  row(101, 'GNU_VTINHERIT', 'none', 'none', 'none'),
  coded(102, 'THM_JUMP11', 'S+A-P', Codec.ThumbJump11, 2),
  coded(103, 'THM_JUMP8', 'S+A-P', Codec.ThumbJump8, 2),
  row(104, 'TLS_GD32', 'GOT+tls-gd+A-P', 'word32', 'none'),
  row(105, 'TLS_LDM32', 'GOT+tls-ld+A-P', 'word32', 'none'),
  row(106, 'TLS_LDO32', 'S+A-DTP', 'word32', 'none'),
  row(107, 'TLS_IE32', 'GOT+tls-ie+A-P', 'word32', 'none'),
  row(108, 'TLS_LE32', 'S+A-TP', 'word32', 'none'),
  coded(109, 'TLS_LDO12', 'S+A-DTP', Codec.Absolute12),
  coded(110, 'TLS_LE12', 'S+A-TP', Codec.Absolute12),
  coded(111, 'TLS_IE12GP', 'tls-ie+A', Codec.Absolute12),
  coded(132, 'THM_ALU_ABS_G0_NC', 'S+A', Codec.ThumbByte0, 2),
  coded(133, 'THM_ALU_ABS_G1_NC', 'S+A', Codec.ThumbByte1, 2),
  coded(134, 'THM_ALU_ABS_G2_NC', 'S+A', Codec.ThumbByte2, 2),
  coded(135, 'THM_ALU_ABS_G3_NC', 'S+A', Codec.ThumbByte3, 2),
  row(R_ARM_IRELATIVE, 'IRELATIVE', 'loader', 'word32', 'none'),
]
