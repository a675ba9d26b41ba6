/** i386: x86 in 32-bit mode (ELFCLASS32). */
import { EM_386 } from '../../../elf/constants.ts'
import { type Arch, relocationColumns } from '../../target.ts'
import { padCode } from './padding.ts'
import { relaxation } from './relax.ts'
import * as r from './relocations.ts'
import {
  branchMarkedPlt,
  plt,
  positionIndependentBranchMarkedPlt,
  positionIndependentPlt,
  positionIndependentStubs,
  stubs,
} from './stubs.ts'

export const i386: Arch = {
  id: 'i386',
  machine: EM_386,
  bits: 32,
  littleEndian: true,
  relocationForm: 'rel',
  maxPageSize: 0x1000,
  commonPageSize: 0x1000,
  padCode,
  relocations: new Map(r.relocations.map(row => [row.type, row])),
  relocationColumns: relocationColumns(r.relocations),
  // R_386_32 and R_386_PC32.
  tabledRelocations: [1, 2],
  wellKnown: {
    none: r.R_386_NONE,
    word: r.R_386_32,
    distance: r.R_386_PC32,
    relative: r.R_386_RELATIVE,
    globDat: r.R_386_GLOB_DAT,
    jumpSlot: r.R_386_JUMP_SLOT,
    copy: r.R_386_COPY,
    irelative: r.R_386_IRELATIVE,
    tlsModule: r.R_386_TLS_DTPMOD32,
    tlsOffset: r.R_386_TLS_DTPOFF32,
    tlsThread: r.R_386_TLS_TPOFF,
    tlsDescriptor: r.R_386_TLS_DESC,
  },
  relaxation,
  stubs,
  positionIndependentStubs,
  plt,
  positionIndependentPlt,
  markedPlt: {
    property: 0xc0000002,
    bit: 1,
    shape: branchMarkedPlt,
    positionIndependent: positionIndependentBranchMarkedPlt,
  },
  interpreter: '/usr/lib/libc.so.1',
  gotHeaderWords: 3,
  threadPointer: { at: 'end' },
  properties: [
    { type: 0xc0000002, name: 'x86 feature (IBT, SHSTK)', join: 'and' },
    { type: 0xc0008002, name: 'x86 ISA needed', join: 'or' },
    { type: 0xc0010002, name: 'x86 ISA used', join: 'or-if-all' },
    { type: 0xc0010001, name: 'x86 feature used', join: 'or-if-all' },
    { type: 0xc0008001, name: 'x86 feature needed', join: 'or' },
  ],
}
