/**
 * Where to go on after a mistake.
 *
 * Works on characters, not tokens: after a mistake the lexer mode cannot be trusted, and a region of junk must cost one
 * pass at most. Goes on behind `;`, before a `}` that closes what was open before, behind a block `{ … }` and what may
 * follow it, or at a line end whose next line does not continue the statement.
 */
import type { Level } from './messages.ts'

/** What may stand behind the brace of an output section. */
const placement = /(?:\s*(?:(?:AT\s*)?>\s*[\w.$-]+|:\s*\w[\w.$-]*|=\s*[\w$]+|,))*/y

const [newline, quote, hash, star, slash, semicolon, openBrace, closeBrace] = [10, 34, 35, 42, 47, 59, 123, 125]

/** Offset of the next statement behind the mistake at `from`, in a list of statements of this level. */
export function resumePoint(text: string, from: number, level: Level): number {
  let depth = 0
  let i = from
  while (i < text.length) {
    const code = text.charCodeAt(i)
    if (code === slash || code === quote || code === hash) {
      i = behindQuiet(text, i, code)
      continue
    }
    if (code === openBrace) depth++
    else if (code === closeBrace) {
      if (depth === 0) return i
      if (--depth === 0) return afterBlock(text, i + 1, level)
    } else if (depth === 0 && code === semicolon) return i + 1
    else if (depth === 0 && code === newline && !continues(text, i + 1, level)) return i + 1
    i++
  }
  return text.length
}

/** Behind the comment or quoted text at `i`; behind the character alone when it begins neither. */
function behindQuiet(text: string, i: number, code: number): number {
  if (code === hash) {
    const end = text.indexOf('\n', i)
    return end < 0 ? text.length : end
  }
  if (code === slash) {
    if (text.charCodeAt(i + 1) !== star) return i + 1
    const end = text.indexOf('*/', i + 2)
    return end < 0 ? text.length : end + 2
  }
  const end = text.indexOf('"', i + 1)
  // A quote that is not closed on its line is taken for a mistake of its own.
  return end < 0 || text.slice(i, end).includes('\n') ? i + 1 : end + 1
}

function afterBlock(text: string, i: number, level: Level): number {
  if (level !== 'sections' && level !== 'overlay') return i
  placement.lastIndex = i
  placement.exec(text)
  return Math.max(placement.lastIndex, i)
}

/** Does the line at `i` go on with the statement of the line before? */
function continues(text: string, i: number, level: Level): boolean {
  let at = i
  while (/[ \t\r\n]/.test(text[at] ?? '')) at++
  if (text[at] === '{') return level !== 'section-body'
  return level !== 'section-body' && level !== 'memory' && '>:=+-*&|?)'.includes(text[at] ?? ' ')
}
