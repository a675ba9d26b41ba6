/**
 * Diagnostics as text for a terminal. Script places come as `file:line:column:`, object places as GNU ld prints them
 * (``tsld: main.o: in function `f':`` and `main.o:(.text+0x5):`), so that editors and people find their way.
 */
import type { TextEdit } from '../../grammar/span.ts'
import { demangleText } from './demangle.ts'
import type { Diagnostic, Place } from './diagnostic.ts'
import { decodeName, excerptOf } from './source-excerpt.ts'

export interface RenderOptions {
  /** name printed in front of messages that have no place in a script: `tsld`, or what the caller called us */
  readonly program: string
  /** text of a script by the name in its spans; undefined when it cannot be had */
  readonly sourceText?: (file: string) => string | undefined
  readonly paint?: Paint
  /** show C++ names as their authors wrote them */
  readonly demangle?: boolean
}

/** How parts of a message are coloured. `plainPaint` changes nothing. */
export interface Paint {
  readonly error: (text: string) => string
  readonly warning: (text: string) => string
  readonly note: (text: string) => string
  readonly place: (text: string) => string
  readonly mark: (text: string) => string
  readonly insert: (text: string) => string
}

const same = (text: string) => text
export const plainPaint: Paint = { error: same, warning: same, note: same, place: same, mark: same, insert: same }

/** One diagnostic with its source line, notes and fixes; lines joined by newlines, one at the end. */
export function renderText(diagnostic: Diagnostic, options: RenderOptions): string {
  const paint = options.paint ?? plainPaint
  const lines: string[] = []
  const word = paint[diagnostic.severity](`${diagnostic.severity} ${diagnostic.code}:`)
  lines.push(...placeLines(diagnostic.at, options, `${word} ${words(diagnostic.message, options)}`))
  lines.push(...excerptLines(diagnostic.at, options))
  for (const note of diagnostic.notes) {
    const text = `${paint.note('note:')} ${words(note.text, options)}`
    if (note.at === undefined || note.at.kind === 'none') lines.push(`  ${text}`)
    else {
      lines.push(...placeLines(note.at, options, text).map(line => `  ${line}`))
      lines.push(...excerptLines(note.at, options))
    }
  }
  for (const edit of diagnostic.fix ?? []) lines.push(fixLine(edit, paint))
  return lines.join('\n') + '\n'
}

function words(text: string, options: RenderOptions): string {
  return options.demangle ? demangleText(decodeName(text)) : decodeName(text)
}

/** The place in front of `message`, in one line or two. */
function placeLines(at: Place, options: RenderOptions, message: string): string[] {
  const paint = options.paint ?? plainPaint
  switch (at.kind) {
    case 'script': {
      const { file, line, column } = at.span
      return [`${paint.place(`${decodeName(file)}:${line}:${column}:`)} ${message}`]
    }
    case 'object': {
      const file = fileName(at)
      const lines: string[] = []
      let head = `${options.program}: ${file}:`
      if (at.symbol !== undefined) {
        lines.push(paint.place(`${head} in function \`${words(at.symbol, options)}':`))
        head = `${file}:`
      }
      if (at.section !== undefined) head += `(${decodeName(at.section)}${hexOffset(at.offset)}):`
      else if (at.offset !== undefined) head += ` at file offset 0x${at.offset.toString(16)}:`
      lines.push(`${paint.place(head)} ${message}`)
      return lines
    }
    case 'option':
    case 'none':
      return [`${paint.place(`${options.program}:`)} ${message}`]
  }
}

/** `libc.a(printf.o)` or the plain file name. */
function fileName(at: Extract<Place, { kind: 'object' }>): string {
  const file = decodeName(at.file)
  return at.member === undefined ? file : `${file}(${decodeName(at.member)})`
}

function hexOffset(offset: number | undefined): string {
  return offset === undefined ? '' : `+0x${offset.toString(16)}`
}

function excerptLines(at: Place, options: RenderOptions): string[] {
  if (at.kind !== 'script') return []
  const text = options.sourceText?.(at.span.file)
  const excerpt = text === undefined ? undefined : excerptOf(text, at.span)
  if (excerpt === undefined) return []
  const number = String(at.span.line).padStart(5)
  const mark = (options.paint ?? plainPaint).mark
  return [`${number} | ${excerpt.line}`, `${' '.repeat(5)} | ${mark(excerpt.marks)}`]
}

function fixLine(edit: TextEdit, paint: Paint): string {
  const { line, column, start, end } = edit.span
  const what = edit.text === '' ? 'remove this' : start === end ? 'insert' : 'write'
  const text = edit.text === '' ? '' : ` ${paint.insert(decodeName(edit.text))}`
  return `  fix: at ${line}:${column} ${what}${text}`
}
