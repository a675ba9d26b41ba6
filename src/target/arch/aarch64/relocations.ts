/** Relocations of "ELF for the Arm 64-bit Architecture" (AAELF64) for ELFCLASS64, with the ranges that GNU ld 2.44 checks. */
import type { Field, Formula, RangeCheck, RelocationKind } from '../../target.ts'
import { Codec } from './fields.ts'

export const R_AARCH64_NONE = 0
export const R_AARCH64_ABS64 = 257
export const R_AARCH64_CONDBR19 = 280
export const R_AARCH64_TSTBR14 = 279
export const R_AARCH64_JUMP26 = 282
export const R_AARCH64_CALL26 = 283
export const R_AARCH64_PLT32 = 314
export const R_AARCH64_TLSGD_ADR_PREL21 = 512
export const R_AARCH64_TLSGD_ADR_PAGE21 = 513
export const R_AARCH64_TLSGD_ADD_LO12_NC = 514
export const R_AARCH64_TLSGD_MOVW_G1 = 515
export const R_AARCH64_TLSGD_MOVW_G0_NC = 516
export const R_AARCH64_TLSLD_ADR_PREL21 = 517
export const R_AARCH64_TLSLD_ADR_PAGE21 = 518
export const R_AARCH64_TLSLD_ADD_LO12_NC = 519
export const R_AARCH64_TLSIE_ADR_GOTTPREL_PAGE21 = 541
export const R_AARCH64_TLSIE_LD64_GOTTPREL_LO12_NC = 542
export const R_AARCH64_TLSIE_LD_GOTTPREL_PREL19 = 543
export const R_AARCH64_TLSDESC_LD_PREL19 = 560
export const R_AARCH64_TLSDESC_ADR_PREL21 = 561
export const R_AARCH64_TLSDESC_ADR_PAGE21 = 562
export const R_AARCH64_TLSDESC_LD64_LO12 = 563
export const R_AARCH64_TLSDESC_ADD_LO12 = 564
export const R_AARCH64_TLSDESC_OFF_G1 = 565
export const R_AARCH64_TLSDESC_OFF_G0_NC = 566
export const R_AARCH64_TLSDESC_LDR = 567
export const R_AARCH64_TLSDESC_ADD = 568
export const R_AARCH64_TLSDESC_CALL = 569
export const R_AARCH64_COPY = 1024
export const R_AARCH64_GLOB_DAT = 1025
export const R_AARCH64_JUMP_SLOT = 1026
export const R_AARCH64_RELATIVE = 1027
export const R_AARCH64_TLS_DTPMOD = 1028
export const R_AARCH64_TLS_DTPREL = 1029
export const R_AARCH64_TLS_TPREL = 1030
export const R_AARCH64_TLSDESC = 1031
export const R_AARCH64_IRELATIVE = 1032

/** A plain word. */
function word(type: number, name: string, formula: Formula, field: Field, check: RangeCheck): RelocationKind {
  return { type, name: `R_AARCH64_${name}`, formula, field, check }
}

/** A field of an instruction; the codec checks its range. */
function field(type: number, name: string, formula: Formula, codec: number): RelocationKind {
  return { type, name: `R_AARCH64_${name}`, formula, field: { codec, bytes: 4 }, check: 'none' }
}

/** Distance in pages. */
function page(type: number, name: string, formula: Formula, codec: number = Codec.Page21): RelocationKind {
  return { ...field(type, name, formula, codec), page: 4096 }
}

/** The low bits of an address, which stay what they are wherever the output is loaded. */
function low(type: number, name: string, formula: Formula, codec: number): RelocationKind {
  return { ...field(type, name, formula, codec), keepsAnywhere: true }
}

/** The instruction may be rewritten; see relax.ts. */
function relaxed(row: RelocationKind): RelocationKind {
  return { ...row, relax: true }
}

const c = Codec

