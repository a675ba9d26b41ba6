/** Code that branches go through to what is more than 128 MiB away, with GNU ld's instructions. It may change x16 and x17. */

import type { VeneerShape } from '../../code-changes.ts'
import { TargetFact } from '../../target.ts'
import * as r from './relocations.ts'

const Kind = {
  None: 0,
  /** adrp x16, target; add x16, x16, target; br x16: 4 GiB */
  Page: 1,
  /** ldr x16, distance; adr x17, .; add x16, x16, x17; br x16; distance of 64 bits from the adr */
  Long: 2,
} as const

const branchReach = 0x800_0000
const pageReach = 0x1_0000_0000

const straight = new Uint8Array(r.R_AARCH64_CALL26 + 1)
straight[r.R_AARCH64_CALL26] = 1
straight[r.R_AARCH64_JUMP26] = 1

function pageDistance(place: number, destination: number): number {
  return Math.floor(destination / 4096) - Math.floor(place / 4096)
}

export const veneers: VeneerShape = {
  groupBytes: 127 * 1024 * 1024,
  align: 8,
  changesMode: false,
  bias: new Uint8Array(straight.length),
  straight,
  size: Uint8Array.of(0, 12, 24),
  entryBits: Uint8Array.of(0, 0, 0),
  choose(_type, place, destination, facts) {
    if ((facts & TargetFact.UndefinedWeak) !== 0) return Kind.None
    const distance = destination - place
    if (distance >= -branchReach && distance < branchReach) return Kind.None
    // The veneer stands elsewhere than the branch: what is just within reach is not taken to be.
    return Math.abs(distance) < pageReach - 2 * branchReach ? Kind.Page : Kind.Long
  },
  write(kind, out, at, place, destination) {
    const view = new DataView(out.buffer, out.byteOffset, out.byteLength)
    if (kind === Kind.Long) {
      view.setUint32(at, 0x5800_0090, true)
      view.setUint32(at + 4, 0x1000_0011, true)
      view.setUint32(at + 8, 0x8b11_0210, true)
      view.setUint32(at + 12, 0xd61f_0200, true)
      const distance = destination - (place + 4)
      view.setInt32(at + 16, distance | 0, true)
      view.setInt32(at + 20, Math.floor(distance / 0x1_0000_0000), true)
      return true
    }
    const pages = pageDistance(place, destination)
    if (pages < -0x10_0000 || pages > 0xf_ffff) return false
    view.setUint32(at, (0x9000_0010 | ((pages & 3) << 29) | (((pages >> 2) & 0x7_ffff) << 5)) >>> 0, true)
    view.setUint32(at + 4, (0x9100_0210 | ((destination & 0xfff) << 10)) >>> 0, true)
    view.setUint32(at + 8, 0xd61f_0200, true)
    return true
  },
}
