/** ARM and Thumb code of 32 bits, little-endian, EABI version 5. */
import { EM_ARM } from '../../../elf/constants.ts'
import { type Arch, type Formula, relocationColumns } from '../../target.ts'
import { attributes } from './attributes.ts'
import { relaxation } from './branches.ts'
import { fields } from './fields.ts'
import { functionTable } from './function-table.ts'
import * as r from './relocations.ts'
import { plt, stubs } from './stubs.ts'
import { veneers } from './veneers.ts'

const plain: Arch = {
  attributes,
  id: 'arm',
  machine: EM_ARM,
  bits: 32,
  littleEndian: true,
  relocationForm: 'rel',
  maxPageSize: 0x10000,
  commonPageSize: 0x1000,
  /** GNU ld leaves gaps in code zero */
  padCode(out, at, length) {
    out.fill(0, at, at + length)
  },
  relocations: new Map(r.relocations.map(row => [row.type, row])),
  relocationColumns: relocationColumns(r.relocations),
  wellKnown: {
    none: r.R_ARM_NONE,
    word: r.R_ARM_ABS32,
    relative: r.R_ARM_RELATIVE,
    globDat: r.R_ARM_GLOB_DAT,
    jumpSlot: r.R_ARM_JUMP_SLOT,
    copy: r.R_ARM_COPY,
    irelative: r.R_ARM_IRELATIVE,
    tlsModule: r.R_ARM_TLS_DTPMOD32,
    tlsOffset: r.R_ARM_TLS_DTPOFF32,
    tlsThread: r.R_ARM_TLS_TPOFF32,
    tlsDescriptor: r.R_ARM_TLS_DESC,
  },
  fields,
  functionTable,
  veneers,
  relaxation,
  stubs,
  plt,
  interpreter: '/usr/lib/ld.so.1',
  gotHeaderWords: 3,
  // The loader takes JUMP_SLOT alone among the relocations of the PLT.
  indirectApart: true,
  threadPointer: { at: 'start', gap: 8 },
  properties: [],
  sectionSymbols: true,
  plainStack: true,
}

/** R_ARM_TARGET2 with another meaning: exception tables name types by it, as the unwinder of the platform expects. */
function withTarget2(formula: Formula): Arch {
  const rows = r.relocations.map(row => (row.type === r.R_ARM_TARGET2 ? { ...row, formula } : row))
  return {
    ...plain,
    relocations: new Map(rows.map(row => [row.type, row])),
    relocationColumns: relocationColumns(rows),
  }
}

export const arm: Arch = {
  ...plain,
  variants: { 'target2=rel': withTarget2('S+A-P'), 'target2=abs': withTarget2('S+A') },
}
