/** 64-bit PowerPC, static programs without a TOC: big-endian (ELFv1) and little-endian (ELFv2). */
import { EM_PPC64 } from '../../../elf/constants.ts'
import { type Arch, relocationColumns } from '../../target.ts'
import { noPlt, noStubs } from '../static-only.ts'
import { fieldsFor } from './fields.ts'
import { relocations } from './relocations.ts'

function archFor(littleEndian: boolean): Arch {
  return {
    id: littleEndian ? 'ppc64le' : 'ppc64',
    machine: EM_PPC64,
    bits: 64,
    littleEndian,
    relocationForm: 'rela',
    maxPageSize: 0x1_0000,
    commonPageSize: 0x1_0000,
    padCode: (out, at, length) => void out.fill(0, at, at + length),
    relocations: new Map(relocations.map(row => [row.type, row])),
    relocationColumns: relocationColumns(relocations),
    wellKnown: {
      none: 0,
      word: 38,
      relative: 22,
      globDat: 20,
      jumpSlot: 21,
      copy: 19,
      irelative: 248,
      tlsModule: 68,
      tlsOffset: 78,
      tlsThread: 73,
      tlsDescriptor: 0,
    },
    fields: fieldsFor(littleEndian),
    stubs: noStubs,
    plt: noPlt,
    staticOnly: true,
    interpreter: littleEndian ? '/lib64/ld64.so.2' : '/lib64/ld64.so.1',
    gotHeaderWords: 2,
    threadPointer: { at: 'start', gap: -0x7000 },
    threadOffsetBias: 0x8000,
    properties: [],
  }
}

export const ppc64: readonly Arch[] = [archFor(false), archFor(true)]
