/** The directives of expect.txt: one row each, which looks at the finished link and says what is wrong, or nothing. */
import { sectionFlagLetters, sectionTypes, segmentTypes } from '../support/elf-numbers.ts'
import {
  type ElfFile,
  type ElfSection,
  type ElfSegment,
  notesIn,
  sectionBytes,
  sectionNamed,
} from '../support/elf-reader.ts'
import type { Expectation } from './feature.ts'

/** What a link left behind. */
export interface Outcome {
  readonly status: number
  /** all messages */
  readonly text: string
  /** the output; undefined when there is none or it is no ELF file */
  readonly file: ElfFile | undefined
  /** the output as bytes; undefined when there is none */
  readonly bytes: Uint8Array | undefined
  /** runs the output; undefined where this machine can't */
  readonly run: (() => { status: number | null; stdout: string }) | undefined
  /** true when another linker stands in for tsld: its wording and codes are its own */
  readonly foreign: boolean
}

type Check = (words: readonly string[], outcome: Outcome) => string | undefined

/** What is wrong with the outcome by this directive; undefined when all is well. */
export function checkExpectation(expectation: Expectation, outcome: Outcome): string | undefined {
  const check = checks[expectation.verb]
  const where = `expect.txt:${expectation.line}: ${expectation.text}`
  if (check === undefined) return `${where}: no such directive; there are ${Object.keys(checks).join(', ')}`
  const problem = check(expectation.words, outcome)
  return problem === undefined ? undefined : `${where}: ${problem}`
}

/** True for the directives that can be met by a link that fails. */
export function expectsFailure(expectations: readonly Expectation[]): boolean {
  return expectations.some(({ verb }) => verb === 'error')
}

const checks: Readonly<Record<string, Check>> = {
  error: (words, outcome) => (outcome.status === 0 ? 'the link succeeded' : message('error', words, outcome)),
  warning: (words, outcome) => message('warning', words, outcome),
  silent: (_, { text }) => (text.trim() === '' ? undefined : `it said: ${text.trim()}`),
  says: ([pattern], { text }) => (expression(pattern).test(text) ? undefined : `it said: ${text.trim() || 'nothing'}`),
  entry: ([value], outcome) => inFile(outcome, file => sameNumber('entry', file.entry, value)),
  section: ([name, ...facts], outcome) =>
    inFile(outcome, file => {
      const section = sectionNamed(file, name)
      return section === undefined ? missing(name, file) : firstProblem(facts, sectionFact(section, file))
    }),
  absent: ([name], outcome) =>
    inFile(outcome, file => (sectionNamed(file, name) === undefined ? undefined : 'the section is there')),
  order: (names, outcome) =>
    inFile(outcome, file => {
      const present = file.sections.filter(s => names.includes(s.name)).map(s => s.name)
      return present.join(' ') === names.join(' ') ? undefined : `the order is ${present.join(' ')}`
    }),
  symbol: ([name, ...facts], outcome) => inFile(outcome, file => symbolProblem(file, name, facts)),
  'no-symbol': ([name], outcome) =>
    inFile(outcome, file => (file.symbols.some(s => s.name === name) ? 'the symbol is there' : undefined)),
  bytes: ([place, ...hex], outcome) => inFile(outcome, file => bytesProblem(file, place, hex)),
  segment: ([type, ...facts], outcome) => inFile(outcome, file => segmentProblem(file, type, facts)),
  segments: ([type, count], outcome) =>
    inFile(outcome, file => {
      const found = file.segments.filter(s => s.type === segmentNumber(type)).length
      return found === Number(count) ? undefined : `there are ${found}`
    }),
  note: ([section, owner, type, size], outcome) =>
    inFile(outcome, file => {
      const place = sectionNamed(file, section)
      if (place === undefined) return missing(section, file)
      const notes = notesIn(file, sectionBytes(file, place))
      const wanted = notes.find(note => note.name === owner && note.type === Number(type))
      if (wanted === undefined)
        return `the notes are ${notes.map(note => `${note.name} ${note.type}`).join(', ') || 'none'}`
      return size === undefined || wanted.description.length === Number(size)
        ? undefined
        : `the note has ${wanted.description.length} bytes`
    }),
  size: ([value], { bytes }) =>
    bytes === undefined ? 'there is no output' : sameNumber('size', BigInt(bytes.length), value),
  raw: ([offset, ...hex], { bytes }) =>
    bytes === undefined ? 'there is no output' : sameBytes(bytes.subarray(Number(offset)), hex),
  runs: ([status], { run }) => {
    const result = run?.()
    return result === undefined || result.status === Number(status) ? undefined : `it ended with ${result.status}`
  },
  stdout: ([text], { run }) => {
    const result = run?.()
    return result === undefined || result.stdout === text ? undefined : `it printed ${JSON.stringify(result.stdout)}`
  },
}

