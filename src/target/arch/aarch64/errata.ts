/**
 * Sequences that Cortex-A53 carries out wrongly ("ARM Processor Cortex-A53 MPCore, Software Developers Errata Notice"):
 * 843419, an address from adrp at the end of a page; 835769, a multiplication behind an access to memory.
 */
import type { ErratumShape } from '../../code-changes.ts'

function word(code: DataView, at: number): number {
  return code.getUint32(at, true)
}

/** adrp; bits 0 .. 4 are its register */
function isPageAddress(code: number): boolean {
  return (code & 0x9f00_0000) >>> 0 === 0x9000_0000
}

/** Load or store with an unsigned offset from register `base`. */
function isAccessFrom(code: number, base: number): boolean {
  return (code & 0x3b00_0000) === 0x3900_0000 && ((code >>> 5) & 31) === base
}

/** What an access to memory does; 0: it is none. Bits. */
const Access = { Any: 1, Load: 2, Pair: 4 } as const

function accessOf(code: number): number {
  if ((code & 0x0a00_0000) !== 0x0800_0000) return 0
  const load = (code & 0x40_0000) === 0 ? 0 : Access.Load
  if ((code & 0x3f00_0000) === 0x0800_0000) {
    // exclusive; bit 21: a pair
    return Access.Any | load | ((code & 0x20_0000) === 0 ? 0 : Access.Pair)
  }
  if ((code & 0x3a00_0000) === 0x2800_0000) return Access.Any | load | Access.Pair
  if ((code & 0x3b00_0000) === 0x1800_0000) return Access.Any | Access.Load // literal
  const isUnsigned = (code & 0x3b00_0000) === 0x3900_0000
  const isIndexed = (code & 0x3b20_0000) === 0x3800_0000 || (code & 0x3b20_0c00) === 0x3820_0800
  if (isUnsigned || isIndexed) {
    const kind = ((code >>> 22) & 3) | ((code >>> 24) & 4)
    return Access.Any | (kind === 0 || kind === 4 || kind === 6 ? 0 : Access.Load)
  }
  // structures of vector registers
  const isMultiple = (code & 0xbfbf_0000) >>> 0 === 0x0c00_0000 || (code & 0xbfa0_0000) >>> 0 === 0x0c80_0000
  const isSingle = (code & 0xbf9f_0000) >>> 0 === 0x0d00_0000 || (code & 0xbf80_0000) >>> 0 === 0x0d80_0000
  return isMultiple || isSingle ? Access.Any | load : 0
}

/** Multiplication of 64 bits that adds: madd, msub, smaddl, smsubl, umaddl, umsubl; not mul, which adds nothing. */
function isMultiplyAdd(code: number): boolean {
  if ((code & 0xff00_0000) >>> 0 !== 0x9b00_0000 || ((code >>> 10) & 31) === 31) return false
  const kind = (code >>> 21) & 7
  return kind === 0 || kind === 1 || kind === 5
}

/** `b` from one address to another; 0: out of reach. */
function branch(from: number, to: number): number {
  const distance = to - from
  if (distance < -0x800_0000 || distance >= 0x800_0000) return 0
  return (0x1400_0000 | ((distance >> 2) & 0x3ff_ffff)) >>> 0
}

/** The instruction goes into a veneer of 8 bytes, which comes back behind its place. */
function move(code: DataView, at: number, place: number, veneerAt: number, veneer: number): boolean {
  const there = branch(place, veneer)
  const back = branch(veneer + 4, place + 4)
  if (there === 0 || back === 0) return false
  code.setUint32(veneerAt, word(code, at), true)
  code.setUint32(veneerAt + 4, back, true)
  code.setUint32(at, there, true)
  return true
}

/** adrp in one of the last two words of a page, an access to memory, up to one more instruction, an access through adrp's register. */
const pageEnd: ErratumShape = {
  name: 'cortex-a53-843419',
  pageOffsets: [0xff8, 0xffc],
  veneerBytes: 8,
  find(code, at, end) {
    if (at + 12 > end) return 0
    const first = word(code, at)
    if (!isPageAddress(first)) return 0
    const access = accessOf(word(code, at + 4))
    if (access === 0 || (access & (Access.Load | Access.Pair)) === (Access.Load | Access.Pair)) return 0
    if (isAccessFrom(word(code, at + 8), first & 31)) return 8
    return at + 16 <= end && isAccessFrom(word(code, at + 12), first & 31) ? 12 : 0
  },
  /** adr makes the same number where the page is near. */
  mend(code, at, place) {
    const instruction = word(code, at)
    const pages = (((instruction << 8) >> 13) << 2) | ((instruction >>> 29) & 3)
    const distance = Math.floor(place / 4096) * 4096 + pages * 4096 - place
    if (distance < -0x10_0000 || distance > 0xf_ffff) return false
    const bits = ((distance & 3) << 29) | (((distance >> 2) & 0x7_ffff) << 5)
    code.setUint32(at, (0x1000_0000 | bits | (instruction & 31)) >>> 0, true)
    return true
  },
  move,
}

/** An access to memory, then a multiplication that does not wait for what was loaded. */
const multiplyAdd: ErratumShape = {
  name: 'cortex-a53-835769',
  veneerBytes: 8,
  find(code, at, end) {
    if (at + 8 > end) return 0
    const second = word(code, at + 4)
    if (!isMultiplyAdd(second)) return 0
    const first = word(code, at)
    const access = accessOf(first)
    if (access === 0) return 0
    const isVector = (first & 0x400_0000) !== 0
    if (isVector || (access & Access.Load) === 0) return 4
    const waits = (register: number): boolean =>
      register === ((second >>> 5) & 31) || register === ((second >>> 10) & 31) || register === ((second >>> 16) & 31)
    if (waits(first & 31)) return 0
    return (access & Access.Pair) !== 0 && waits((first >>> 10) & 31) ? 0 : 4
  },
  mend: () => false,
  move,
}

export const errata: readonly ErratumShape[] = [pageEnd, multiplyAdd]
