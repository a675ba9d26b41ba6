import type { Report } from '../diag/report.ts'
import type { Layout } from '../engine/records/placement.ts'
import { encodeBinary } from './binary.ts'

/** The bytes of the output file: the ELF image itself, or another format made from it. Undefined after an error. */
export function encodeOutput(
  image: Uint8Array,
  layout: Layout,
  format: 'elf' | 'binary',
  report: Report,
): Uint8Array | undefined {
  return format === 'elf' ? image : encodeBinary(image, layout, report)
}
