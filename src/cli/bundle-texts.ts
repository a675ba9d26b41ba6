/**
 * Long texts of the bundle: program, script language, stored layouts. They stand behind the launcher's code, each a
 * comment line, so that starting a link neither scans nor copies those it does not use.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

/** What is known of a text when the bundle is written. */
export interface TextLine {
  readonly name: string
  /** bytes of the line behind its `//`, all ASCII */
  readonly length: number
  /** the text is rarely needed: deflated, in base64 */
  readonly packed?: boolean
}

/** A character that no text has, to stand for line ends. Texts must be ASCII. */
export function lineEndFor(texts: readonly string[]): string {
  if (texts.some(text => /[^\0-\x7f]|\r/.test(text))) throw new Error('a text of the bundle is not ASCII')
  for (let code = 1; code < 32; code++) {
    const end = String.fromCharCode(code)
    if (end !== '\n' && end !== '\r' && !texts.some(text => text.includes(end))) return end
  }
  throw new Error('the texts of the bundle use every control character')
}

/**
 * The texts of the bundle in `file`, each read when it is asked for.
 * @param inflate raw deflate, undone
 */
export function bundleTexts(
  file: URL,
  lines: readonly TextLine[],
  lineEnd: string,
  inflate: (bytes: Uint8Array) => Uint8Array,
): Readonly<Record<string, string>> {
  const texts = {}
  let fromEnd = 0
  for (let i = lines.length - 1; i >= 0; i--) {
    const { name, length, packed } = lines[i]!
    fromEnd += length + 1
    const distance = fromEnd
    Object.defineProperty(texts, name, {
      enumerable: true,
      get: () => {
        const text = readText(file, distance, length)
        if (packed !== true) return text.replaceAll(lineEnd, '\n')
        return Buffer.from(inflate(Buffer.from(text, 'base64'))).toString('latin1')
      },
    })
    fromEnd += 2
  }
  return texts
}

/** @param distance bytes from the start of the text to the end of the file */
function readText(file: URL, distance: number, length: number): string {
  const descriptor = openSync(file, 'r')
  try {
    const bytes = Buffer.allocUnsafeSlow(length)
    readSync(descriptor, bytes, 0, length, fstatSync(descriptor).size - distance)
    return bytes.toString('latin1')
  } finally {
    closeSync(descriptor)
  }
}
