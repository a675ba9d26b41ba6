/** Standard output and error of the process, and how messages look there. */
import { fstatSync, writeSync } from 'node:fs'
import type { Diagnostic } from '../diag/diagnostic.ts'
import { renderGnu } from '../diag/render-gnu.ts'
import { renderJson } from '../diag/render-json.ts'
import { type Paint, plainPaint, renderText } from '../diag/render-text.ts'
import { colorPaint } from './color-paint.ts'
import type { MessageFormat, When } from './command-line.ts'

/** Where a command prints; tests put a memory of their own here. */
export interface Terminal {
  out(text: string): void
  error(text: string): void
  readonly outIsTerminal: boolean
  readonly errorIsTerminal: boolean
  readonly environment: Readonly<Record<string, string | undefined>>
}

export function processTerminal(): Terminal {
  return {
    out: text => writeAll(1, text),
    error: text => writeAll(2, text),
    get outIsTerminal() {
      return isTerminal(1)
    },
    get errorIsTerminal() {
      return isTerminal(2)
    },
    environment: process.env,
  }
}

/** Asked of the system, because process.stderr would load Node's stream and network modules for it. */
function isTerminal(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isCharacterDevice()
  } catch {
    return false
  }
}

/** Writes everything before returning: the process may end right after. A closed pipe is the reader's choice, no error. */
function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text)
  let at = 0
  while (at < bytes.length) {
    try {
      at += writeSync(descriptor, bytes, at)
    } catch (error) {
      const code = (error as { code?: string }).code
      if (code === 'EPIPE') return
      if (code !== 'EAGAIN') throw error
      // the reader is slow: wait a moment rather than lose text
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
  }
}

export function useColor(when: When, isTerminal: boolean, environment: Terminal['environment']): boolean {
  if (when !== 'auto') return when === 'always'
  return isTerminal && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb'
}

/** Prints diagnostics in the asked form. */
export function messagePrinter(
  terminal: Terminal,
  format: MessageFormat,
  color: When,
  demangle: boolean,
  sourceText: (file: string) => string | undefined,
): (diagnostic: Diagnostic) => void {
  if (format === 'json') return diagnostic => terminal.error(renderJson(diagnostic))
  if (format === 'gnu') return diagnostic => terminal.error(renderGnu(diagnostic, 'tsld', demangle))
  // What colours need is loaded by the first message; most links print none.
  let paint: Paint | undefined
  return diagnostic => {
    paint ??= useColor(color, terminal.errorIsTerminal, terminal.environment) ? colorPaint() : plainPaint
    terminal.error(renderText(diagnostic, { program: 'tsld', paint, demangle, sourceText }))
  }
}
