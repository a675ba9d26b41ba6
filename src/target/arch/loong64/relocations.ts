/** Relocations of LoongArch64 that static programs need (ELF psABI for LoongArch, "Relocations"). */
import type { Field, Formula, RangeCheck, RelocationKind } from '../../target.ts'
import { Codec } from './fields.ts'

function row(type: number, name: string, formula: Formula, field: Field, check: RangeCheck = 'none'): RelocationKind {
  return { type, name: `R_LARCH_${name}`, formula, field, check }
}

/** A row whose number stands in one instruction, or in two. */
function coded(type: number, name: string, formula: Formula, codec: number, bytes = 4): RelocationKind {
  return row(type, name, formula, { codec, bytes })
}

export const relocations: readonly RelocationKind[] = [
  row(0, 'NONE', 'none', 'none'),
  row(1, '32', 'S+A', 'word32', 'either'),
  row(2, '64', 'S+A', 'word64'),
  row(3, 'RELATIVE', 'loader', 'none'),
  row(4, 'COPY', 'loader', 'none'),
  row(5, 'JUMP_SLOT', 'loader', 'none'),
  row(7, 'TLS_DTPMOD64', 'loader', 'none'),
  row(9, 'TLS_DTPREL64', 'loader', 'none'),
  row(11, 'TLS_TPREL64', 'loader', 'none'),
  row(12, 'IRELATIVE', 'loader', 'none'),
  coded(64, 'B16', 'L+A-P', Codec.Branch16),
  coded(65, 'B21', 'L+A-P', Codec.Branch21),
  coded(66, 'B26', 'L+A-P', Codec.Branch26),
  coded(67, 'ABS_HI20', 'S+A', Codec.Upper20),
  coded(68, 'ABS_LO12', 'S+A', Codec.Lower12),
  coded(71, 'PCALA_HI20', 'S+A-P', Codec.Page20),
  coded(72, 'PCALA_LO12', 'S+A', Codec.Lower12),
  coded(83, 'TLS_LE_HI20', 'S+A-TP', Codec.Upper20),
  coded(84, 'TLS_LE_LO12', 'S+A-TP', Codec.Lower12),
  row(99, '32_PCREL', 'S+A-P', 'word32', 'signed'),
  row(100, 'RELAX', 'none', 'none'),
  row(109, '64_PCREL', 'S+A-P', 'word64'),
  coded(110, 'CALL36', 'L+A-P', Codec.Call36, 8),
]
