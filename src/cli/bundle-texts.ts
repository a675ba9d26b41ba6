/**
 * Long texts of the bundle: program, script language, stored layouts. They stand behind the launcher's code, deflated and in
 * base64, each a comment line, so that starting a link neither scans nor copies those it does not use.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

/** What is known of a text when the bundle is written. */
export interface TextLine {
  readonly name: string
  /** bytes of the line behind its `//` */
  readonly length: number
}

/**
 * The texts of the bundle in a file, each read when it is asked for.
 * @param inflate raw deflate, undone
 */
export function bundleTexts(
  file: () => URL,
  lines: readonly TextLine[],
  inflate: (bytes: Uint8Array) => Uint8Array,
): Readonly<Record<string, string>> {
  const texts = {}
  let fromEnd = 0
  for (let i = lines.length - 1; i >= 0; i--) {
    const { name, length } = lines[i]!
    fromEnd += length + 1
    const distance = fromEnd
    const get = (): string => Buffer.from(inflate(readLine(file(), distance, length))).toString('latin1')
    Object.defineProperty(texts, name, { enumerable: true, get })
    fromEnd += 2
  }
  return texts
}

/** @param distance bytes from the start of the line to the end of the file */
function readLine(file: URL, distance: number, length: number): Buffer {
  const descriptor = openSync(file, 'r')
  try {
    const bytes = Buffer.allocUnsafeSlow(length)
    readSync(descriptor, bytes, 0, length, fstatSync(descriptor).size - distance)
    return Buffer.from(bytes.toString('latin1'), 'base64')
  } finally {
    closeSync(descriptor)
  }
}
