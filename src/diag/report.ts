import type { TextEdit } from '../../grammar/span.ts'
import type { Wording } from './catalogue/entry.ts'
import type { Diagnostic, Note, Place, Severity } from './diagnostic.ts'
import { nowhere } from './diagnostic.ts'

export interface ReportOptions {
  /** errors kept in full; further ones are only counted. 0 means no limit. */
  readonly errorLimit?: number
  /** GNU --fatal-warnings: warnings count as errors */
  readonly fatalWarnings?: boolean
  /** GNU -w / --no-warnings */
  readonly noWarnings?: boolean
  /** called for each diagnostic that is kept, as it comes */
  readonly onDiagnostic?: (diagnostic: Diagnostic) => void
}

/** Collects diagnostics. Stages go on after an error; the pipeline stops between stages when `failed`. */
export class Report {
  readonly diagnostics: Diagnostic[] = []
  errors = 0
  warnings = 0
  readonly options: ReportOptions

  constructor(options: ReportOptions = {}) {
    this.options = options
  }

  get failed(): boolean {
    return this.errors > 0
  }

  add(wording: Wording, at: Place = nowhere, notes: readonly Note[] = [], fix?: readonly TextEdit[]): void {
    let severity: Severity = wording.severity
    if (severity === 'warning') {
      if (this.options.noWarnings) return
      if (this.options.fatalWarnings) severity = 'error'
    }
    if (severity === 'error') this.errors++
    if (severity === 'warning') this.warnings++
    const limit = this.options.errorLimit ?? 0
    if (limit > 0 && severity === 'error' && this.errors > limit) return
    const diagnostic: Diagnostic = { code: wording.code, severity, message: wording.message, at, notes, fix }
    this.diagnostics.push(diagnostic)
    this.options.onDiagnostic?.(diagnostic)
  }
}