/** `error L4101 /pattern/`: both parts may be left out. */
function message(severity: string, words: readonly string[], { text, foreign }: Outcome): string | undefined {
  if (foreign) return severity === 'error' || /warning/i.test(text) ? undefined : 'it gave no warning'
  const lines = text.split('\n').filter(line => new RegExp(`\\b${severity}\\b`).test(line))
  const wanted = words.every(word =>
    word.startsWith('/') ? expression(word).test(text) : lines.some(line => line.includes(word)),
  )
  return lines.length > 0 && wanted ? undefined : `it said: ${text.trim() || 'nothing'}`
}

function expression(word: string): RegExp {
  return new RegExp(word.replace(/^\/|\/$/g, ''))
}

function inFile(outcome: Outcome, check: (file: ElfFile) => string | undefined): string | undefined {
  return outcome.file === undefined ? 'there is no ELF output' : check(outcome.file)
}

function missing(name: string, file: ElfFile): string {
  return `no section ${name}; there are ${file.sections
    .slice(1)
    .map(section => section.name)
    .join(' ')}`
}

/** Reads `facts` as pairs of a name and a value and returns the first one that does not hold. */
function firstProblem(
  facts: readonly string[],
  fact: (name: string, value: string) => string | undefined,
): string | undefined {
  for (let i = 0; i < facts.length; i += 2) {
    if (facts[i + 1] === undefined) return `'${facts[i]}' wants a value`
    const problem = fact(facts[i], facts[i + 1])
    if (problem !== undefined) return problem
  }
  return undefined
}

function sameNumber(what: string, actual: bigint, wanted: string): string | undefined {
  return actual === BigInt.asUintN(64, BigInt(wanted)) ? undefined : `${what} is 0x${actual.toString(16)}`
}

function sameBytes(actual: Uint8Array, hex: readonly string[]): string | undefined {
  const found = Array.from(actual.subarray(0, hex.length), byte => byte.toString(16).padStart(2, '0')).join(' ')
  return found === hex.join(' ').toLowerCase() ? undefined : `they are ${found}`
}

function sectionFact(section: ElfSection, file: ElfFile): (name: string, value: string) => string | undefined {
  return (name, value) => {
    switch (name) {
      case 'at':
        return sameNumber('address', section.address, value)
      case 'load':
        return sameNumber('load address', loadAddress(section, file), value)
      case 'size':
        return sameNumber('size', BigInt(section.size), value)
      case 'align':
        return sameNumber('alignment', BigInt(section.align), value)
      case 'entry-size':
        return sameNumber('entry size', BigInt(section.entrySize), value)
      case 'type': {
        const wanted = (sectionTypes as Readonly<Record<string, number>>)[value] ?? Number(value)
        return section.type === wanted ? undefined : `type is ${section.type}`
      }
      case 'flags': {
        const wanted = [...value].reduce(
          (bits, letter) => bits | (sectionFlagLetters[letter.toLowerCase()] ?? sectionFlagLetters[letter] ?? 0),
          0,
        )
        return (section.flags & 0xfff) === wanted ? undefined : `flags are 0x${section.flags.toString(16)}`
      }
      default:
        return `a section has no '${name}'`
    }
  }
}

