import type { Diagnostic } from './diagnostic.ts'
import { decodeName } from './source-excerpt.ts'

/** One diagnostic as one line of JSON, keys as in the `Diagnostic` type; names decoded from Latin-1 to UTF-8 text. */
export function renderJson(diagnostic: Diagnostic): string {
  return JSON.stringify(diagnostic, (_key, value) => (typeof value === 'string' ? decodeName(value) : value)) + '\n'
}
