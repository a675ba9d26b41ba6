/** LoongArch64, static programs. */
import { EM_LOONGARCH } from '../../../elf/constants.ts'
import { type Arch, relocationColumns } from '../../target.ts'
import { noPlt, noStubs } from '../static-only.ts'
import { fields } from './fields.ts'
import { relocations } from './relocations.ts'

export const loong64: Arch = {
  id: 'loong64',
  machine: EM_LOONGARCH,
  bits: 64,
  littleEndian: true,
  relocationForm: 'rela',
  maxPageSize: 0x1_0000,
  commonPageSize: 0x4000,
  padCode: (out, at, length) => void out.fill(0, at, at + length),
  relocations: new Map(relocations.map(row => [row.type, row])),
  relocationColumns: relocationColumns(relocations),
  wellKnown: {
    none: 0,
    word: 2,
    relative: 3,
    globDat: 2,
    jumpSlot: 5,
    copy: 4,
    irelative: 12,
    tlsModule: 7,
    tlsOffset: 9,
    tlsThread: 11,
    tlsDescriptor: 14,
  },
  fields,
  stubs: noStubs,
  plt: noPlt,
  staticOnly: true,
  interpreter: '/lib64/ld-linux-loongarch-lp64d.so.1',
  gotHeaderWords: 2,
  threadPointer: { at: 'start', gap: 0 },
  properties: [],
}
