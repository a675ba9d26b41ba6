/** Where statements go: the open lists of a plan on the way, one kind for each level that holds statements. */
import type { SectionBodyStatement, Statement as Syntax } from '../../grammar/ast.ts'
import type { OutputSectionExtra, SectionItem, SectionPattern, SegmentPlan, Statement } from '../plan/plan.ts'
import type { Scope } from './scope.ts'

/** T with its members assignable. */
export type Draft<T> = { -readonly [K in keyof T]: T[K] }

/** Between output sections. */
export interface SectionsPlace {
  readonly sink: Statement[]
  /** names of the @segment blocks around, outermost first; their sections belong to all of them */
  readonly segments?: readonly string[]
  /** the innermost of them */
  readonly segment?: Draft<SegmentPlan>
  /** in a block of @sort */
  readonly isSorted?: boolean
}

/** Inside an output section. */
export interface BodyDraft {
  /** name of the output section */
  readonly name: string
  readonly items: SectionItem[]
  readonly extra: Draft<OutputSectionExtra>
  /** of the @sort around */
  readonly order?: SectionPattern['order']
}

/** Lowering of blocks, for `@` statements that hold one. */
export interface Levels {
  sections(statements: readonly Syntax[], place: SectionsPlace, scope: Scope): void
  body(statements: readonly SectionBodyStatement[], body: BodyDraft, scope: Scope): void
}
