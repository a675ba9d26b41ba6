/** Where statements of SECTIONS level go. */
import type { SegmentPlan, Statement } from '../plan/plan.ts'
import type { Draft } from './compilation.ts'

export interface SectionsPlace {
  readonly sink: Statement[]
  /** names of the @segment blocks around, outermost first; their sections belong to all of them */
  readonly segments?: readonly string[]
  /** the innermost of them */
  readonly segment?: Draft<SegmentPlan>
}
