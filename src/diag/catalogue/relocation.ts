/** Relocations: values that do not fit, references that lead nowhere, forms that are not carried out. Codes R5xxx. */
import { entry } from './entry.ts'

export const overflow = entry(
  'R5001',
  'error',
  (f: { type: string; symbol: string; value: string; limit: string }) =>
    `relocation truncated to fit: ${f.type} against ${f.symbol}: the value ${f.value} is outside of ${f.limit}`,
  `The instruction or datum has too few bits for the address or distance that belongs there. Usual reasons: code and data
lie more than 2 GiB apart (place them nearer, or compile with -mcmodel=medium or large), position-dependent code is linked
at an address above 2 GiB (compile with -fPIC or -fPIE, or with -mcmodel=kernel for the top 2 GiB), or an absolute symbol
of a script is far away.`,
)

export const unknownType = entry(
  'R5002',
  'error',
  (f: { type: number; arch: string }) =>
    `relocation type ${f.type} (0x${f.type.toString(16)}) is not known for ${f.arch}`,
  'The object was made for another architecture, by a newer assembler, or it is damaged. readelf -r shows its relocations.',
)

export const loaderOnly = entry(
  'R5003',
  'error',
  (f: { type: string }) => `${f.type} is for the dynamic loader and cannot stand in an object file`,
  'Such relocations are made by a linker. The input is probably an executable or shared object and not a relocatable object.',
)

export const badSymbolIndex = entry(
  'R5004',
  'error',
  (f: { index: number; count: number }) =>
    `relocation refers to symbol ${f.index}, but the file has only ${f.count} symbols`,
  'The relocation table is damaged: it names a symbol behind the end of the symbol table. Build the object again.',
)

export const badOffset = entry(
  'R5005',
  'error',
  (f: { offset: string; size: string; type: string }) =>
    `${f.type} at offset ${f.offset} does not lie in the section, which has ${f.size} bytes`,
  'The relocation table is damaged, or it belongs to another section.',
)

export const discardedTarget = entry(
  'R5006',
  'error',
  (f: { symbol: string; section: string; file: string }) =>
    `${f.symbol} is defined in discarded section \`${f.section}' of ${f.file}`,
  `Code or data that stays refers to a section that is not in the output: the script has it in /DISCARD/, or it is the copy of
a COMDAT group (an inline function, a template) of which another file's copy was kept. Remove the section from /DISCARD/,
or compile all files with the same compiler options so that their groups agree.`,
)

export const damagedEhFrame = entry(
  'R5007',
  'warning',
  (_: object) => '.eh_frame cannot be read: it is copied unchanged, and no .eh_frame_hdr table will be made',
  `The call frame information is cut off or uses forms that the linker cannot edit. Entries of removed functions stay in it.`,
)

export const cannotRelax = entry(
  'R5008',
  'error',
  (f: { type: string; symbol: string }) =>
    `${f.type} against ${f.symbol}: the instruction is not one that the ABI allows with this relocation`,
  `Thread-local accesses in an executable are rewritten to offsets from the thread pointer, which needs the exact instruction
sequence of the ABI. Hand-written assembly has to keep to it.`,
)

export const noThreadStorage = entry(
  'R5009',
  'error',
  (f: { type: string; symbol: string }) => `${f.type} against ${f.symbol}: the output has no thread-local section`,
  'The symbol is used as thread-local, but nothing thread-local is in the output. Is it defined with __thread in one file only?',
)

export const notThreadLocal = entry(
  'R5010',
  'error',
  (f: { type: string; symbol: string }) => `${f.type} against ${f.symbol}, which is not thread-local`,
  'One file declares the symbol with __thread (thread_local), the file that defines it does not.',
)

export const notSupportedYet = entry(
  'R5011',
  'error',
  (f: { what: string }) => `not supported yet: ${f.what}`,
  'The construct is understood but tsld does not carry it out yet.',
)

export const stubOutOfReach = entry(
  'R5012',
  'error',
  (f: { stub: string }) => `${f.stub} cannot reach its GOT slot: they lie more than 2 GiB apart`,
  'Place .iplt (.plt) and .got.plt within 2 GiB of each other in the script.',
)

export const gotOutOfOutput = entry(
  'R5013',
  'error',
  (f: { section: string }) => `the linker-made section ${f.section} is needed, but the script discards it`,
  'Relocations of the inputs need this section. Do not claim it in /DISCARD/.',
)

export const alignmentNeedsBytes = entry(
  'R5015',
  'error',
  (f: { needed: number; present: number }) =>
    `an alignment needs ${f.needed} bytes at this address, but the assembler put in only ${f.present}`,
  `The section lies at an address that is aligned less than the section asks for, so that bytes are missing and not too
many. Align it in the script as the inputs ask for: SUBALIGN and fixed addresses take that away.`,
)

export const pairWithoutStart = entry(
  'R5017',
  'error',
  (f: { type: string }) =>
    `${f.type}: its symbol is no label of an instruction in the same section that holds the upper half of the address`,
  `The lower half of an address relative to the program counter names the label of the instruction with the upper half:
1: auipc a0, %pcrel_hi(symbol), then addi a0, a0, %pcrel_lo(1b), in one section.`,
)

export const misplacedAddendSection = entry(
  'R5014',
  'warning',
  (f: { section: string; offset: string }) => `access beyond end of merged section ${f.section} (${f.offset})`,
  'A reference points behind the end of a section of strings or constants; after merging there is other data.',
)
