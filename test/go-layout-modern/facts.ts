/**
 * Facts measured on programs that Go 1.24 and Go 1.19 linked: every header field as lines of text (facts/<release>/<os>-<arch>[-variant].txt).
 * They are data, so the rules of layouts/go1.24 are tested without Go and without a compiler.
 *
 *     segment type flags offset address file-size memory-size align
 *     section name type flags address offset size link info align entry-size name-offset
 *     symbol name binding type value size library[:version]        of .dynsym
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface SectionFact {
  readonly name: string
  readonly type: number
  readonly flags: number
  readonly address: number
  readonly offset: number
  readonly size: number
  readonly link: string
  readonly info: string
  readonly align: number
  readonly entrySize: number
  readonly nameOffset: number
}

export interface DynamicSymbolFact {
  readonly name: string
  readonly type: number
  readonly value: number
  readonly size: number
  /** where an import comes from; undefined: an export */
  readonly library: string | undefined
  readonly version: string | undefined
}

export interface LayoutFacts {
  readonly name: string
  /** go1.24, go1.19: the layout */
  readonly release: string
  readonly os: string
  readonly arch: string
  readonly bits: 32 | 64
  readonly endian: 'little' | 'big'
  /** fields of the line `elf` by their word */
  readonly header: Readonly<Record<string, string>>
  readonly segments: readonly string[]
  readonly sections: readonly SectionFact[]
  readonly names: string
  readonly notes: readonly { readonly section: string; readonly bytes: Buffer }[]
  readonly interpreter: string | undefined
  /** tag and value, in order */
  readonly tags: readonly string[]
  readonly dynamicSymbols: readonly DynamicSymbolFact[]
  /** `section type:count …` */
  readonly relocations: readonly string[]
  /** entries of .symtab */
  readonly symbolCount: number | undefined
  readonly size: number
  /** options of Go's linker */
  readonly flags: string
}

const folder = join(dirname(fileURLToPath(import.meta.url)), 'facts')

/** The facts of a release whose names fit, sorted by name. */
export function readFacts(release: string, fits: (name: string) => boolean): LayoutFacts[] {
  return readdirSync(join(folder, release))
    .map(file => file.replace(/\.txt$/, ''))
    .filter(fits)
    .sort()
    .map(name => parse(release, name, readFileSync(join(folder, release, `${name}.txt`), 'utf8')))
}

function parse(release: string, name: string, text: string): LayoutFacts {
  const lines = text.trimEnd().split('\n')
  const all = (word: string): string[] =>
    lines.filter(line => line.startsWith(`${word} `)).map(line => line.slice(word.length + 1))
  const one = (word: string): string | undefined => all(word)[0]
  const [os = '', arch = ''] = name.split('-')
  const [bits, endian, ...header] = one('elf')!.split(' ')
  const fields: Record<string, string> = {}
  for (let i = 0; i < header.length; i += 2) fields[header[i]!] = header[i + 1]!
  const count = one('symtab')
  return {
    name,
    release,
    os,
    arch,
    bits: bits === '64' ? 64 : 32,
    endian: endian === 'big' ? 'big' : 'little',
    header: fields,
    segments: all('segment'),
    sections: all('section').map(section),
    names: one('names')!,
    notes: all('note').map(line => ({ section: line.split(' ')[0]!, bytes: Buffer.from(line.split(' ')[1]!, 'hex') })),
    interpreter: one('interpreter'),
    tags: all('tag'),
    dynamicSymbols: all('symbol').map(dynamicSymbol),
    relocations: all('relocations').map(line => line.trim()),
    symbolCount: count === undefined ? undefined : Number(count),
    size: Number(one('size')),
    flags: one('flags') ?? '',
  }
}

function section(line: string): SectionFact {
  const [name, type, flags, address, offset, size, link, info, align, entrySize, nameOffset] = line.split(' ')
  return {
    name: name!,
    type: Number(type),
    flags: Number(flags),
    address: Number(address),
    offset: Number(offset),
    size: Number(size),
    link: link!,
    info: info!,
    align: Number(align),
    entrySize: Number(entrySize),
    nameOffset: Number(nameOffset),
  }
}

function dynamicSymbol(line: string): DynamicSymbolFact {
  const [name, , type, value, size, place] = line.split(' ')
  const [library, version] = place === '-' ? [] : place!.split(':')
  return { name: name!, type: Number(type), value: Number(value), size: Number(size), library, version }
}

export function sectionFact(facts: LayoutFacts, name: string): SectionFact | undefined {
  return facts.sections.find(each => each.name === name)
}
