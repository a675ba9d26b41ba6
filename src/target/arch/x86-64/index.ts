/** x86-64 in 64-bit mode (ELFCLASS64). */
import { EM_X86_64, SHF_X86_64_LARGE, SHT_X86_64_UNWIND } from '../../../elf/constants.ts'
import { type Arch, relocationColumns } from '../../target.ts'
import { byteRewrites, sequenceRewrites } from './byte-rewrites.ts'
import { padCode } from './padding.ts'
import { relaxation } from './relax.ts'
import * as r from './relocations.ts'
import { branchMarkedPlt, plt, stubs } from './stubs.ts'

export const x86_64: Arch = {
  id: 'x86-64',
  machine: EM_X86_64,
  bits: 64,
  littleEndian: true,
  relocationForm: 'rela',
  maxPageSize: 0x1000,
  commonPageSize: 0x1000,
  padCode,
  relocations: new Map(r.relocations.map(row => [row.type, row])),
  relocationColumns: relocationColumns(r.relocations),
  // Words of 8 to 64 bits, absolute or by distance.
  tabledRelocations: [1, 2, 10, 11, 12, 13, 14, 15, 24],
  wellKnown: {
    none: r.R_X86_64_NONE,
    word: r.R_X86_64_64,
    relative: r.R_X86_64_RELATIVE,
    globDat: r.R_X86_64_GLOB_DAT,
    jumpSlot: r.R_X86_64_JUMP_SLOT,
    copy: r.R_X86_64_COPY,
    irelative: r.R_X86_64_IRELATIVE,
    tlsModule: r.R_X86_64_DTPMOD64,
    tlsOffset: r.R_X86_64_DTPOFF64,
    tlsThread: r.R_X86_64_TPOFF64,
    tlsDescriptor: r.R_X86_64_TLSDESC,
  },
  relaxation,
  byteRewrites,
  sequenceRewrites,
  stubs,
  plt,
  markedPlt: { property: 0xc0000002, bit: 1, shape: branchMarkedPlt },
  interpreter: '/lib/ld64.so.1',
  gotHeaderWords: 3,
  threadPointer: { at: 'end' },
  largeSectionFlag: SHF_X86_64_LARGE,
  unwindSectionType: SHT_X86_64_UNWIND,
  properties: [
    { type: 0xc0000002, name: 'x86 feature (IBT, SHSTK)', join: 'and' },
    { type: 0xc0008002, name: 'x86 ISA needed', join: 'or' },
    { type: 0xc0010002, name: 'x86 ISA used', join: 'or-if-all' },
    { type: 0xc0010001, name: 'x86 feature used', join: 'or-if-all' },
    { type: 0xc0008001, name: 'x86 feature needed', join: 'or' },
  ],
}
