/** z/Architecture (64 bits, big-endian), static programs. */
import { EM_S390 } from '../../../elf/constants.ts'
import { type Arch, relocationColumns } from '../../target.ts'
import { noPlt, noStubs } from '../static-only.ts'
import { fields, relocations } from './relocations.ts'

export const s390x: Arch = {
  id: 's390x',
  machine: EM_S390,
  bits: 64,
  littleEndian: false,
  relocationForm: 'rela',
  maxPageSize: 0x1000,
  commonPageSize: 0x1000,
  padCode: (out, at, length) => void out.fill(0, at, at + length),
  relocations: new Map(relocations.map(row => [row.type, row])),
  relocationColumns: relocationColumns(relocations),
  wellKnown: {
    none: 0,
    word: 22,
    relative: 12,
    globDat: 10,
    jumpSlot: 11,
    copy: 9,
    irelative: 61,
    tlsModule: 54,
    tlsOffset: 55,
    tlsThread: 56,
    tlsDescriptor: 0,
  },
  fields,
  stubs: noStubs,
  plt: noPlt,
  staticOnly: true,
  interpreter: '/lib/ld64.so.1',
  gotHeaderWords: 3,
  threadPointer: { at: 'end' },
  properties: [],
}
