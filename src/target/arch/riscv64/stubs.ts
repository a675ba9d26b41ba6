/** Stubs for functions of other objects and for indirect functions (RISC-V ELF psABI, "Procedure Linkage Table"). */
import type { PltShape, StubShape } from '../../target.ts'

/** Writes `bits` little-endian. */
function word(out: Uint8Array, at: number, bits: number): void {
  out[at] = bits & 0xff
  out[at + 1] = (bits >> 8) & 0xff
  out[at + 2] = (bits >> 16) & 0xff
  out[at + 3] = (bits >> 24) & 0xff
}

/** Upper 20 bits of a distance, rounded for the signed lower 12 bits. */
function upper(distance: number): number {
  return ((distance + 0x800) | 0) & 0xffff_f000
}

function lower(distance: number): number {
  return (distance & 0xfff) << 20
}

function reaches(distance: number, bits: 32 | 64): boolean {
  return bits === 32 || (distance >= -0x8000_0800 && distance < 0x7fff_f800)
}

const entrySize = 16
const headerSize = 32

/** auipc t3, hi; ld t3, lo(t3); jalr t1, t3; nop */
function jumpThrough(bits: 32 | 64, out: Uint8Array, at: number, place: number, slot: number): boolean {
  const distance = slot - place
  word(out, at, 0x0000_0e17 | upper(distance))
  word(out, at + 4, (bits === 64 ? 0x000e_3e03 : 0x000e_2e03) | lower(distance))
  word(out, at + 8, 0x000e_0367)
  word(out, at + 12, 0x0000_0013)
  return reaches(distance, bits)
}

export function stubsFor(bits: 32 | 64): StubShape {
  return {
    indirectSize: entrySize,
    indirectResume: 0,
    indirectAlign: 16,
    writeIndirect: (out, at, place, slot) => jumpThrough(bits, out, at, place, slot),
  }
}

export function pltFor(bits: 32 | 64): PltShape {
  const load = bits === 64 ? 0x3000 : 0x2000
  const bytes = bits / 8
  return {
    headerSize,
    entrySize,
    align: 16,
    directSize: entrySize,
    resume: 0,
    resumesInHeader: true,
    lazyOnly: true,
    writeHeader(out, at, place, gotPlt) {
      const distance = gotPlt - place
      word(out, at, 0x0000_0397 | upper(distance)) // auipc t2, hi(.got.plt)
      word(out, at + 4, 0x41c3_0333) // sub t1, t1, t3
      word(out, at + 8, 0x0003_8e03 | load | lower(distance)) // ld t3, lo(t2): the resolver
      word(out, at + 12, 0x0003_0313 | lower(-(headerSize + 12))) // addi t1, t1, -44
      word(out, at + 16, 0x0003_8293 | lower(distance)) // addi t0, t2, lo
      word(out, at + 20, 0x0003_5313 | ((bits === 64 ? 1 : 2) << 20)) // srli t1, t1, 1
      word(out, at + 24, 0x0002_8283 | load | (bytes << 20)) // ld t0, 8(t0): link map
      word(out, at + 28, 0x000e_0067) // jr t3
      return reaches(distance, bits)
    },
    writeEntry: (out, at, place, slot) => jumpThrough(bits, out, at, place, slot),
    writeDirect: (out, at, place, slot) => jumpThrough(bits, out, at, place, slot),
  }
}
