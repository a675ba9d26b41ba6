/**
 * The raw binary format: memory as it is loaded, from the lowest to the highest load address, without any header.
 */

import { binaryTooLarge } from '../diag/catalogue/output.ts'
import type { Report } from '../diag/report.ts'
import { SHF_ALLOC, SHT_NOBITS } from '../elf/constants.ts'
import type { Layout } from '../engine/records/placement.ts'

const largest = 1n << 32n

export function encodeBinary(image: Uint8Array, layout: Layout, report: Report): Uint8Array | undefined {
  const loaded = layout.outputs.filter(
    each => (each.flags & SHF_ALLOC) !== 0 && each.type !== SHT_NOBITS && each.size > 0,
  )
  if (loaded.length === 0) return new Uint8Array(0)
  let low = loaded[0]!.loadAddress
  let high = 0n
  for (const section of loaded) {
    if (section.loadAddress < low) low = section.loadAddress
    const end = section.loadAddress + BigInt(section.size)
    if (end > high) high = end
  }
  if (high - low > largest) {
    report.add(
      binaryTooLarge({ bytes: (high - low).toString(), low: `0x${low.toString(16)}`, high: `0x${high.toString(16)}` }),
    )
    return undefined
  }
  const out = new Uint8Array(Number(high - low))
  for (const section of loaded)
    out.set(image.subarray(section.fileOffset, section.fileOffset + section.size), Number(section.loadAddress - low))
  return out
}
