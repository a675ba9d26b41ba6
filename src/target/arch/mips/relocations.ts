/** Relocations of MIPS that static programs need (System V ABI, MIPS supplement; 64-bit ELF object file specification). */
import type { Field, Formula, RangeCheck, RelocationKind } from '../../target.ts'
import { Codec } from './fields.ts'

function row(type: number, name: string, formula: Formula, field: Field, check: RangeCheck = 'none'): RelocationKind {
  return { type, name: `R_MIPS_${name}`, formula, field, check }
}

function coded(type: number, name: string, formula: Formula, codec: number): RelocationKind {
  return row(type, name, formula, { codec, bytes: 4 })
}

/** R_MIPS_LO16, which holds the lower half of the addend of an R_MIPS_HI16 in the form REL. */
const lowerHalf = 6

export const relocations: readonly RelocationKind[] = [
  row(0, 'NONE', 'none', 'none'),
  row(2, '32', 'S+A', 'word32', 'either'),
  row(3, 'REL32', 'loader', 'none'),
  coded(4, '26', 'S+A', Codec.Jump26),
  { ...coded(5, 'HI16', 'S+A', Codec.Upper16), lowerHalfIn: lowerHalf },
  coded(lowerHalf, 'LO16', 'S+A', Codec.Lower16),
  coded(10, 'PC16', 'S+A-P', Codec.Branch16),
  row(18, '64', 'S+A', 'word64'),
  row(37, 'JALR', 'none', 'none'),
  { ...coded(49, 'TLS_TPREL_HI16', 'S+A-TP', Codec.Upper16), lowerHalfIn: 50 },
  coded(50, 'TLS_TPREL_LO16', 'S+A-TP', Codec.Lower16),
  row(126, 'COPY', 'loader', 'none'),
  row(127, 'JUMP_SLOT', 'loader', 'none'),
]
