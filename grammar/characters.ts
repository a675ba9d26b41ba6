/**
 * Which characters make names, by lexer state.
 *
 * GNU ld's scanner has a different alphabet in each state (`a-b` is one name between sections, three tokens in an
 * expression). A table of bit sets, indexed by character code, answers each question with one look-up.
 */

export const scriptFirst = 1
export const scriptRest = 2
export const expressionFirst = 4
export const expressionRest = 8
export const wildRest = 16
export const tagFirst = 32
export const tagRest = 64
export const versionRest = 128
export const hexDigit = 256
export const decimalDigit = 512

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
const digits = '0123456789'

/** Bit sets by character code 0..255; higher codes are in no class. */
export const characterClasses = buildTable()

/** True when the character with this code is in one of `classes`. */
export function isIn(code: number, classes: number): boolean {
  return code < 256 && (characterClasses[code] & classes) !== 0
}

function buildTable(): Uint16Array {
  const table = new Uint16Array(256)
  const add = (characters: string, bits: number): void => {
    for (const character of characters) table[character.charCodeAt(0)] |= bits
  }
  const scriptStart = letters + '_/.\\$~'
  const expressionStart = letters + '_.\\$'
  const versionStart = letters + '*?.$_[]-!^\\'
  add(scriptStart, scriptFirst)
  add(scriptStart + digits + '-+:[],=', scriptRest)
  add(expressionStart, expressionFirst)
  add(expressionStart + digits + '/~', expressionRest)
  add(letters + digits + '_/.\\$~-+:[],=?*^!', wildRest)
  add(letters + '.$_', tagFirst)
  add(letters + digits + '._', tagRest)
  add(versionStart + digits, versionRest)
  add('abcdefABCDEF' + digits, hexDigit)
  add(digits, decimalDigit)
  return table
}
