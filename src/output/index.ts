import { unknownFormat } from '../diag/catalogue/output.ts'
import { inScript } from '../diag/diagnostic.ts'
import type { Report } from '../diag/report.ts'
import type { Layout } from '../engine/records/placement.ts'
import type { LinkRequest } from '../engine/records/request.ts'
import type { LayoutPlan } from '../plan/plan.ts'
import { encodeBinary } from './binary.ts'

/** The bytes of the output file: the ELF image itself, or another format made from it. Undefined after an error. */
export function encodeOutput(
  image: Uint8Array,
  layout: Layout,
  plan: LayoutPlan,
  request: LinkRequest,
  report: Report,
): Uint8Array | undefined {
  const format = request.outputFormat ?? plan.target.format?.name
  if (format === undefined || format.startsWith('elf') || format === 'default') return image
  if (format === 'binary') return encodeBinary(image, layout, report)
  const span = plan.target.format?.span
  report.add(unknownFormat({ format }), request.outputFormat === undefined && span ? inScript(span) : undefined)
  return undefined
}
