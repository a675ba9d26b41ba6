/**
 * Wildcards as GNU ld reads them: fnmatch without special treatment of '/'.
 * `*` any run, `?` one character, `[a-z]`, `[!a]` and `[^a]` classes, `\x` the character x.
 *
 * A name without any of `*`, `?`, `[` is no wildcard: it is compared as it is, backslashes and all.
 */

/** One step of a compiled pattern: a byte value, or one of the markers below; classes are `classBase + index`. */
const anyOne = 256
const anyRun = 257
const classBase = 512

export interface Glob {
  readonly pattern: string
  /** no wildcard character: compare as it is */
  readonly literal: boolean
  /** characters in front of the first wildcard (all of them when literal) */
  readonly prefix: string
  /** characters behind the last wildcard ('' when literal) */
  readonly suffix: string
  /** the whole pattern is `prefix*` */
  readonly prefixOnly: boolean
  /** the whole pattern is `*suffix` */
  readonly suffixOnly: boolean
  /** steps of the whole pattern */
  readonly steps: Int32Array
  /** 256 entries each, 1 for members */
  readonly classes: readonly Uint8Array[]
}

/** True when GNU ld would treat the name as a wildcard. */
export function isWildcard(pattern: string): boolean {
  return pattern.includes('*') || hasOther(pattern)
}

function hasOther(pattern: string): boolean {
  return pattern.includes('?') || pattern.includes('[')
}

/** Patterns that are a text, a start or an end: most are. Their steps are seldom asked for. */
class SimpleGlob implements Glob {
  readonly pattern: string
  readonly literal: boolean
  readonly prefix: string
  readonly suffix: string
  readonly prefixOnly: boolean
  readonly suffixOnly: boolean
  readonly classes: readonly Uint8Array[] = noClasses

  constructor(pattern: string, prefix: string, suffix: string, prefixOnly: boolean, suffixOnly: boolean) {
    this.pattern = pattern
    this.literal = !prefixOnly && !suffixOnly
    this.prefix = prefix
    this.suffix = suffix
    this.prefixOnly = prefixOnly
    this.suffixOnly = suffixOnly
  }

  get steps(): Int32Array {
    const steps = new Int32Array(this.pattern.length)
    for (let i = 0; i < steps.length; i++) steps[i] = this.pattern.charCodeAt(i) & 255
    if (this.prefixOnly) steps[steps.length - 1] = anyRun
    if (this.suffixOnly) steps[0] = anyRun
    return steps
  }
}

const noClasses: readonly Uint8Array[] = []

/**
 * @example
 * compileGlob('.text.*').prefix // '.text.'
 */
export function compileGlob(pattern: string): Glob {
  if (hasOther(pattern)) return compileSteps(pattern)
  const star = pattern.indexOf('*')
  if (star < 0) return new SimpleGlob(pattern, pattern, '', false, false)
  const last = pattern.length - 1
  const isSimple = last > 0 && pattern.lastIndexOf('*') === star && !pattern.includes('\\')
  if (isSimple && star === last) return new SimpleGlob(pattern, pattern.slice(0, last), '', true, false)
  if (isSimple && star === 0) return new SimpleGlob(pattern, '', pattern.slice(1), false, true)
  return compileSteps(pattern)
}

function compileSteps(pattern: string): Glob {
  const steps: number[] = []
  const classes: Uint8Array[] = []
  let at = 0
  while (at < pattern.length) {
    const code = pattern.charCodeAt(at++) & 255
    if (code === 0x2a) {
      if (steps.at(-1) !== anyRun) steps.push(anyRun)
    } else if (code === 0x3f) steps.push(anyOne)
    else if (code === 0x5c && at < pattern.length) steps.push(pattern.charCodeAt(at++) & 255)
    else if (code === 0x5b) {
      const end = classEnd(pattern, at)
      if (end < 0) steps.push(code)
      else {
        steps.push(classBase + classes.length)
        classes.push(parseClass(pattern.slice(at, end)))
        at = end + 1
      }
    } else steps.push(code)
  }
  let literals = 0
  while (literals < steps.length && steps[literals]! < 256) literals++
  const prefix = String.fromCharCode(...steps.slice(0, literals))
  const prefixOnly = literals === steps.length - 1 && steps[literals] === anyRun
  let tail = steps.length
  while (tail > literals && steps[tail - 1]! < 256) tail--
  const suffix = String.fromCharCode(...steps.slice(tail))
  const suffixOnly = literals === 0 && tail === 1 && steps[0] === anyRun
  return { pattern, literal: false, prefix, suffix, prefixOnly, suffixOnly, steps: Int32Array.from(steps), classes }
}

