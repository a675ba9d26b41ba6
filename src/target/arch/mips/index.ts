/** MIPS, static programs: 32 bits (o32, REL) and 64 bits (n64, RELA) in both byte orders. */
import { EM_MIPS } from '../../../elf/constants.ts'
import { type Arch, relocationColumns } from '../../target.ts'
import { noPlt, noStubs } from '../static-only.ts'
import { fieldsFor } from './fields.ts'
import { relocations } from './relocations.ts'

function archFor(bits: 32 | 64, littleEndian: boolean): Arch {
  const wide = bits === 64
  return {
    id: `mips${wide ? '64' : ''}${littleEndian ? 'le' : ''}`,
    machine: EM_MIPS,
    bits,
    littleEndian,
    relocationForm: wide ? 'rela' : 'rel',
    // r_info of 64 bits is a symbol of 32 bits, then bytes: another symbol and three types, the first one last
    symbolFirst: wide && littleEndian,
    maxPageSize: 0x1_0000,
    commonPageSize: 0x1000,
    padCode: (out, at, length) => void out.fill(0, at, at + length),
    relocations: new Map(relocations.map(row => [row.type, row])),
    relocationColumns: relocationColumns(relocations),
    wellKnown: {
      none: 0,
      word: wide ? 18 : 2,
      relative: 3,
      globDat: 51,
      jumpSlot: 127,
      copy: 126,
      irelative: 128,
      tlsModule: wide ? 40 : 38,
      tlsOffset: wide ? 41 : 39,
      tlsThread: wide ? 48 : 47,
      tlsDescriptor: 0,
    },
    fields: fieldsFor(littleEndian),
    stubs: noStubs,
    plt: noPlt,
    staticOnly: true,
    interpreter: wide ? '/lib64/ld.so.1' : '/lib/ld.so.1',
    gotHeaderWords: 2,
    threadPointer: { at: 'start', gap: -0x7000 },
    threadOffsetBias: 0x8000,
    properties: [],
  }
}

export const mips: readonly Arch[] = [archFor(32, false), archFor(32, true), archFor(64, false), archFor(64, true)]
