/** `--print-memory-usage`: one line per MEMORY region (GNU ld manual, same columns). */
import type { Layout } from '../engine/records/placement.ts'

export function memoryUse(layout: Layout): string[] {
  const lines = ['Memory region         Used Size  Region Size  %age Used']
  for (const region of layout.regions) {
    const share =
      region.length === 0n ? '' : `${((Number(region.used) / Number(region.length)) * 100).toFixed(2)}%`.padStart(11)
    lines.push(`${region.name.padStart(16)}:  ${sizeText(region.used)} ${sizeText(region.length)}${share}`)
  }
  return lines
}

/** A size right-aligned in GNU ld's columns: a unit is used when the size is a whole number of it. */
function sizeText(size: bigint): string {
  if (size !== 0n && size % (1n << 30n) === 0n) return `${String(size >> 30n).padStart(9)} GB`
  if (size !== 0n && size % (1n << 20n) === 0n) return `${String(size >> 20n).padStart(9)} MB`
  if (size !== 0n && size % 1024n === 0n) return `${String(size >> 10n).padStart(9)} KB`
  return `${String(size).padStart(10)} B`
}
