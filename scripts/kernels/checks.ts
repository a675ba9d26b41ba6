/**
 * Kernels as JavaScript that checks what nothing checks in WebAssembly: every index lies in its array, every sum fits its kind.
 * The compiler notes the places while it translates; the texts get a call around each.
 */
import { readFileSync } from 'node:fs'

/** `index`: of the array whose text is from `arrayStart` to `arrayEnd`; `end`: one of its ends or between elements. `call`: a function that has a checking one. */
export type Check =
  | { readonly form: 'i32' | 'u32' | 'call'; readonly start: number; readonly end: number }
  | {
      readonly form: 'index' | 'end'
      readonly start: number
      readonly end: number
      readonly arrayStart: number
      readonly arrayEnd: number
    }

interface Spanned {
  readonly start?: number | null
  readonly end?: number | null
}

export class Checks {
  readonly #byFile = new Map<string, Map<string, Check>>()

  get files(): string[] {
    return [...this.#byFile.keys()]
  }

  note(path: string, form: 'i32' | 'u32' | 'call', { start, end }: Spanned): void {
    this.#add(path, { form, start: start!, end: end! })
  }

  noteIndex(path: string, form: 'index' | 'end', { start, end }: Spanned, array: Spanned): void {
    this.#add(path, { form, start: start!, end: end!, arrayStart: array.start!, arrayEnd: array.end! })
  }

  #add(path: string, check: Check): void {
    const known = this.#byFile.get(path) ?? new Map<string, Check>()
    known.set(`${check.start} ${check.end} ${check.form}`, check)
    this.#byFile.set(path, known)
  }

  /** The text of a file with its checks. */
  text(path: string): string {
    const source = readFileSync(path, 'utf8')
    const checks = [...(this.#byFile.get(path)?.values() ?? [])]
    const marks = checks.flatMap(check => {
      // An index is around the sum of the same text.
      const hasArray = check.form === 'index' || check.form === 'end'
      const width = check.end - check.start + (hasArray ? 0.5 : 0)
      const array = hasArray ? `, ${source.slice(check.arrayStart, check.arrayEnd)}` : ''
      const opening = { at: check.start, isOpening: true, width, text: `__${check.form}(` }
      if (check.form === 'call') return [{ ...opening, text: '__' }]
      return [opening, { at: check.end, isOpening: false, width, text: `${array})` }]
    })
    // Where several meet: ends before starts, the inner one's end first, the outer one's start first.
    marks.sort(
      (a, b) =>
        a.at - b.at ||
        Number(a.isOpening) - Number(b.isOpening) ||
        (a.isOpening ? b.width - a.width : a.width - b.width),
    )
    let text = ''
    let done = 0
    for (const mark of marks) {
      text += source.slice(done, mark.at) + mark.text
      done = mark.at
    }
    return `${text}${source.slice(done)}\n${checkingFunctions}`
  }
}

/** What the checked texts call. They throw, so that a wrong kernel ends the run that finds it. */
const checkingFunctions = `
function __i32(value) {
  if (value !== (value | 0)) throw new RangeError(value + ' does not fit an I32')
  return value
}
function __u32(value) {
  if (value !== value >>> 0) throw new RangeError(value + ' does not fit a U32')
  return value
}
function __index(at, array) {
  if (!(at >= 0 && at < array.length && Number.isInteger(at))) throw new RangeError(at + ' is no index of an array of ' + array.length)
  return at
}
function __end(at, array) {
  if (!(at >= 0 && at <= array.length && Number.isInteger(at))) throw new RangeError(at + ' is behind the end of an array of ' + array.length)
  return at
}
function __copyBytes(to, toAt, from, fromAt, count) {
  if (!(count >= 0 && toAt >= 0 && fromAt >= 0 && toAt + count <= to.byteLength && fromAt + count <= from.byteLength))
    throw new RangeError('copying ' + count + ' bytes from ' + fromAt + ' of ' + from.byteLength + ' to ' + toAt + ' of ' + to.byteLength)
  return copyBytes(to, toAt, from, fromAt, count)
}
`
