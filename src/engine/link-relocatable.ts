import { notSupported } from '../diag/catalogue/output.ts'
import type { Report } from '../diag/report.ts'
import type { Live, Matches } from './records/placement.ts'
import type { Program } from './records/program.ts'
import type { LinkRequest } from './records/request.ts'

/** `-r`: not carried out yet; says so. */
export function linkRelocatable(
  _program: Program,
  _matches: Matches,
  _live: Live,
  _request: LinkRequest,
  report: Report,
): Uint8Array | undefined {
  report.add(notSupported({ what: '-r (relocatable output)' }))
  return undefined
}
