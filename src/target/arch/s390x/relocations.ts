/** Relocations of z/Architecture that static programs need (ELF ABI s390x supplement, "Relocation"). */
import type { Field, Formula, InstructionFields, RangeCheck, RelocationKind } from '../../target.ts'

/** Distances in halfwords: in 16 and in 32 bits. */
const Codec = { Half16: 1, Half32: 2 } as const

export const fields: InstructionFields = {
  read: () => 0,
  write(codec, view, at, value) {
    const bits = codec === Codec.Half16 ? 17 : 33
    if (value % 2 !== 0 || value < -(2 ** (bits - 1)) || value >= 2 ** (bits - 1)) return false
    if (codec === Codec.Half16) view.setInt16(at, value / 2)
    else view.setInt32(at, value / 2)
    return true
  },
}

function row(type: number, name: string, formula: Formula, field: Field, check: RangeCheck = 'none'): RelocationKind {
  return { type, name: `R_390_${name}`, formula, field, check }
}

export const relocations: readonly RelocationKind[] = [
  row(0, 'NONE', 'none', 'none'),
  row(1, '8', 'S+A', 'word8', 'either'),
  row(3, '16', 'S+A', 'word16', 'either'),
  row(4, '32', 'S+A', 'word32', 'either'),
  row(5, 'PC32', 'S+A-P', 'word32', 'signed'),
  row(9, 'COPY', 'loader', 'none'),
  row(10, 'GLOB_DAT', 'loader', 'none'),
  row(11, 'JMP_SLOT', 'loader', 'none'),
  row(12, 'RELATIVE', 'loader', 'none'),
  row(16, 'PC16DBL', 'S+A-P', { codec: Codec.Half16, bytes: 2 }),
  row(17, 'PLT16DBL', 'L+A-P', { codec: Codec.Half16, bytes: 2 }),
  row(19, 'PC32DBL', 'S+A-P', { codec: Codec.Half32, bytes: 4 }),
  row(20, 'PLT32DBL', 'L+A-P', { codec: Codec.Half32, bytes: 4 }),
  row(22, '64', 'S+A', 'word64'),
  row(23, 'PC64', 'S+A-P', 'word64'),
  row(50, 'TLS_LE32', 'S+A-TP', 'word32', 'signed'),
  row(51, 'TLS_LE64', 'S+A-TP', 'word64'),
]
