/**
 * Says in words where two linked ELF files differ in what a program or a loader can notice. Built to give no false alarms:
 * file offsets, padding between sections, string tables and the order of tables are not compared.
 */
import { type ElfFile, type ElfSection, type ElfSegment, type ElfSymbol, sectionBytes } from './elf-reader.ts'

export interface ElfDiffOptions {
  /** which program headers to compare: PT_LOAD only (default), all, none */
  readonly segments?: 'load' | 'all' | 'none'
  /** compare p_align and sh_addralign too */
  readonly alignment?: boolean
  /** compare local symbols that have a name, as a multiset */
  readonly locals?: boolean
  /** compare st_size, binding, visibility and the very section of symbols, not just value, type and whether they are absolute */
  readonly symbolDetails?: boolean
  /** compare the load address of sections, as the LOAD segments say it */
  readonly loadAddresses?: boolean
  /** compare section bytes; on by default */
  readonly bytes?: boolean
  /** sections (by name) that are left out, e.g. /^\.note\.gnu\.build-id$/ */
  readonly ignoreSections?: RegExp
  /** symbols (by name) that are left out */
  readonly ignoreSymbols?: RegExp
  /** also compare sections without SHF_ALLOC whose name matches */
  readonly unallocated?: RegExp
  /** what the two files are called in the sentences; ['tsld', 'GNU ld'] by default */
  readonly names?: readonly [string, string]
}

const SHF_ALLOC = 0x2
/** WRITE ALLOC EXECINSTR MERGE STRINGS TLS: what is left after linking and means something to somebody */
const comparedFlags = 0x1 | 0x2 | 0x4 | 0x10 | 0x20 | 0x400

/** Differences between `actual` and `reference`, one sentence each; empty when there is none. */
export function diffElf(actual: ElfFile, reference: ElfFile, options: ElfDiffOptions = {}): string[] {
  const differences: string[] = []
  const [ours, theirs] = options.names ?? ['tsld', 'GNU ld']
  const say = (what: string, a: string | number | bigint, b: string | number | bigint): void => {
    if (a !== b) differences.push(`${what}: ${ours} ${shown(a)}, ${theirs} ${shown(b)}`)
  }
  say('class', actual.bits, reference.bits)
  say('byte order', actual.endian, reference.endian)
  say('file type', actual.type, reference.type)
  say('machine', actual.machine, reference.machine)
  say('e_flags', actual.flags, reference.flags)
  say('entry', actual.entry, reference.entry)
  if (options.segments !== 'none') compareSegments(actual, reference, options, say)
  compareSections(actual, reference, options, say)
  compareGlobals(actual, reference, options, say)
  if (options.locals) compareLocals(actual, reference, options, say)
  return differences
}

type Say = (what: string, actual: string | number | bigint, reference: string | number | bigint) => void

function shown(value: string | number | bigint): string {
  return typeof value === 'string' ? value : `0x${value.toString(16)}`
}

function compareSegments(actual: ElfFile, reference: ElfFile, options: ElfDiffOptions, say: Say): void {
  const wanted = (segment: ElfSegment): boolean => options.segments === 'all' || segment.type === 1
  const words = (file: ElfFile): string[] => file.segments.filter(wanted).map(s => segmentWords(s, options))
  const a = words(actual)
  const b = words(reference)
  for (let i = 0; i < Math.max(a.length, b.length); i++) say(`segment ${i}`, a[i] ?? 'none', b[i] ?? 'none')
}

function segmentWords(segment: ElfSegment, options: ElfDiffOptions): string {
  const hex = (value: number | bigint): string => `0x${value.toString(16)}`
  const flags =
    `${segment.flags & 4 ? 'R' : ''}${segment.flags & 2 ? 'W' : ''}${segment.flags & 1 ? 'X' : ''}` || 'none'
  const align = options.alignment ? ` align ${hex(segment.align)}` : ''
  return `[type ${hex(segment.type)} at ${hex(segment.virtualAddress)} load ${hex(segment.physicalAddress)} file ${hex(segment.fileSize)} memory ${hex(segment.memorySize)} flags ${flags}${align}]`
}

/** Sections by name; the second of a name is called `name (2)`. */
function comparedSections(file: ElfFile, options: ElfDiffOptions): Map<string, ElfSection> {
  const result = new Map<string, ElfSection>()
  const seen = new Map<string, number>()
  for (const section of file.sections) {
    const allocated = (section.flags & SHF_ALLOC) !== 0
    if (section.index === 0 || !(allocated || options.unallocated?.test(section.name))) continue
    if (options.ignoreSections?.test(section.name)) continue
    const count = (seen.get(section.name) ?? 0) + 1
    seen.set(section.name, count)
    result.set(count === 1 ? section.name : `${section.name} (${count})`, section)
  }
  return result
}

