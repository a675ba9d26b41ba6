/**
 * The objects that a link must start from to arrive at the facts: sections of the sizes measured, as many symbols with
 * names as long as .symtab and .strtab say, imports with the shared objects that define them, and the options.
 */
import { ObjectBuilder, type SectionBuilder } from '../support/object-builder.ts'
import { type LayoutFacts, type SectionFact, sectionFact } from './facts.ts'
import { sharedObject } from './shared-objects.ts'

export interface FactLink {
  readonly object: Uint8Array
  readonly libraries: ReadonlyMap<string, Uint8Array>
  /** options of the link, without inputs and output */
  readonly options: readonly string[]
}

/** Sections of the compiler's objects; everything else is the linker's work. */
const compilerSection =
  /^\.(text|rodata|(data\.rel\.ro\.)?(typelink|itablink|gosymtab|gopclntab)|data\.rel\.ro|go\.buildinfo|go\.fipsinfo|noptrdata|data|bss|noptrbss|tbss|gnu\.attributes|MIPS\.abiflags|note\.go\.buildid|debug_.*)$/

/** Types of a call, a word of the GOT and a word in data; bytes in front of the call's field and in it; addends in place. */
const relocations: Readonly<Record<string, { call: number; got: number; word: number; head: number; code: number[] }>> =
  {
    amd64: { call: 4, got: 9, word: 1, head: 1, code: [0xe8, 0, 0, 0, 0] },
    386: { call: 4, got: 3, word: 1, head: 1, code: [0xe8, 0xfc, 0xff, 0xff, 0xff] },
    arm: { call: 28, got: 96, word: 2, head: 0, code: [0xfe, 0xff, 0xff, 0xeb] },
    arm64: { call: 283, got: 0, word: 257, head: 0, code: [0, 0, 0, 0x94] },
    riscv64: { call: 19, got: 0, word: 2, head: 0, code: [0x97, 0, 0, 0, 0xe7, 0x80, 0, 0] },
    ppc64: { call: 10, got: 0, word: 38, head: 0, code: [0x48, 0, 0, 1, 0x60, 0, 0, 0] },
  }
/** R_*_RELATIVE */
const relative: Readonly<Record<string, number>> = {
  amd64: 8,
  386: 8,
  arm: 23,
  arm64: 1027,
  riscv64: 3,
  ppc64: 22,
  ppc64le: 22,
  s390x: 12,
}
const wordOf: Readonly<Record<string, number>> = { ppc64le: 38, s390x: 22 }

/** Bytes that are the same for the same seed; those of a section that is to be compressed repeat. */
function noise(size: number, seed: number, repeats: boolean): Buffer {
  const bytes = Buffer.alloc(size)
  let state = seed | 1
  for (let i = 0; i < size; i++) {
    if (repeats && i >= 97) bytes[i] = bytes[i - 97]!
    else {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0
      bytes[i] = state >>> 16
    }
  }
  return bytes
}

export function linkFromFacts(facts: LayoutFacts): FactLink {
  const form =
    facts.sections.some(each => each.name === '.rel') || ['386', 'arm', 'mips', 'mipsle'].includes(facts.arch)
  const builder = new ObjectBuilder({
    bits: facts.bits,
    endian: facts.endian,
    machine: Number(facts.header['machine']),
    // The linker says what the EABI of the output is.
    flags: facts.arch === 'arm' ? 0x500_0000 : Number(facts.header['flags']),
    relocations: form ? 'rel' : 'rela',
  })
  const sections = new Map<string, SectionBuilder>()
  const bytes = new Map<string, Buffer>()
  facts.sections.forEach((fact, i) => {
    if (!compilerSection.test(fact.name)) return
    const common = { type: fact.type, flags: fact.flags & ~0x800, align: Math.max(fact.align, 1) }
    const content = contentOf(facts, fact, i)
    bytes.set(fact.name, content)
    const options = fact.type === 8 ? { ...common, size: fact.size } : { ...common, bytes: content }
    sections.set(fact.name, builder.section(fact.name, options))
  })
  // debug information that the options must remove
  if (!facts.sections.some(each => each.name.startsWith('.debug_')))
    for (const name of ['.debug_abbrev', '.debug_line', '.debug_info'])
      builder.section(name, { bytes: noise(100, 3, false) })
  const text = sections.get('.text')!
  const entryOffset = Number(facts.header['entry']) - sectionFact(facts, '.text')!.address
  const made = makeSymbols(facts, builder, text, sections, entryOffset)
  const libraries = importAll(facts, builder, text, bytes.get('.text')!, entryOffset)
  addRelative(facts, sections, made, bytes)
  return { object: builder.build(), libraries, options: optionsOf(facts, libraries.size > 0) }
}

