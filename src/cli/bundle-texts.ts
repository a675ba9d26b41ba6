/**
 * Long texts of the bundle: program, script language, stored layouts. They stand behind the launcher's code, one JSON
 * string a comment line, so that starting a link neither scans nor copies those it does not use.
 */
import { readFileSync } from 'node:fs'

/** What is known of a text when the bundle is written. */
export interface TextLine {
  readonly name: string
  /** bytes of the line behind its `//`, all ASCII */
  readonly length: number
}

/** The texts of the bundle in `file`, each read out when it is asked for. */
export function bundleTexts(file: URL, lines: readonly TextLine[]): Readonly<Record<string, string>> {
  const bytes = readFileSync(file)
  const texts = {}
  let end = bytes.length
  for (let i = lines.length - 1; i >= 0; i--) {
    const { name, length } = lines[i]!
    const stop = end - 1 // the line's end
    Object.defineProperty(texts, name, {
      enumerable: true,
      get: () => JSON.parse(bytes.toString('latin1', stop - length, stop)) as string,
    })
    end = stop - length - 2
  }
  return texts
}
