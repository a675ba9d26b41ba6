/** Relocations of the RISC-V ELF psABI (version 1.0 and TLS descriptors), with the ranges that GNU ld 2.44 checks. */
import type { Field, Formula, RangeCheck, RelocationKind } from '../../target.ts'
import { Codec, codecBytes } from './fields.ts'

export const R_RISCV_NONE = 0
export const R_RISCV_32 = 1
export const R_RISCV_64 = 2
export const R_RISCV_RELATIVE = 3
export const R_RISCV_COPY = 4
export const R_RISCV_JUMP_SLOT = 5
export const R_RISCV_TLS_DTPMOD32 = 6
export const R_RISCV_TLS_DTPMOD64 = 7
export const R_RISCV_TLS_DTPREL32 = 8
export const R_RISCV_TLS_DTPREL64 = 9
export const R_RISCV_TLS_TPREL32 = 10
export const R_RISCV_TLS_TPREL64 = 11
export const R_RISCV_TLSDESC = 12
export const R_RISCV_BRANCH = 16
export const R_RISCV_JAL = 17
export const R_RISCV_CALL = 18
export const R_RISCV_CALL_PLT = 19
export const R_RISCV_GOT_HI20 = 20
export const R_RISCV_TLS_GOT_HI20 = 21
export const R_RISCV_TLS_GD_HI20 = 22
export const R_RISCV_PCREL_HI20 = 23
export const R_RISCV_PCREL_LO12_I = 24
export const R_RISCV_PCREL_LO12_S = 25
export const R_RISCV_HI20 = 26
export const R_RISCV_LO12_I = 27
export const R_RISCV_LO12_S = 28
export const R_RISCV_TPREL_HI20 = 29
export const R_RISCV_TPREL_LO12_I = 30
export const R_RISCV_TPREL_LO12_S = 31
export const R_RISCV_TPREL_ADD = 32
export const R_RISCV_ALIGN = 43
export const R_RISCV_RVC_BRANCH = 44
export const R_RISCV_RVC_JUMP = 45
export const R_RISCV_RELAX = 51
export const R_RISCV_IRELATIVE = 58
export const R_RISCV_TLSDESC_HI20 = 62

function row(type: number, name: string, formula: Formula, field: Field, check: RangeCheck): RelocationKind {
  return { type, name: `R_RISCV_${name}`, formula, field, check }
}

/** A row whose number stands in instructions, or is added to what is there. */
function coded(type: number, name: string, formula: Formula, codec: number): RelocationKind {
  return row(type, name, formula, { codec, bytes: codecBytes[codec]! }, 'signed')
}

/** The upper half of an address relative to the program counter: its label is what the lower half names. */
function opening(type: number, name: string, formula: Formula): RelocationKind {
  return { ...coded(type, name, formula, Codec.UpperPcRelative), opens: true }
}