export const relocations: readonly RelocationKind[] = [
  word(R_AARCH64_NONE, 'NONE', 'none', 'none', 'none'),
  // withdrawn number of the same
  word(256, 'NONE', 'none', 'none', 'none'),
  word(R_AARCH64_ABS64, 'ABS64', 'S+A', 'word64', 'none'),
  word(258, 'ABS32', 'S+A', 'word32', 'unsigned'),
  word(259, 'ABS16', 'S+A', 'word16', 'unsigned'),
  word(260, 'PREL64', 'S+A-P', 'word64', 'none'),
  word(261, 'PREL32', 'S+A-P', 'word32', 'signed'),
  word(262, 'PREL16', 'S+A-P', 'word16', 'signed'),
  field(263, 'MOVW_UABS_G0', 'S+A', c.MoveG0),
  field(264, 'MOVW_UABS_G0_NC', 'S+A', c.MoveG0Part),
  field(265, 'MOVW_UABS_G1', 'S+A', c.MoveG1),
  field(266, 'MOVW_UABS_G1_NC', 'S+A', c.MoveG1Part),
  field(267, 'MOVW_UABS_G2', 'S+A', c.MoveG2),
  field(268, 'MOVW_UABS_G2_NC', 'S+A', c.MoveG2Part),
  field(269, 'MOVW_UABS_G3', 'S+A', c.MoveG3),
  field(270, 'MOVW_SABS_G0', 'S+A', c.MoveSignedG0),
  field(271, 'MOVW_SABS_G1', 'S+A', c.MoveSignedG1),
  field(272, 'MOVW_SABS_G2', 'S+A', c.MoveSignedG2),
  field(273, 'LD_PREL_LO19', 'S+A-P', c.Word19),
  field(274, 'ADR_PREL_LO21', 'S+A-P', c.Address21),
  page(275, 'ADR_PREL_PG_HI21', 'S+A-P'),
  page(276, 'ADR_PREL_PG_HI21_NC', 'S+A-P', c.Page21Part),
  low(277, 'ADD_ABS_LO12_NC', 'S+A', c.AddLowPart),
  low(278, 'LDST8_ABS_LO12_NC', 'S+A', c.Load8Part),
  relaxed(field(R_AARCH64_TSTBR14, 'TSTBR14', 'L+A-P', c.Word14)),
  relaxed(field(R_AARCH64_CONDBR19, 'CONDBR19', 'L+A-P', c.Word19)),
  relaxed(field(R_AARCH64_JUMP26, 'JUMP26', 'L+A-P', c.Word26)),
  relaxed(field(R_AARCH64_CALL26, 'CALL26', 'L+A-P', c.Word26)),
  low(284, 'LDST16_ABS_LO12_NC', 'S+A', c.Load16Part),
  low(285, 'LDST32_ABS_LO12_NC', 'S+A', c.Load32Part),
  low(286, 'LDST64_ABS_LO12_NC', 'S+A', c.Load64Part),
  field(287, 'MOVW_PREL_G0', 'S+A-P', c.MoveSignedG0),
  field(288, 'MOVW_PREL_G0_NC', 'S+A-P', c.MoveG0Part),
  field(289, 'MOVW_PREL_G1', 'S+A-P', c.MoveSignedG1),
  field(290, 'MOVW_PREL_G1_NC', 'S+A-P', c.MoveG1Part),
  field(291, 'MOVW_PREL_G2', 'S+A-P', c.MoveSignedG2),
  field(292, 'MOVW_PREL_G2_NC', 'S+A-P', c.MoveG2Part),
  field(293, 'MOVW_PREL_G3', 'S+A-P', c.MoveSignedG3),
  low(299, 'LDST128_ABS_LO12_NC', 'S+A', c.Load128Part),
  field(300, 'MOVW_GOTOFF_G0', 'G+A', c.MoveG0),
  field(301, 'MOVW_GOTOFF_G0_NC', 'G+A', c.MoveG0Part),
  field(302, 'MOVW_GOTOFF_G1', 'G+A', c.MoveG1),
  field(303, 'MOVW_GOTOFF_G1_NC', 'G+A', c.MoveG1Part),
  field(304, 'MOVW_GOTOFF_G2', 'G+A', c.MoveG2),
  field(305, 'MOVW_GOTOFF_G2_NC', 'G+A', c.MoveG2Part),
  field(306, 'MOVW_GOTOFF_G3', 'G+A', c.MoveG3),
  word(307, 'GOTREL64', 'S+A-GOT', 'word64', 'none'),
  word(308, 'GOTREL32', 'S+A-GOT', 'word32', 'signed'),
  field(309, 'GOT_LD_PREL19', 'GOT+G+A-P', c.Word19),
  field(310, 'LD64_GOTOFF_LO15', 'G+A', c.Load64From32K),
  page(311, 'ADR_GOT_PAGE', 'GOT+G+A-P'),
  low(312, 'LD64_GOT_LO12_NC', 'GOT+G+A', c.Load64Part),
  page(313, 'LD64_GOTPAGE_LO15', 'G+A', c.Load64From32K),
  word(R_AARCH64_PLT32, 'PLT32', 'L+A-P', 'word32', 'signed'),
  word(315, 'GOTPCREL32', 'GOT+G+A-P', 'word32', 'signed'),
  relaxed(field(R_AARCH64_TLSGD_ADR_PREL21, 'TLSGD_ADR_PREL21', 'GOT+tls-gd+A-P', c.Address21)),
  relaxed(page(R_AARCH64_TLSGD_ADR_PAGE21, 'TLSGD_ADR_PAGE21', 'GOT+tls-gd+A-P')),
  relaxed(low(R_AARCH64_TLSGD_ADD_LO12_NC, 'TLSGD_ADD_LO12_NC', 'GOT+tls-gd+A', c.AddLowPart)),
  relaxed(field(R_AARCH64_TLSGD_MOVW_G1, 'TLSGD_MOVW_G1', 'tls-gd+A', c.MoveSignedG1)),
  relaxed(field(R_AARCH64_TLSGD_MOVW_G0_NC, 'TLSGD_MOVW_G0_NC', 'tls-gd+A', c.MoveG0Part)),
  relaxed(field(R_AARCH64_TLSLD_ADR_PREL21, 'TLSLD_ADR_PREL21', 'GOT+tls-ld+A-P', c.Address21)),
  relaxed(page(R_AARCH64_TLSLD_ADR_PAGE21, 'TLSLD_ADR_PAGE21', 'GOT+tls-ld+A-P')),
  relaxed(low(R_AARCH64_TLSLD_ADD_LO12_NC, 'TLSLD_ADD_LO12_NC', 'GOT+tls-ld+A', c.AddLowPart)),
  field(520, 'TLSLD_MOVW_G1', 'tls-ld+A', c.MoveSignedG1),
  field(521, 'TLSLD_MOVW_G0_NC', 'tls-ld+A', c.MoveG0Part),
  field(522, 'TLSLD_LD_PREL19', 'GOT+tls-ld+A-P', c.Word19),
  ...blockOffsets('S+A-DTP', 'DTPREL', 'TLSLD', 523, 528, 572),
  field(539, 'TLSIE_MOVW_GOTTPREL_G1', 'tls-ie+A', c.MoveSignedG1),
  field(540, 'TLSIE_MOVW_GOTTPREL_G0_NC', 'tls-ie+A', c.MoveG0Part),
  relaxed(page(R_AARCH64_TLSIE_ADR_GOTTPREL_PAGE21, 'TLSIE_ADR_GOTTPREL_PAGE21', 'GOT+tls-ie+A-P')),
  relaxed(low(R_AARCH64_TLSIE_LD64_GOTTPREL_LO12_NC, 'TLSIE_LD64_GOTTPREL_LO12_NC', 'GOT+tls-ie+A', c.Load64Part)),
  field(R_AARCH64_TLSIE_LD_GOTTPREL_PREL19, 'TLSIE_LD_GOTTPREL_PREL19', 'GOT+tls-ie+A-P', c.Word19),
  ...blockOffsets('S+A-TP', 'TPREL', 'TLSLE', 544, 549, 570),
  relaxed(field(R_AARCH64_TLSDESC_LD_PREL19, 'TLSDESC_LD_PREL19', 'GOT+tls-desc+A-P', c.Word19)),
  relaxed(field(R_AARCH64_TLSDESC_ADR_PREL21, 'TLSDESC_ADR_PREL21', 'GOT+tls-desc+A-P', c.Address21)),
  relaxed(page(R_AARCH64_TLSDESC_ADR_PAGE21, 'TLSDESC_ADR_PAGE21', 'GOT+tls-desc+A-P')),
  relaxed(low(R_AARCH64_TLSDESC_LD64_LO12, 'TLSDESC_LD64_LO12', 'GOT+tls-desc+A', c.Load64Part)),
  relaxed(low(R_AARCH64_TLSDESC_ADD_LO12, 'TLSDESC_ADD_LO12', 'GOT+tls-desc+A', c.AddLowPart)),
  relaxed(field(R_AARCH64_TLSDESC_OFF_G1, 'TLSDESC_OFF_G1', 'tls-desc+A', c.MoveSignedG1)),
  relaxed(field(R_AARCH64_TLSDESC_OFF_G0_NC, 'TLSDESC_OFF_G0_NC', 'tls-desc+A', c.MoveG0Part)),
  relaxed(word(R_AARCH64_TLSDESC_LDR, 'TLSDESC_LDR', 'mark', 'none', 'none')),
  relaxed(word(R_AARCH64_TLSDESC_ADD, 'TLSDESC_ADD', 'mark', 'none', 'none')),
  relaxed(word(R_AARCH64_TLSDESC_CALL, 'TLSDESC_CALL', 'mark', 'none', 'none')),
  word(R_AARCH64_COPY, 'COPY', 'loader', 'none', 'none'),
  word(R_AARCH64_GLOB_DAT, 'GLOB_DAT', 'loader', 'word64', 'none'),
  word(R_AARCH64_JUMP_SLOT, 'JUMP_SLOT', 'loader', 'word64', 'none'),
  word(R_AARCH64_RELATIVE, 'RELATIVE', 'loader', 'word64', 'none'),
  word(R_AARCH64_TLS_DTPMOD, 'TLS_DTPMOD', 'loader', 'word64', 'none'),
  // Debug information gives the place of thread-local variables with this one.
  word(R_AARCH64_TLS_DTPREL, 'TLS_DTPREL', 'S+A-DTP', 'word64', 'none'),
  word(R_AARCH64_TLS_TPREL, 'TLS_TPREL', 'loader', 'word64', 'none'),
  word(R_AARCH64_TLSDESC, 'TLSDESC', 'loader', 'word64', 'none'),
  word(R_AARCH64_IRELATIVE, 'IRELATIVE', 'loader', 'word64', 'none'),
]

