/** Relocations of the x86-64 psABI (version 1.0 and the APX additions), with the ranges that GNU ld 2.44 checks. */
import type { Field, Formula, RangeCheck, RelocationKind } from '../../target.ts'

export const R_X86_64_NONE = 0
export const R_X86_64_64 = 1
export const R_X86_64_PC32 = 2
export const R_X86_64_PLT32 = 4
export const R_X86_64_COPY = 5
export const R_X86_64_GLOB_DAT = 6
export const R_X86_64_JUMP_SLOT = 7
export const R_X86_64_RELATIVE = 8
export const R_X86_64_GOTPCREL = 9
export const R_X86_64_DTPMOD64 = 16
export const R_X86_64_DTPOFF64 = 17
export const R_X86_64_TPOFF64 = 18
export const R_X86_64_TLSGD = 19
export const R_X86_64_TLSLD = 20
export const R_X86_64_GOTTPOFF = 22
export const R_X86_64_PLTOFF64 = 31
export const R_X86_64_GOTPC32_TLSDESC = 34
export const R_X86_64_TLSDESC_CALL = 35
export const R_X86_64_TLSDESC = 36
export const R_X86_64_IRELATIVE = 37
export const R_X86_64_GOTPCRELX = 41
export const R_X86_64_REX_GOTPCRELX = 42
export const R_X86_64_CODE_4_GOTPCRELX = 43
export const R_X86_64_CODE_4_GOTTPOFF = 44
export const R_X86_64_CODE_4_GOTPC32_TLSDESC = 45
export const R_X86_64_CODE_5_GOTPCRELX = 46
export const R_X86_64_CODE_5_GOTTPOFF = 47
export const R_X86_64_CODE_5_GOTPC32_TLSDESC = 48
export const R_X86_64_CODE_6_GOTPCRELX = 49
export const R_X86_64_CODE_6_GOTTPOFF = 50
export const R_X86_64_CODE_6_GOTPC32_TLSDESC = 51

function row(type: number, name: string, formula: Formula, field: Field, check: RangeCheck): RelocationKind {
  return { type, name: `R_X86_64_${name}`, formula, field, check }
}

/** A row whose instruction may be rewritten; see relax.ts. */
function relaxed(type: number, name: string, formula: Formula, field: Field, check: RangeCheck): RelocationKind {
  return { ...row(type, name, formula, field, check), relax: true }
}

