import type { Severity } from '../diagnostic.ts'

/** The text of one diagnostic, before it has a place. */
export interface Wording {
  readonly code: string
  readonly severity: Severity
  readonly message: string
}

/** One row of a catalogue: call it with the facts to get the wording. */
export interface Entry<Facts> {
  (facts: Facts): Wording
  readonly code: string
  readonly severity: Severity
  /** the long text of `tsld explain CODE`: what it means, why it is so, how to mend it */
  readonly explanation: string
}

/**
 * Makes a row.
 *
 * @example
 * export const regionOverflow = entry('L4101', 'error',
 *   (f: { region: string; by: number }) => `region ${f.region} overflows by ${f.by} bytes`,
 *   'The sections placed in a MEMORY region need more than its LENGTH. ...')
 */
export function entry<Facts>(
  code: string,
  severity: Severity,
  message: (facts: Facts) => string,
  explanation: string,
): Entry<Facts> {
  return Object.assign((facts: Facts): Wording => ({ code, severity, message: message(facts) }), {
    code,
    severity,
    explanation,
  })
}