/** Addresses of `bits` are `word64` or `word32`. */
function table(bits: 32 | 64): readonly RelocationKind[] {
  const upper = bits === 64 ? Codec.Upper : Codec.UpperWrapping
  const wide = bits === 64
  return [
    row(R_RISCV_NONE, 'NONE', 'none', 'none', 'none'),
    row(R_RISCV_32, '32', 'S+A', 'word32', 'none'),
    row(R_RISCV_64, '64', 'S+A', 'word64', 'none'),
    row(R_RISCV_RELATIVE, 'RELATIVE', 'loader', wide ? 'word64' : 'word32', 'none'),
    row(R_RISCV_COPY, 'COPY', 'loader', 'none', 'none'),
    row(R_RISCV_JUMP_SLOT, 'JUMP_SLOT', 'loader', wide ? 'word64' : 'word32', 'none'),
    row(R_RISCV_TLS_DTPMOD32, 'TLS_DTPMOD32', 'tls-module', 'word32', 'none'),
    row(R_RISCV_TLS_DTPMOD64, 'TLS_DTPMOD64', 'tls-module', 'word64', 'none'),
    row(R_RISCV_TLS_DTPREL32, 'TLS_DTPREL32', 'S+A-DTP', 'word32', 'none'),
    row(R_RISCV_TLS_DTPREL64, 'TLS_DTPREL64', 'S+A-DTP', 'word64', 'none'),
    row(R_RISCV_TLS_TPREL32, 'TLS_TPREL32', 'S+A-TP', 'word32', 'none'),
    row(R_RISCV_TLS_TPREL64, 'TLS_TPREL64', 'S+A-TP', 'word64', 'none'),
    row(R_RISCV_TLSDESC, 'TLSDESC', 'loader', 'none', 'none'),
    coded(R_RISCV_BRANCH, 'BRANCH', 'S+A-P', Codec.Branch),
    coded(R_RISCV_JAL, 'JAL', 'L+A-P', Codec.Jump),
    { ...coded(R_RISCV_CALL, 'CALL', 'L+A-P', Codec.Call), relax: true },
    { ...coded(R_RISCV_CALL_PLT, 'CALL_PLT', 'L+A-P', Codec.Call), relax: true },
    opening(R_RISCV_GOT_HI20, 'GOT_HI20', 'GOT+G+A-P'),
    opening(R_RISCV_TLS_GOT_HI20, 'TLS_GOT_HI20', 'GOT+tls-ie+A-P'),
    opening(R_RISCV_TLS_GD_HI20, 'TLS_GD_HI20', 'GOT+tls-gd+A-P'),
    { ...opening(R_RISCV_PCREL_HI20, 'PCREL_HI20', 'S+A-P'), relax: true },
    { ...coded(R_RISCV_PCREL_LO12_I, 'PCREL_LO12_I', 'pair', Codec.LowerLoad), relax: true },
    { ...coded(R_RISCV_PCREL_LO12_S, 'PCREL_LO12_S', 'pair', Codec.LowerStore), relax: true },
    { ...coded(R_RISCV_HI20, 'HI20', 'S+A', upper), relax: true },
    { ...coded(R_RISCV_LO12_I, 'LO12_I', 'S+A', Codec.LowerLoad), relax: true },
    { ...coded(R_RISCV_LO12_S, 'LO12_S', 'S+A', Codec.LowerStore), relax: true },
    { ...coded(R_RISCV_TPREL_HI20, 'TPREL_HI20', 'S+A-TP', upper), relax: true },
    { ...coded(R_RISCV_TPREL_LO12_I, 'TPREL_LO12_I', 'S+A-TP', Codec.LowerLoad), relax: true },
    { ...coded(R_RISCV_TPREL_LO12_S, 'TPREL_LO12_S', 'S+A-TP', Codec.LowerStore), relax: true },
    { ...row(R_RISCV_TPREL_ADD, 'TPREL_ADD', 'none', 'none', 'none'), relax: true },
    coded(33, 'ADD8', 'difference', Codec.Add8),
    coded(34, 'ADD16', 'difference', Codec.Add16),
    coded(35, 'ADD32', 'difference', Codec.Add32),
    coded(36, 'ADD64', 'difference', Codec.Add64),
    coded(37, 'SUB8', 'difference', Codec.Subtract8),
    coded(38, 'SUB16', 'difference', Codec.Subtract16),
    coded(39, 'SUB32', 'difference', Codec.Subtract32),
    coded(40, 'SUB64', 'difference', Codec.Subtract64),
    row(41, 'GOT32_PCREL', 'GOT+G+A-P', 'word32', 'none'),
    row(R_RISCV_ALIGN, 'ALIGN', 'none', 'none', 'none'),
    coded(R_RISCV_RVC_BRANCH, 'RVC_BRANCH', 'S+A-P', Codec.ShortBranch),
    coded(R_RISCV_RVC_JUMP, 'RVC_JUMP', 'L+A-P', Codec.ShortJump),
    row(R_RISCV_RELAX, 'RELAX', 'none', 'none', 'none'),
    coded(52, 'SUB6', 'difference', Codec.Subtract6),
    coded(53, 'SET6', 'difference', Codec.Set6),
    coded(54, 'SET8', 'difference', Codec.Set8),
    coded(55, 'SET16', 'difference', Codec.Set16),
    coded(56, 'SET32', 'difference', Codec.Set32),
    row(57, '32_PCREL', 'S+A-P', 'word32', 'none'),
    row(R_RISCV_IRELATIVE, 'IRELATIVE', 'loader', wide ? 'word64' : 'word32', 'none'),
    row(59, 'PLT32', 'L+A-P', 'word32', 'signed'),
    coded(60, 'SET_ULEB128', 'difference', Codec.SetLeb128),
    coded(61, 'SUB_ULEB128', 'difference', Codec.SubtractLeb128),
    opening(R_RISCV_TLSDESC_HI20, 'TLSDESC_HI20', 'GOT+tls-desc+A-P'),
    coded(63, 'TLSDESC_LOAD_LO12', 'pair', Codec.LowerLoad),
    coded(64, 'TLSDESC_ADD_LO12', 'pair', Codec.LowerLoad),
    row(65, 'TLSDESC_CALL', 'none', 'none', 'none'),
  ]
}

export const relocations64 = table(64)
export const relocations32 = table(32)