function contentOf(facts: LayoutFacts, fact: SectionFact, seed: number): Buffer {
  const isCompressed = (fact.flags & 0x800) !== 0
  const note = facts.notes.find(each => each.section === fact.name)
  if (note === undefined) return noise(isCompressed ? Math.max(400, fact.size) : fact.size, seed, isCompressed)
  return Buffer.concat([note.bytes, Buffer.alloc(fact.size - note.bytes.length)])
}

/** The entry symbol, exports, and names for what is left of .symtab and .strtab. */
function makeSymbols(
  facts: LayoutFacts,
  builder: ObjectBuilder,
  text: SectionBuilder,
  sections: ReadonlyMap<string, SectionBuilder>,
  entryOffset: number,
): ReturnType<ObjectBuilder['symbol']> {
  const entryName = `_rt0_${facts.arch}_${facts.os}`
  if (facts.symbolCount !== undefined) builder.file('go.go')
  const start = sectionFact(facts, '.text')!.address
  const exported = facts.dynamicSymbols.filter(
    each => each.library === undefined && !/^_(end|etext|edata)$/.test(each.name),
  )
  const entry =
    exported.find(each => each.name === entryName) === undefined
      ? builder.symbol(entryName, text, entryOffset, { type: 'func', size: 1 })
      : undefined
  const all = exported.map(each => {
    const type = each.type === 2 ? 'func' : 'object'
    return builder.symbol(each.name, text, Math.max(0, each.value - start), { type, size: each.size })
  })
  const handle = entry ?? all.find(each => each.name === entryName)!
  if (facts.symbolCount === undefined) return handle
  const table = sectionFact(facts, '.symtab')!
  const imports = facts.dynamicSymbols.filter(each => each.library !== undefined)
  const known = ['go.go', ...builder.symbols.filter(each => each.name !== 'go.go').map(each => each.name)]
  const total = facts.symbolCount - 1 - known.length - imports.length
  const locals = Number(table.info) - 2
  let room = sectionFact(facts, '.strtab')!.size - 1
  for (const name of [...known, ...imports.map(each => each.name)]) room -= name.length + 1
  const homes = ['.text', '.data', '.rodata'].filter(name => (sectionFact(facts, name)?.size ?? 0) > 64)
  for (let i = 0; i < total; i++) {
    const length = Math.floor((room - (total - i)) / (total - i))
    const number = (i + 0x10000).toString(16)
    const name = length > number.length ? number + 'f'.repeat(length - number.length) : number
    room -= name.length + 1
    const home = homes[i % homes.length]!
    builder.symbol(name, sections.get(home)!, (i * 16) % (sectionFact(facts, home)!.size - 16), {
      binding: i < locals ? 'local' : 'global',
      type: home === '.text' ? 'func' : 'object',
      size: 8,
    })
  }
  return handle
}

