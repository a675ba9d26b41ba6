import type { Span } from '../../grammar/span.ts'

/** The line a span starts in and the caret line to print below it. */
export interface Excerpt {
  readonly line: string
  readonly marks: string
}

const tabWidth = 8

/** Latin-1 characters (one per byte) back to the text they are in UTF-8; bytes that are no UTF-8 stay as they are. */
export function decodeName(text: string): string {
  if (!/[\x80-\xff]/.test(text) || /[^\x00-\xff]/.test(text)) return text
  const bytes = Uint8Array.from(text, char => char.charCodeAt(0))
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return text
  }
}

/**
 * Cuts the first line of a span out of a script and underlines the span: `^` at its start, `~` to its end.
 * Control characters are shown as `.`, tabs are expanded, so that the marks stand below the right characters.
 *
 * @param text the whole script, one character per byte
 */
export function excerptOf(text: string, span: Span): Excerpt | undefined {
  if (span.start > text.length) return undefined
  const start = lineStart(text, span)
  let end = text.indexOf('\n', start)
  if (end < 0) end = text.length
  const raw = text.slice(start, end).replace(/\r$/, '')
  if (raw.length > 400) return undefined
  const from = Math.min(span.start - start, raw.length)
  const to = Math.max(from + 1, Math.min(span.end - start, raw.length))
  const before = printable(raw.slice(0, from), 0)
  const marked = printable(raw.slice(from, to), before.length)
  const after = printable(raw.slice(to), before.length + marked.length)
  return {
    line: before + marked + after,
    marks: ' '.repeat(before.length) + '^' + '~'.repeat(Math.max(0, marked.length - 1)),
  }
}

function lineStart(text: string, span: Span): number {
  const start = span.start
  return start === 0 ? 0 : text.lastIndexOf('\n', start - 1) + 1
}

function printable(text: string, column: number): string {
  let out = ''
  for (const char of decodeName(text)) {
    if (char === '\t') out += ' '.repeat(tabWidth - ((column + out.length) % tabWidth))
    else out += char < ' ' || char === '\x7f' ? '.' : char
  }
  return out
}