/** The load address of a section by the LOAD segment that holds it. */
function loadAddress(section: ElfSection, file: ElfFile): bigint {
  const holder = file.segments.find(
    s =>
      s.type === 1 && section.address >= s.virtualAddress && section.address < s.virtualAddress + (s.memorySize || 1n),
  )
  return holder === undefined ? section.address : holder.physicalAddress + section.address - holder.virtualAddress
}

function symbolProblem(file: ElfFile, name: string, facts: readonly string[]): string | undefined {
  const symbol = file.symbols.find(s => s.name === name && s.binding !== 0) ?? file.symbols.find(s => s.name === name)
  if (symbol === undefined) return `there is no symbol ${name}`
  return firstProblem(facts, (fact, value) => {
    switch (fact) {
      case '=':
        return sameNumber('value', symbol.value, value)
      case 'in':
        return symbol.section === value ? undefined : `it is in ${symbol.section}`
      case 'size':
        return sameNumber('size', symbol.size, value)
      case 'binding': {
        const found = ['local', 'global', 'weak'][symbol.binding] ?? String(symbol.binding)
        return found === value ? undefined : `binding is ${found}`
      }
      case 'type': {
        const found = ['none', 'object', 'function', 'section', 'file', 'common', 'tls'][symbol.type]
        return found === value ? undefined : `type is ${found ?? symbol.type}`
      }
      case 'visibility': {
        const found = ['default', 'internal', 'hidden', 'protected'][symbol.visibility]
        return found === value ? undefined : `visibility is ${found}`
      }
      default:
        return `a symbol has no '${fact}'`
    }
  })
}

/** `.text` or `.text+0x10`, then bytes in hex. */
function bytesProblem(file: ElfFile, place: string, hex: readonly string[]): string | undefined {
  const [, name, offset] = /^(.*?)(?:\+(\w+))?$/.exec(place) ?? []
  const section = sectionNamed(file, name)
  if (section === undefined) return missing(name, file)
  return sameBytes(sectionBytes(file, section).subarray(Number(offset ?? 0)), hex)
}

function segmentNumber(type: string): number {
  return segmentTypes[type] ?? Number(type)
}

/** Holds when some segment of the type has all the facts. */
function segmentProblem(file: ElfFile, type: string, facts: readonly string[]): string | undefined {
  const candidates = file.segments.filter(s => s.type === segmentNumber(type))
  const problems = candidates.map(segment => firstProblem(facts, segmentFact(segment, file)))
  if (problems.includes(undefined)) return undefined
  return candidates.length === 0 ? `there is no ${type} segment` : `of its ${type} segments: ${problems.join('; ')}`
}

function segmentFact(segment: ElfSegment, file: ElfFile): (name: string, value: string) => string | undefined {
  return (name, value) => {
    switch (name) {
      case 'at':
        return sameNumber('address', segment.virtualAddress, value)
      case 'load':
        return sameNumber('load address', segment.physicalAddress, value)
      case 'file':
        return sameNumber('file size', BigInt(segment.fileSize), value)
      case 'memory':
        return sameNumber('memory size', segment.memorySize, value)
      case 'align':
        return sameNumber('alignment', segment.align, value)
      case 'flags': {
        const found =
          `${segment.flags & 4 ? 'R' : ''}${segment.flags & 2 ? 'W' : ''}${segment.flags & 1 ? 'X' : ''}` || '-'
        return found === value ? undefined : `flags are ${found}`
      }
      case 'holds': {
        const section = sectionNamed(file, value)
        if (section === undefined) return missing(value, file)
        const inside =
          section.address >= segment.virtualAddress &&
          section.address + BigInt(section.size) <= segment.virtualAddress + segment.memorySize
        return inside ? undefined : `${value} is outside`
      }
      default:
        return `a segment has no '${name}'`
    }
  }
}
