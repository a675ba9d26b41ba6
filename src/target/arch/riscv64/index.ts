/** RISC-V, little endian, with addresses of 64 (RV64) and of 32 bits (RV32). */
import { EM_RISCV } from '../../../elf/constants.ts'
import { type Arch, relocationColumns } from '../../target.ts'
import { attributes } from './attributes.ts'
import { fields } from './fields.ts'
import * as r from './relocations.ts'
import { relaxationFor, shorteningFor } from './shorten.ts'
import { pltFor, stubsFor } from './stubs.ts'

function archFor(bits: 32 | 64): Arch {
  const rows = bits === 64 ? r.relocations64 : r.relocations32
  const wide = bits === 64
  return {
    id: `riscv${bits}`,
    machine: EM_RISCV,
    bits,
    littleEndian: true,
    relocationForm: 'rela',
    maxPageSize: 0x1000,
    commonPageSize: 0x1000,
    // GNU ld leaves zeros between pieces of code.
    padCode() {},
    relocations: new Map(rows.map(row => [row.type, row])),
    relocationColumns: relocationColumns(rows),
    // 32, 64, BRANCH, JAL, PCREL_HI20, HI20, RVC_BRANCH, RVC_JUMP.
    tabledRelocations: [1, 2, 16, 17, 23, 26, 44, 45],
    wellKnown: {
      none: r.R_RISCV_NONE,
      word: wide ? r.R_RISCV_64 : r.R_RISCV_32,
      relative: r.R_RISCV_RELATIVE,
      globDat: wide ? r.R_RISCV_64 : r.R_RISCV_32,
      jumpSlot: r.R_RISCV_JUMP_SLOT,
      copy: r.R_RISCV_COPY,
      irelative: r.R_RISCV_IRELATIVE,
      tlsModule: wide ? r.R_RISCV_TLS_DTPMOD64 : r.R_RISCV_TLS_DTPMOD32,
      tlsOffset: wide ? r.R_RISCV_TLS_DTPREL64 : r.R_RISCV_TLS_DTPREL32,
      tlsThread: wide ? r.R_RISCV_TLS_TPREL64 : r.R_RISCV_TLS_TPREL32,
      tlsDescriptor: r.R_RISCV_TLSDESC,
    },
    fields,
    attributes,
    relaxation: relaxationFor(),
    shortening: shorteningFor(bits),
    stubs: stubsFor(bits),
    plt: pltFor(bits),
    interpreter: wide ? '/lib/ld.so.1' : '/lib32/ld.so.1',
    gotHeaderWords: 2,
    gotPltStart: -1,
    gotStartWords: 1,
    threadPointer: { at: 'start', gap: 0 },
    threadOffsetBias: 0x800,
    properties: [],
    plainStack: true,
    indirectOnDemand: true,
    sectionSymbols: true,
    slotsBySymbol: true,
    dropsTemporaryLabels: true,
  }
}

export const riscv64: Arch = archFor(64)
export const riscv32: Arch = archFor(32)