/**
 * Offsets in a thread-local block: the same rows from the thread pointer (TLSLE) and from the module's block (TLSLD).
 * @param moves, adds, widest first type numbers of the moves, the adds and loads, the loads of 128 bits
 */
function blockOffsets(
  formula: Formula,
  base: string,
  model: string,
  moves: number,
  adds: number,
  widest: number,
): RelocationKind[] {
  const rows = [
    field(moves, `${model}_MOVW_${base}_G2`, formula, c.MoveSignedG2),
    field(moves + 1, `${model}_MOVW_${base}_G1`, formula, c.MoveSignedG1),
    field(moves + 2, `${model}_MOVW_${base}_G1_NC`, formula, c.MoveG1Part),
    field(moves + 3, `${model}_MOVW_${base}_G0`, formula, c.MoveSignedG0),
    field(moves + 4, `${model}_MOVW_${base}_G0_NC`, formula, c.MoveG0Part),
    field(adds, `${model}_ADD_${base}_HI12`, formula, c.AddHigh),
    field(adds + 1, `${model}_ADD_${base}_LO12`, formula, c.AddLow),
    field(adds + 2, `${model}_ADD_${base}_LO12_NC`, formula, c.AddLowPart),
  ]
  ;[8, 16, 32, 64].forEach((bits, log) => {
    const type = adds + 3 + 2 * log
    rows.push(field(type, `${model}_LDST${bits}_${base}_LO12`, formula, c.Load8 + log))
    rows.push(field(type + 1, `${model}_LDST${bits}_${base}_LO12_NC`, formula, c.Load8Part + log))
  })
  rows.push(field(widest, `${model}_LDST128_${base}_LO12`, formula, c.Load128))
  rows.push(field(widest + 1, `${model}_LDST128_${base}_LO12_NC`, formula, c.Load128Part))
  return rows
}