/** Calls and words of the GOT for the imports, and the shared objects that they come from. */
function importAll(
  facts: LayoutFacts,
  builder: ObjectBuilder,
  text: SectionBuilder,
  code: Buffer,
  entryOffset: number,
): Map<string, Uint8Array> {
  const needed = facts.tags.filter(tag => tag.startsWith('NEEDED ')).map(tag => tag.slice('NEEDED '.length))
  const imports = facts.dynamicSymbols.filter(each => each.library !== undefined)
  const stubs = Number(/:(\d+)$/.exec(facts.relocations.find(line => /^\.rela?\.plt /.test(line)) ?? ':0')![1])
  const favourites = ['stderr', 'stdout', 'stdin', 'environ'].filter(name => imports.some(each => each.name === name))
  const data = new Set(favourites.slice(0, imports.length - stubs))
  for (const { name } of imports.toReversed()) if (data.size < imports.length - stubs) data.add(name)
  const kinds = relocations[facts.arch]
  let at = 64
  const first = new Map<string, ReturnType<ObjectBuilder['symbol']>>()
  for (const { name } of imports) {
    const symbol = builder.symbol(name, 'undefined', 0)
    if (!first.has(name)) first.set(name, symbol)
  }
  for (const { name } of imports) {
    if (kinds === undefined) throw new Error(`no relocations of ${facts.arch} are known here`)
    while (entryOffset <= at && at < entryOffset + 16) at += 16
    const isData = data.has(name)
    const bytes = isData && facts.arch === 'amd64' ? [0x48, 0x8b, 0x05, 0, 0, 0, 0] : kinds.code
    code.set(bytes, at)
    const head = isData && facts.arch === 'amd64' ? 3 : kinds.head
    const isRel = builder.options.relocations === 'rel'
    text.relocate(at + head, isData ? kinds.got : kinds.call, first.get(name), isRel || facts.arch !== 'amd64' ? 0 : -4)
    at += 16
  }
  const target = {
    bits: facts.bits,
    endian: facts.endian,
    machine: Number(facts.header['machine']),
    flags: builder.options.flags,
  }
  const libraries = new Map<string, Uint8Array>()
  for (const library of needed) {
    const own = imports.filter(each => each.library === library)
    const definitions = own.map(each => ({ name: each.name, version: each.version, isCode: !data.has(each.name) }))
    libraries.set(library, sharedObject(target, library, definitions))
  }
  return libraries
}

/** Words with addresses, as many as the loader relocates. */
function addRelative(
  facts: LayoutFacts,
  sections: ReadonlyMap<string, SectionBuilder>,
  target: ReturnType<ObjectBuilder['symbol']>,
  bytes: ReadonlyMap<string, Buffer>,
): void {
  const type = relative[facts.arch]
  const counts = facts.relocations.flatMap(line => line.split(' ').slice(1))
  let left = Number(counts.find(each => each.startsWith(`${type}:`))?.split(':')[1] ?? 0)
  const word = facts.bits / 8
  for (const name of ['.data.rel.ro', '.data.rel.ro.typelink', '.data', '.noptrdata']) {
    const section = sections.get(name)
    if (section === undefined) continue
    const room = Math.floor(sectionFact(facts, name)!.size / word / (name.startsWith('.data.rel') ? 1 : 2))
    const count = Math.min(left, room)
    left -= count
    bytes.get(name)!.fill(0, 0, count * word)
    for (let i = 0; i < count; i++)
      section.relocate(i * word, relocations[facts.arch]?.word ?? wordOf[facts.arch]!, target, 16)
  }
}

function optionsOf(facts: LayoutFacts, hasLibraries: boolean): string[] {
  const options: string[] = []
  const hasDebug = facts.sections.some(each => each.name.startsWith('.debug_'))
  if (facts.symbolCount === undefined) options.push('-s')
  else if (!hasDebug) options.push('-S')
  const id = facts.notes.find(note => note.section === '.note.gnu.build-id')
  const length = facts.endian === 'little' ? id?.bytes.readUInt32LE(4) : id?.bytes.readUInt32BE(4)
  const bytes = id?.bytes.subarray(16, 16 + length!).toString('hex')
  options.push(`--build-id=${bytes === undefined ? 'none' : `0x${bytes}`}`)
  const flag = (letter: string): string | undefined => new RegExp(`-${letter} (\\S+)`).exec(facts.flags)?.[1]
  const path = flag('r')
  if (path !== undefined) options.push('--enable-new-dtags', '-rpath', path)
  const interpreter = flag('I')
  if (interpreter !== undefined) options.push('-dynamic-linker', interpreter)
  const text = flag('T')
  if (text !== undefined) options.push(`-Ttext=${text}`)
  const page = flag('R')
  if (page !== undefined) options.push('-z', `max-page-size=${page}`)
  if (facts.header['type'] === '3') options.push('-pie')
  for (const each of facts.dynamicSymbols)
    if (each.library === undefined) options.push(`--export-dynamic-symbol=${each.name}`)
  if (facts.sections.some(each => (each.flags & 0x800) !== 0)) options.push('--compress-debug-sections=zlib')
  if (hasLibraries) options.push('--no-as-needed')
  return options
}
