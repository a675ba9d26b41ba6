/**
 * Relocations of the i386 psABI (version 1.1) with the ranges that GNU ld 2.44 checks. Addends stand at the place (REL).
 * A word of 32 bits holds every address, so that only narrower fields can overflow.
 */
import type { Field, Formula, RangeCheck, RelocationKind } from '../../target.ts'

export const R_386_NONE = 0
export const R_386_32 = 1
export const R_386_PC32 = 2
export const R_386_GOT32 = 3
export const R_386_PLT32 = 4
export const R_386_COPY = 5
export const R_386_GLOB_DAT = 6
export const R_386_JUMP_SLOT = 7
export const R_386_RELATIVE = 8
export const R_386_TLS_TPOFF = 14
export const R_386_TLS_IE = 15
export const R_386_TLS_GOTIE = 16
export const R_386_TLS_GD = 18
export const R_386_TLS_LDM = 19
export const R_386_TLS_IE_32 = 33
export const R_386_TLS_DTPMOD32 = 35
export const R_386_TLS_DTPOFF32 = 36
export const R_386_TLS_GOTDESC = 39
export const R_386_TLS_DESC_CALL = 40
export const R_386_TLS_DESC = 41
export const R_386_IRELATIVE = 42
export const R_386_GOT32X = 43

function row(type: number, name: string, formula: Formula, field: Field, check: RangeCheck = 'none'): RelocationKind {
  return { type, name: `R_386_${name}`, formula, field, check }
}

/** A row whose instruction may be rewritten; see relax.ts. */
function relaxed(type: number, name: string, formula: Formula, field: Field): RelocationKind {
  return { ...row(type, name, formula, field), relax: true }
}

export const relocations: readonly RelocationKind[] = [
  row(R_386_NONE, 'NONE', 'none', 'none'),
  row(R_386_32, '32', 'S+A', 'word32'),
  row(R_386_PC32, 'PC32', 'S+A-P', 'word32'),
  relaxed(R_386_GOT32, 'GOT32', 'G+A', 'word32'),
  row(R_386_PLT32, 'PLT32', 'L+A-P', 'word32'),
  row(R_386_COPY, 'COPY', 'loader', 'none'),
  row(R_386_GLOB_DAT, 'GLOB_DAT', 'loader', 'word32'),
  row(R_386_JUMP_SLOT, 'JUMP_SLOT', 'loader', 'word32'),
  row(R_386_RELATIVE, 'RELATIVE', 'loader', 'word32'),
  row(9, 'GOTOFF', 'S+A-GOT', 'word32'),
  row(10, 'GOTPC', 'GOT+A-P', 'word32'),
  row(R_386_TLS_TPOFF, 'TLS_TPOFF', 'loader', 'word32'),
  relaxed(R_386_TLS_IE, 'TLS_IE', 'GOT+tls-ie+A', 'word32'),
  relaxed(R_386_TLS_GOTIE, 'TLS_GOTIE', 'tls-ie+A', 'word32'),
  row(17, 'TLS_LE', 'S+A-TP', 'word32'),
  relaxed(R_386_TLS_GD, 'TLS_GD', 'tls-gd+A', 'word32'),
  relaxed(R_386_TLS_LDM, 'TLS_LDM', 'tls-ld+A', 'word32'),
  row(20, '16', 'S+A', 'word16', 'either'),
  row(21, 'PC16', 'S+A-P', 'word16', 'either'),
  row(22, '8', 'S+A', 'word8', 'either'),
  row(23, 'PC8', 'S+A-P', 'word8', 'signed'),
  row(32, 'TLS_LDO_32', 'S+A-DTP', 'word32'),
  relaxed(R_386_TLS_IE_32, 'TLS_IE_32', 'mark', 'word32'),
  row(34, 'TLS_LE_32', 'TP-S+A', 'word32'),
  row(R_386_TLS_DTPMOD32, 'TLS_DTPMOD32', 'tls-module', 'word32'),
  row(R_386_TLS_DTPOFF32, 'TLS_DTPOFF32', 'S+A-DTP', 'word32'),
  row(37, 'TLS_TPOFF32', 'loader', 'word32'),
  row(38, 'SIZE32', 'Z+A', 'word32'),
  relaxed(R_386_TLS_GOTDESC, 'TLS_GOTDESC', 'tls-desc+A', 'word32'),
  relaxed(R_386_TLS_DESC_CALL, 'TLS_DESC_CALL', 'mark', 'none'),
  row(R_386_TLS_DESC, 'TLS_DESC', 'loader', 'word32'),
  row(R_386_IRELATIVE, 'IRELATIVE', 'loader', 'word32'),
  relaxed(R_386_GOT32X, 'GOT32X', 'G+A', 'word32'),
  // Hierarchy of C++ virtual tables for garbage collection: no effect on bytes.
  row(250, 'GNU_VTINHERIT', 'none', 'none'),
  row(251, 'GNU_VTENTRY', 'none', 'none'),
]