/** Index of the ']' that ends a class whose body starts at `from`, or -1. A ']' right at the start is a member. */
function classEnd(pattern: string, from: number): number {
  let at = from
  if (pattern[at] === '!' || pattern[at] === '^') at++
  if (pattern[at] === ']') at++
  while (at < pattern.length && pattern[at] !== ']') {
    if (pattern[at] === '[' && pattern[at + 1] === ':') {
      const close = pattern.indexOf(':]', at + 2)
      if (close >= 0) at = close + 1
    } else if (pattern[at] === '\\') at++
    at++
  }
  return at < pattern.length ? at : -1
}

const characterKinds: Readonly<Record<string, RegExp>> = {
  alpha: /[A-Za-z]/,
  digit: /[0-9]/,
  alnum: /[A-Za-z0-9]/,
  upper: /[A-Z]/,
  lower: /[a-z]/,
  xdigit: /[0-9A-Fa-f]/,
  space: /[ \t-\r]/,
  punct: /[!-/:-@[-`{-~]/,
  blank: /[ \t]/,
  cntrl: /[\0-\x1f\x7f]/,
  graph: /[!-~]/,
  print: /[ -~]/,
}

function parseClass(body: string): Uint8Array {
  const members = new Uint8Array(256)
  let at = 0
  const inverted = body[0] === '!' || body[0] === '^'
  if (inverted) at++
  while (at < body.length) {
    const named = /^\[:([a-z]+):\]/.exec(body.slice(at))
    const kind = named === null ? undefined : characterKinds[named[1]!]
    if (named !== null && kind !== undefined) {
      for (let code = 0; code < 256; code++) if (kind.test(String.fromCharCode(code))) members[code] = 1
      at += named[0].length
      continue
    }
    if (body[at] === '\\' && at + 1 < body.length) at++
    const low = body.charCodeAt(at++) & 255
    let high = low
    if (body[at] === '-' && at + 1 < body.length) {
      at++
      if (body[at] === '\\' && at + 1 < body.length) at++
      high = body.charCodeAt(at++) & 255
    }
    for (let code = low; code <= high; code++) members[code] = 1
  }
  if (inverted) for (let code = 0; code < 256; code++) members[code] = 1 - members[code]!
  return members
}

/** Does the name at `start` .. `end` of `bytes` match? */
export function matchesBytes(glob: Glob, bytes: Uint8Array, start: number, end: number): boolean {
  const { steps, classes } = glob
  let at = start
  let step = 0
  let retryStep = -1
  let retryAt = 0
  for (;;) {
    if (step < steps.length) {
      const wanted = steps[step]!
      if (wanted === anyRun) {
        retryStep = ++step
        retryAt = at
        continue
      }
      if (at < end) {
        const byte = bytes[at]!
        if (wanted === byte || wanted === anyOne || (wanted >= classBase && classes[wanted - classBase]![byte] === 1)) {
          step++
          at++
          continue
        }
      }
    } else if (at === end) return true
    if (retryStep < 0 || retryAt >= end) return false
    step = retryStep
    at = ++retryAt
  }
}

/** Does the Latin-1 string match? */
export function matchesText(glob: Glob, text: string): boolean {
  if (glob.literal) return glob.pattern === text
  if (!text.startsWith(glob.prefix) || !text.endsWith(glob.suffix)) return false
  if (glob.prefixOnly || glob.suffixOnly) return true
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return matchesBytes(glob, bytes, 0, bytes.length)
}

/** One question without keeping the compiled pattern. */
export function globMatches(pattern: string, text: string): boolean {
  return matchesText(compileGlob(pattern), text)
}
