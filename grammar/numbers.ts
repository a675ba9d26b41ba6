/**
 * Number literals.
 *
 * GNU ld knows decimal, `0x` and octal with the suffixes K and M, `$ff`, and in expressions the forms `0ffh`, `17o`,
 * `101b`, `99d` of Motorola assemblers. `@` statements add `2G`, `1T`, `64KiB`, `1_000`, `0b101`.
 */
import { decimalDigit, hexDigit, isIn } from './characters.ts'

const saturated = (1n << 64n) - 1n

/**
 * Length in characters of the GNU number at `at`, 0 when there is none. `motorola` allows the forms with a letter
 * behind, which exist in expressions only. The longest form wins, as in a lex scanner.
 */
export function gnuNumberLength(text: string, at: number, motorola: boolean): number {
  const first = text.charCodeAt(at)
  let longest = 0
  if (first === 0x24) {
    const digitsEnd = skip(text, at + 1, hexDigit)
    if (digitsEnd > at + 1) longest = withSize(text, digitsEnd) - at
  } else if (isIn(first, decimalDigit)) {
    longest = withSize(text, skip(text, at, decimalDigit)) - at
    if (first === 0x30 && (text.charCodeAt(at + 1) | 32) === 0x78) {
      const digitsEnd = skip(text, at + 2, hexDigit)
      if (digitsEnd > at + 2) longest = withSize(text, digitsEnd) - at
    }
  }
  return motorola && first !== 0x24 ? Math.max(longest, motorolaLength(text, at)) : longest
}

/** `0ffh`, `ffx`, `17o`, `101b`, `99d`: the letter says the base, and only digits of that base may stand before it. */
function motorolaLength(text: string, at: number): number {
  const end = skip(text, at, hexDigit)
  const behind = text.charCodeAt(end) | 32
  if (end > at && (behind === 0x68 || behind === 0x78)) return end + 1 - at
  const decimalEnd = skip(text, at, decimalDigit)
  if (decimalEnd === at) return 0
  const letter = String.fromCharCode(text.charCodeAt(decimalEnd) | 32)
  const digits = text.slice(at, decimalEnd)
  const fits =
    letter === 'd' || (letter === 'o' && /^[0-7]+$/.test(digits)) || (letter === 'b' && /^[01]+$/.test(digits))
  return fits ? decimalEnd + 1 - at : 0
}

function skip(text: string, at: number, classes: number): number {
  let end = at
  while (isIn(text.charCodeAt(end), classes)) end++
  return end
}

function withSize(text: string, at: number): number {
  const letter = text.charCodeAt(at) | 32
  return letter === 0x6b || letter === 0x6d ? at + 1 : at
}

/** Value of a literal that `gnuNumberLength` found; wider than 64 bits saturates to all ones. */
export function gnuNumberValue(literal: string, motorola: boolean): bigint {
  const last = literal.charCodeAt(literal.length - 1) | 32
  if (literal.startsWith('$')) return sized('0x' + literal.slice(1))
  if (/^0[xX][0-9a-fA-F]/.test(literal)) return sized(literal.toLowerCase())
  if (motorola && last >= 0x61 && last !== 0x6b && last !== 0x6d) {
    const digits = literal.slice(0, -1)
    if (last === 0x68 || last === 0x78) return clamp(BigInt('0x' + digits))
    if (last === 0x6f) return clamp(BigInt('0o' + digits))
    if (last === 0x62) return clamp(BigInt('0b' + digits))
    return clamp(BigInt(digits))
  }
  return sized(literal)
}

/** Applies K or M; the product is cut to 64 bits, the number itself saturates. */
function sized(literal: string): bigint {
  const last = literal.charCodeAt(literal.length - 1) | 32
  const shift = last === 0x6b ? 10n : last === 0x6d ? 20n : 0n
  const digits = shift === 0n ? literal : literal.slice(0, -1)
  return BigInt.asUintN(64, clamp(plainValue(digits)) << shift)
}

function plainValue(digits: string): bigint {
  if (digits.startsWith('0x') || digits.startsWith('0X')) return BigInt(digits.toLowerCase())
  if (!digits.startsWith('0')) return BigInt(digits)
  // Octal reading stops at the first digit above 7, as strtoul does: `019` is 1.
  const octal = /^[0-7]+/.exec(digits)?.[0] ?? '0'
  return BigInt('0o' + octal)
}

function clamp(value: bigint): bigint {
  return value > saturated ? saturated : value
}

const extensionNumber =
  /(?:0[xX][0-9a-fA-F](?:_?[0-9a-fA-F])*|0[bB][01](?:_?[01])*|[0-9](?:_?[0-9])*)(?:[KMGT]i?B?|[kmgt])?(?![A-Za-z0-9_])/y
const unitShift: Readonly<Record<string, bigint>> = { k: 10n, m: 20n, g: 30n, t: 40n }

/** Length of a number of an `@` statement at `at`, 0 when there is none in the new forms. */
export function extensionNumberLength(text: string, at: number): number {
  extensionNumber.lastIndex = at
  return extensionNumber.exec(text)?.[0].length ?? 0
}

/** Value of what `extensionNumberLength` found. Leading 0 is octal, as everywhere in the language. */
export function extensionNumberValue(literal: string): bigint {
  const plain = literal.replaceAll('_', '')
  const unit = /^(?:0[xX][0-9a-fA-F]+|0[bB][01]+|[0-9]+)([KMGTkmgt]?)/.exec(plain)
  const digits = unit === null ? plain : unit[0].slice(0, unit[0].length - unit[1].length)
  const shift = unitShift[unit?.[1].toLowerCase() ?? ''] ?? 0n
  const value = /^0[bB]/.test(digits) ? BigInt(digits.toLowerCase()) : plainValue(digits)
  return clamp(value << shift)
}
