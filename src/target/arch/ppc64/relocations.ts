/**
 * Relocations of 64-bit PowerPC that static programs without a TOC need (Go's). The TOC and functions with a second entry
 * are missing: the rows that C code uses for them (TOC16, REL16) are not there, so such objects are refused by name.
 */
import type { Field, Formula, RangeCheck, RelocationKind } from '../../target.ts'
import { Codec } from './fields.ts'

function row(type: number, name: string, formula: Formula, field: Field, check: RangeCheck = 'none'): RelocationKind {
  return { type, name: `R_PPC64_${name}`, formula, field, check }
}

function half(type: number, name: string, formula: Formula, codec: number): RelocationKind {
  return row(type, name, formula, { codec, bytes: 2 })
}

function word(type: number, name: string, formula: Formula, codec: number): RelocationKind {
  return row(type, name, formula, { codec, bytes: 4 })
}

export const relocations: readonly RelocationKind[] = [
  row(0, 'NONE', 'none', 'none'),
  row(1, 'ADDR32', 'S+A', 'word32', 'either'),
  half(4, 'ADDR16_LO', 'S+A', Codec.Lower),
  half(5, 'ADDR16_HI', 'S+A', Codec.Upper),
  half(6, 'ADDR16_HA', 'S+A', Codec.UpperAdjusted),
  word(10, 'REL24', 'L+A-P', Codec.Branch24),
  word(11, 'REL14', 'L+A-P', Codec.Branch14),
  row(19, 'COPY', 'loader', 'none'),
  row(20, 'GLOB_DAT', 'loader', 'none'),
  row(21, 'JMP_SLOT', 'loader', 'none'),
  row(22, 'RELATIVE', 'loader', 'none'),
  row(26, 'REL32', 'S+A-P', 'word32', 'signed'),
  row(38, 'ADDR64', 'S+A', 'word64'),
  row(44, 'REL64', 'S+A-P', 'word64'),
  half(57, 'ADDR16_LO_DS', 'S+A', Codec.LowerDouble),
  half(70, 'TPREL16_LO', 'S+A-TP', Codec.Lower),
  half(71, 'TPREL16_HI', 'S+A-TP', Codec.Upper),
  half(72, 'TPREL16_HA', 'S+A-TP', Codec.UpperAdjusted),
  half(96, 'TPREL16_LO_DS', 'S+A-TP', Codec.LowerDouble),
]
