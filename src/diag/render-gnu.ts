import type { Diagnostic } from './diagnostic.ts'
import { renderText } from './render-text.ts'

/** One line per diagnostic and note, no source lines: `file:line:column: error: message [CODE]`. For editors and logs. */
export function renderGnu(diagnostic: Diagnostic, program: string, demangle = false): string {
  const { code, severity, message } = diagnostic
  const plain = { ...diagnostic, message: `${message} [${code}]`, fix: undefined }
  return renderText(plain, { program, demangle }).replace(`${severity} ${code}:`, `${severity}:`)
}