export const relocations: readonly RelocationKind[] = [
  row(R_X86_64_NONE, 'NONE', 'none', 'none', 'none'),
  row(R_X86_64_64, '64', 'S+A', 'word64', 'none'),
  row(R_X86_64_PC32, 'PC32', 'S+A-P', 'word32', 'signed'),
  row(3, 'GOT32', 'G+A', 'word32', 'signed'),
  row(R_X86_64_PLT32, 'PLT32', 'L+A-P', 'word32', 'signed'),
  row(R_X86_64_COPY, 'COPY', 'loader', 'none', 'none'),
  row(R_X86_64_GLOB_DAT, 'GLOB_DAT', 'loader', 'word64', 'none'),
  row(R_X86_64_JUMP_SLOT, 'JUMP_SLOT', 'loader', 'word64', 'none'),
  row(R_X86_64_RELATIVE, 'RELATIVE', 'loader', 'word64', 'none'),
  relaxed(R_X86_64_GOTPCREL, 'GOTPCREL', 'GOT+G+A-P', 'word32', 'signed'),
  row(10, '32', 'S+A', 'word32', 'unsigned'),
  row(11, '32S', 'S+A', 'word32', 'signed'),
  row(12, '16', 'S+A', 'word16', 'either'),
  row(13, 'PC16', 'S+A-P', 'word16', 'either'),
  row(14, '8', 'S+A', 'word8', 'either'),
  row(15, 'PC8', 'S+A-P', 'word8', 'signed'),
  row(R_X86_64_DTPMOD64, 'DTPMOD64', 'tls-module', 'word64', 'none'),
  row(R_X86_64_DTPOFF64, 'DTPOFF64', 'S+A-DTP', 'word64', 'none'),
  row(R_X86_64_TPOFF64, 'TPOFF64', 'S+A-TP', 'word64', 'none'),
  relaxed(R_X86_64_TLSGD, 'TLSGD', 'GOT+tls-gd+A-P', 'word32', 'signed'),
  relaxed(R_X86_64_TLSLD, 'TLSLD', 'GOT+tls-ld+A-P', 'word32', 'signed'),
  row(21, 'DTPOFF32', 'S+A-DTP', 'word32', 'signed'),
  relaxed(R_X86_64_GOTTPOFF, 'GOTTPOFF', 'GOT+tls-ie+A-P', 'word32', 'signed'),
  row(23, 'TPOFF32', 'S+A-TP', 'word32', 'signed'),
  row(24, 'PC64', 'S+A-P', 'word64', 'none'),
  row(25, 'GOTOFF64', 'S+A-GOT', 'word64', 'none'),
  row(26, 'GOTPC32', 'GOT+A-P', 'word32', 'signed'),
  row(27, 'GOT64', 'G+A', 'word64', 'none'),
  row(28, 'GOTPCREL64', 'GOT+G+A-P', 'word64', 'none'),
  row(29, 'GOTPC64', 'GOT+A-P', 'word64', 'none'),
  row(30, 'GOTPLT64', 'G+A', 'word64', 'none'),
  row(R_X86_64_PLTOFF64, 'PLTOFF64', 'L+A-GOT', 'word64', 'none'),
  row(32, 'SIZE32', 'Z+A', 'word32', 'unsigned'),
  row(33, 'SIZE64', 'Z+A', 'word64', 'none'),
  relaxed(R_X86_64_GOTPC32_TLSDESC, 'GOTPC32_TLSDESC', 'GOT+tls-desc+A-P', 'word32', 'signed'),
  relaxed(R_X86_64_TLSDESC_CALL, 'TLSDESC_CALL', 'mark', 'none', 'none'),
  row(R_X86_64_TLSDESC, 'TLSDESC', 'loader', 'word64', 'none'),
  row(R_X86_64_IRELATIVE, 'IRELATIVE', 'loader', 'word64', 'none'),
  row(38, 'RELATIVE64', 'loader', 'word64', 'none'),
  row(39, 'PC32_BND', 'S+A-P', 'word32', 'signed'),
  row(40, 'PLT32_BND', 'L+A-P', 'word32', 'signed'),
  relaxed(R_X86_64_GOTPCRELX, 'GOTPCRELX', 'GOT+G+A-P', 'word32', 'signed'),
  relaxed(R_X86_64_REX_GOTPCRELX, 'REX_GOTPCRELX', 'GOT+G+A-P', 'word32', 'signed'),
  relaxed(R_X86_64_CODE_4_GOTPCRELX, 'CODE_4_GOTPCRELX', 'GOT+G+A-P', 'word32', 'signed'),
  relaxed(R_X86_64_CODE_4_GOTTPOFF, 'CODE_4_GOTTPOFF', 'GOT+tls-ie+A-P', 'word32', 'signed'),
  relaxed(R_X86_64_CODE_4_GOTPC32_TLSDESC, 'CODE_4_GOTPC32_TLSDESC', 'GOT+tls-desc+A-P', 'word32', 'signed'),
  relaxed(R_X86_64_CODE_5_GOTPCRELX, 'CODE_5_GOTPCRELX', 'GOT+G+A-P', 'word32', 'signed'),
  relaxed(R_X86_64_CODE_5_GOTTPOFF, 'CODE_5_GOTTPOFF', 'GOT+tls-ie+A-P', 'word32', 'signed'),
  relaxed(R_X86_64_CODE_5_GOTPC32_TLSDESC, 'CODE_5_GOTPC32_TLSDESC', 'GOT+tls-desc+A-P', 'word32', 'signed'),
  relaxed(R_X86_64_CODE_6_GOTPCRELX, 'CODE_6_GOTPCRELX', 'GOT+G+A-P', 'word32', 'signed'),
  relaxed(R_X86_64_CODE_6_GOTTPOFF, 'CODE_6_GOTTPOFF', 'GOT+tls-ie+A-P', 'word32', 'signed'),
  relaxed(R_X86_64_CODE_6_GOTPC32_TLSDESC, 'CODE_6_GOTPC32_TLSDESC', 'GOT+tls-desc+A-P', 'word32', 'signed'),
  // Hierarchy of C++ virtual tables for garbage collection: no effect on bytes.
  row(250, 'GNU_VTINHERIT', 'none', 'none', 'none'),
  row(251, 'GNU_VTENTRY', 'none', 'none', 'none'),
]
