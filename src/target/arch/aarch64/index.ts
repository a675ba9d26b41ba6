/** AArch64 (ELFCLASS64, little-endian): "ELF for the Arm 64-bit Architecture". */
import { EM_AARCH64 } from '../../../elf/constants.ts'
import { type Arch, relocationColumns } from '../../target.ts'
import { errata } from './errata.ts'
import { fields } from './fields.ts'
import { relaxation } from './relax.ts'
import * as r from './relocations.ts'
import {
  branchMarkedPlt,
  branchMarkedSharedPlt,
  branchMarkedSignedPlt,
  branchMarkedSignedSharedPlt,
  branchMarkedStubs,
  plt,
  signedPlt,
  stubs,
} from './stubs.ts'
import { veneers } from './veneers.ts'

/** in .dynamic: a stub leads to a function with a calling convention of its own; the loader must not bind it lazily */
const DT_AARCH64_VARIANT_PCS = 0x70000005

export const aarch64: Arch = {
  id: 'aarch64',
  machine: EM_AARCH64,
  bits: 64,
  littleEndian: true,
  relocationForm: 'rela',
  maxPageSize: 0x1_0000,
  commonPageSize: 0x1000,
  /** GNU ld leaves gaps zero unless the script says otherwise; its own script fills code with nop. */
  padCode: (out, at, length) => void out.fill(0, at, at + length),
  relocations: new Map(r.relocations.map(row => [row.type, row])),
  relocationColumns: relocationColumns(r.relocations),
  // ABS64, PREL64 to PREL16, MOVW_UABS_*_NC and G3, distances to and lower bits of an address.
  tabledRelocations: [257, 260, 261, 262, 264, 266, 268, 269, 273, 274, 275, 276, 277, 278, 284, 285, 286, 299],
  wellKnown: {
    none: r.R_AARCH64_NONE,
    word: r.R_AARCH64_ABS64,
    relative: r.R_AARCH64_RELATIVE,
    globDat: r.R_AARCH64_GLOB_DAT,
    jumpSlot: r.R_AARCH64_JUMP_SLOT,
    copy: r.R_AARCH64_COPY,
    irelative: r.R_AARCH64_IRELATIVE,
    tlsModule: r.R_AARCH64_TLS_DTPMOD,
    tlsOffset: r.R_AARCH64_TLS_DTPREL,
    tlsThread: r.R_AARCH64_TLS_TPREL,
    tlsDescriptor: r.R_AARCH64_TLSDESC,
  },
  fields,
  relaxation,
  stubs,
  veneers,
  errata,
  plt,
  markedPlt: {
    property: 0xc0000000,
    bit: 1,
    shape: branchMarkedPlt,
    shared: branchMarkedSharedPlt,
    stubs: branchMarkedStubs,
  },
  keywordPlt: {
    word: 'pac-plt',
    shape: signedPlt,
    marked: branchMarkedSignedPlt,
    markedShared: branchMarkedSignedSharedPlt,
  },
  variantCalls: { mask: 0x80, tag: DT_AARCH64_VARIANT_PCS },
  interpreter: '/lib/ld-linux-aarch64.so.1',
  gotHeaderWords: 3,
  gotStartWords: 1,
  threadPointer: { at: 'start', gap: 16 },
  properties: [{ type: 0xc0000000, name: 'AArch64 feature (BTI, PAC)', join: 'and' }],
  plainStack: true,
  indirectOnDemand: true,
  sectionSymbols: true,
}
