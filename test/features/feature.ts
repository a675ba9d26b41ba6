/**
 * A feature folder: one thing the linker does, shown by a link and what must come of it. The format is in README.md beside.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Feature {
  readonly name: string
  readonly folder: string
  /** command lines, split into words; the first word `tsld` is dropped */
  readonly links: readonly (readonly string[])[]
  readonly expectations: readonly Expectation[]
}

/** A directive of expect.txt: its word, the words after it, and where it stands. */
export interface Expectation {
  readonly verb: string
  readonly words: readonly string[]
  /** line as written */
  readonly text: string
  readonly line: number
}

/** Every feature folder below `root`, by name. */
export function findFeatures(root: string): Feature[] {
  return readdirSync(root, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(entry => readFeature(entry.name, join(root, entry.name)))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

export function readFeature(name: string, folder: string): Feature {
  const links = meaningfulLines(readFileSync(join(folder, 'link.txt'), 'utf8')).map(({ text }) => {
    const words = splitWords(text)
    return words[0] === 'tsld' ? words.slice(1) : words
  })
  const expectations = meaningfulLines(readFileSync(join(folder, 'expect.txt'), 'utf8')).map(({ text, line }) => {
    const [verb, ...words] = splitWords(text)
    return { verb, words, text, line }
  })
  if (links.length === 0 || expectations.length === 0)
    throw new Error(`${folder} needs a command in link.txt and a directive in expect.txt`)
  return { name, folder, links, expectations }
}

function meaningfulLines(text: string): { text: string; line: number }[] {
  return text
    .split(/\r?\n/)
    .map((line, i) => ({ text: line.trim(), line: i + 1 }))
    .filter(({ text: line }) => line !== '' && !line.startsWith('#'))
}

/** Splits at blanks; "..." keeps blanks together and knows \n, \t, \\ and \"; /.../ is one word with its slashes. */
export function splitWords(line: string): string[] {
  const words: string[] = []
  for (const match of line.matchAll(/"((?:[^"\\]|\\.)*)"|(\/(?:[^/\\]|\\.)+\/(?=\s|$))|(\S+)/g)) {
    const quoted = match[1]
    words.push(
      quoted === undefined ? (match[2] ?? match[3]) : quoted.replace(/\\(.)/g, (_, c: string) => escapes[c] ?? c),
    )
  }
  return words
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t' }