function compareSections(actual: ElfFile, reference: ElfFile, options: ElfDiffOptions, say: Say): void {
  const ours = comparedSections(actual, options)
  const theirs = comparedSections(reference, options)
  for (const name of new Set([...theirs.keys(), ...ours.keys()])) {
    const a = ours.get(name)
    const b = theirs.get(name)
    if (a === undefined || b === undefined) {
      const place = (s: ElfSection | undefined): string =>
        s === undefined ? 'has none' : `has it at 0x${s.address.toString(16)} with 0x${s.size.toString(16)} bytes`
      say(`section ${name}`, place(a), place(b))
      continue
    }
    say(`section ${name} type`, a.type, b.type)
    say(`section ${name} flags`, a.flags & comparedFlags, b.flags & comparedFlags)
    say(`section ${name} address`, a.address, b.address)
    say(`section ${name} size`, a.size, b.size)
    if (options.loadAddresses) {
      const [mine, other] = [loadAddress(a, actual), loadAddress(b, reference)]
      if (mine !== undefined && other !== undefined) say(`section ${name} load address`, mine, other)
    }
    if (options.alignment) say(`section ${name} alignment`, a.align, b.align)
    if (options.bytes !== false && a.size === b.size && a.type === b.type)
      compareBytes(name, sectionBytes(actual, a), sectionBytes(reference, b), say)
  }
}

/** By the LOAD segment that holds the section; undefined when none or more than one does. */
function loadAddress(section: ElfSection, file: ElfFile): bigint | undefined {
  const size = BigInt(section.size)
  if (size === 0n) return undefined
  const holders = file.segments.filter(
    s =>
      s.type === 1 &&
      section.address >= s.virtualAddress &&
      section.address + size <= s.virtualAddress + s.memorySize &&
      (section.type === 8 || (section.offset >= s.offset && section.offset + section.size <= s.offset + s.fileSize)),
  )
  return holders.length === 1 ? section.address - holders[0].virtualAddress + holders[0].physicalAddress : undefined
}

function compareBytes(name: string, a: Uint8Array, b: Uint8Array, say: Say): void {
  const at = a.findIndex((byte, i) => byte !== b[i])
  if (at < 0) return
  const from = Math.max(0, at - (at % 4))
  const hex = (bytes: Uint8Array): string =>
    Array.from(bytes.subarray(from, from + 16), byte => byte.toString(16).padStart(2, '0')).join(' ')
  say(`section ${name} bytes from 0x${from.toString(16)}`, hex(a), hex(b))
}

function comparedGlobals(file: ElfFile, options: ElfDiffOptions): Map<string, ElfSymbol> {
  const result = new Map<string, ElfSymbol>()
  for (const symbol of file.symbols)
    if (symbol.binding !== 0 && symbol.name !== '' && !options.ignoreSymbols?.test(symbol.name))
      result.set(symbol.name, symbol)
  return result
}

function compareGlobals(actual: ElfFile, reference: ElfFile, options: ElfDiffOptions, say: Say): void {
  const ours = comparedGlobals(actual, options)
  const theirs = comparedGlobals(reference, options)
  for (const name of new Set([...theirs.keys(), ...ours.keys()])) {
    const a = ours.get(name)
    const b = theirs.get(name)
    if (a === undefined || b === undefined) {
      // An undefined weak or unreferenced name that one linker keeps in the table and the other does not means nothing.
      if ((a ?? b)?.section === 'UND') continue
      const place = (s: ElfSymbol | undefined, file: ElfFile): string => {
        if (s !== undefined) return `has 0x${s.value.toString(16)} in ${s.section}`
        return file.symbols.some(local => local.name === name) ? 'has it as a local' : 'has none'
      }
      say(`symbol ${name}`, place(a, actual), place(b, reference))
      continue
    }
    say(`symbol ${name} value`, a.value, b.value)
    // Which of two neighbouring sections a symbol between them names is a matter of taste; absolute or not is none.
    if (options.symbolDetails || isSpecial(a) !== isSpecial(b)) say(`symbol ${name} section`, a.section, b.section)
    say(`symbol ${name} type`, a.type, b.type)
    if (options.symbolDetails) {
      say(`symbol ${name} size`, a.size, b.size)
      say(`symbol ${name} binding`, a.binding, b.binding)
      say(`symbol ${name} visibility`, a.visibility, b.visibility)
    }
  }
}

/** Absolute, undefined or common: in no section. */
function isSpecial(symbol: ElfSymbol): boolean {
  return symbol.sectionIndex === 0 || symbol.sectionIndex >= 0xff00
}

function compareLocals(actual: ElfFile, reference: ElfFile, options: ElfDiffOptions, say: Say): void {
  const list = (file: ElfFile): string =>
    file.symbols
      .filter(
        s => s.binding === 0 && s.type !== 3 && s.type !== 4 && s.name !== '' && !options.ignoreSymbols?.test(s.name),
      )
      .map(s => `${s.name}=0x${s.value.toString(16)}@${s.section}`)
      .sort()
      .join(' ')
  say('local symbols', list(actual), list(reference))
}
