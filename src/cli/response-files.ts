import { responseFile } from '../diag/catalogue/usage.ts'
import type { Report } from '../diag/report.ts'
import { type Host, isFailure } from '../host.ts'

const deepest = 64

/**
 * Replaces each `@FILE` by the words in FILE, as gcc writes and reads them. A file that does not exist leaves the word as
 * it is, if a file of that very name (with the @) exists; otherwise it is an error.
 *
 * @returns words as Latin-1 strings, one character per byte
 */
export function expandResponseFiles(words: readonly string[], host: Host, report: Report, depth = 0): string[] {
  if (!words.some(word => word.startsWith('@') && word.length > 1)) return [...words]
  const out: string[] = []
  for (const word of words) {
    if (!word.startsWith('@') || word.length === 1) {
      out.push(word)
      continue
    }
    const file = word.slice(1)
    const at = { kind: 'option', text: word } as const
    if (depth >= deepest) {
      report.add(responseFile({ file, reason: `more than ${deepest} response files inside each other` }), at)
      return out
    }
    const bytes = host.read(file)
    if (!isFailure(bytes)) {
      const inner = splitWords(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1'))
      const errors = report.errors
      for (const expanded of expandResponseFiles(inner, host, report, depth + 1)) out.push(expanded)
      // one message for a circle, not one for each way round
      if (report.errors > errors && depth > 0) return out
    } else if (host.exists(word)) out.push(word)
    else report.add(responseFile({ file, reason: bytes.detail }), at)
  }
  return out
}

/** Words separated by white space. Single and double quotes protect; a backslash protects one character everywhere. */
export function splitWords(text: string): string[] {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!
    if (char === '\\' && i + 1 < text.length) word = (word ?? '') + text[++i]
    else if (quote !== '') {
      if (char === quote) quote = ''
      else word = (word ?? '') + char
    } else if (char === '"' || char === "'") {
      quote = char
      word ??= ''
    } else if (/[\s\0]/.test(char)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? '') + char
  }
  if (word !== undefined) words.push(word)
  return words
}
