/**
 * What a dynamic program of the facts imports: shared objects that define it with its versions, code in .text that calls it
 * and loads it from the GOT, words in data that hold its address; and what it exports.
 */
import type { ObjectBuilder, SectionBuilder, SymbolBuilder } from '../support/object-builder.ts'
import { type CodeFact, type LayoutFacts, type Machine, type SectionFact, sectionFact } from './facts.ts'
import { sharedObject } from './shared-objects.ts'

export interface Imports {
  readonly options: readonly string[]
  readonly libraries: ReadonlyMap<string, Uint8Array>
  readonly changed: ReadonlyMap<string, readonly (readonly [number, number])[]>
  /** symbols that were defined for this */
  readonly symbols: readonly { readonly name: string; readonly bind: string }[]
}

const nothing: Imports = { options: [], libraries: new Map(), changed: new Map(), symbols: [] }

/** Adds symbols and relocations to the object; `bytesOf` is the content of its sections, which changes. */
export function addImports(
  facts: LayoutFacts,
  target: Machine,
  builder: ObjectBuilder,
  sections: ReadonlyMap<string, SectionBuilder>,
  bytesOf: ReadonlyMap<string, Uint8Array>,
): Imports {
  if (facts.dynamic === undefined) return nothing
  return new ImportWriter(facts, target, builder, sections, bytesOf).run()
}

interface Use {
  readonly rank: number
  readonly code: CodeFact
  readonly symbol: string
}

class ImportWriter {
  private readonly facts: LayoutFacts
  private readonly target: Machine
  private readonly builder: ObjectBuilder
  private readonly sections: ReadonlyMap<string, SectionBuilder>
  private readonly bytesOf: ReadonlyMap<string, Uint8Array>
  private readonly changed = new Map<string, [number, number][]>()
  private readonly symbols: { name: string; bind: string }[] = []
  private readonly handles = new Map<string, SymbolBuilder>()

  constructor(
    facts: LayoutFacts,
    target: Machine,
    builder: ObjectBuilder,
    sections: ReadonlyMap<string, SectionBuilder>,
    bytesOf: ReadonlyMap<string, Uint8Array>,
  ) {
    this.facts = facts
    this.target = target
    this.builder = builder
    this.sections = sections
    this.bytesOf = bytesOf
  }

  run(): Imports {
    const { facts } = this
    const imports = facts.dynsym!.slice(1).filter(symbol => symbol.shndx === 0)
    const exports = facts.dynsym!.slice(1).filter(symbol => symbol.shndx !== 0)
    const names = imports.map(symbol => symbol.name)
    const { uses, words } = this.uses(names)
    this.define(uses)
    for (const name of this.byAge(names)) this.handles.set(name, this.builder.undefined(name))
    for (const symbol of exports) {
      const text = sectionFact(facts, '.text')!
      const type = symbol.type === 'FUNC' ? 'func' : 'object'
      this.builder.symbol(symbol.name, this.sections.get('.text')!, symbol.value - text.addr, { type })
      this.symbols.push({ name: symbol.name, bind: 'GLOBAL' })
    }
    let at = 64
    const entry = facts.ehdr.entry - sectionFact(facts, '.text')!.addr
    for (const { code, symbol } of uses) {
      while (entry <= at && at < entry + 16) at += 16
      this.write('.text', at, code, symbol, 16)
      at += 16
    }
    for (const { offset, symbol } of words) {
      const home = this.home(offset)!
      this.write(home.name, offset - home.addr, this.target.word, symbol, 0)
    }
    const options = [
      ...exports.map(symbol => `--export-dynamic-symbol=${symbol.name}`),
      ...this.options(),
      facts.variant === 'dyn-implicit-needed' ? '--as-needed' : '--no-as-needed',
    ]
    const functions = new Set(uses.filter(use => use.code === this.target.call).map(use => use.symbol))
    return { options, libraries: this.libraries(names, functions), changed: this.changed, symbols: this.symbols }
  }

  private options(): string[] {
    const options: string[] = []
    const path = /-r (\S+)/.exec(this.facts.flags)?.[1]
    if (path !== undefined) options.push('--enable-new-dtags', '-rpath', path)
    const interpreter = /-I (\S+)/.exec(this.facts.flags)?.[1]
    if (interpreter !== undefined) options.push('-dynamic-linker', interpreter)
    return options
  }

  /** In the order of .dynsym: who is called, who has a word in the GOT (or a local address); and words in data. */
  private uses(names: readonly string[]): { uses: Use[]; words: { offset: number; symbol: string }[] } {
    const { facts, target } = this
    const nameOf = (index: number): string => facts.dynsym![index]!.name
    const uses: Use[] = [...(facts.relocs_rela_plt ?? []), ...(facts.relocs_rel_plt ?? [])].map(({ sym }) => ({
      rank: names.indexOf(nameOf(sym)),
      code: target.call,
      symbol: nameOf(sym),
    }))
    const got = sectionFact(facts, '.got')!
    const inGot = new Map<number, string>()
    const words: { offset: number; symbol: string }[] = []
    for (const { offset, sym } of [...(facts.relocs_rela ?? []), ...(facts.relocs_rel ?? [])])
      if (offset >= got.addr && offset < got.addr + got.size) inGot.set(offset, nameOf(sym))
      else words.push({ offset, symbol: nameOf(sym) })
    const bytes = Buffer.from(facts.hex_got ?? '', 'hex')
    const word = target.bits / 8
    for (let at = 0; at < got.size; at += word) {
      const name = inGot.get(got.addr + at)
      const address = word === 8 ? Number(bytes.readBigUInt64LE(at)) : bytes.readUInt32LE(at)
      if (name !== undefined) uses.push({ rank: names.indexOf(name), code: target.load, symbol: name })
      else if (this.home(address) !== undefined)
        uses.push({ rank: Number.MAX_SAFE_INTEGER, code: target.load, symbol: `got_local_${at / word} ${address}` })
    }
    return { uses: uses.sort((a, b) => a.rank - b.rank), words }
  }

  /** Locals whose address a word of the GOT holds: `name address`. */
  private define(uses: readonly Use[]): void {
    for (const { symbol } of uses) {
      const [name, address] = symbol.split(' ')
      const home = address === undefined ? undefined : this.home(Number(address))
      if (name === undefined || home === undefined || this.handles.has(symbol)) continue
      const handle = this.builder.symbol(name, this.sections.get(home.name)!, Number(address) - home.addr, {
        binding: 'local',
        size: 4,
        type: 'object',
      })
      this.handles.set(symbol, handle)
      this.symbols.push({ name, bind: 'LOCAL' })
    }
  }

  private home(address: number): SectionFact | undefined {
    return this.facts.shdrs.find(
      section =>
        this.bytesOf.has(section.name) &&
        section.addr <= address &&
        address < section.addr + section.size &&
        address > 0,
    )
  }

  /** Puts the instruction or word at `at` of the section and a relocation on it. */
  private write(section: string, at: number, code: CodeFact, symbol: string, room: number): void {
    this.bytesOf.get(section)!.set(code.bytes, at)
    this.sections.get(section)!.relocate(at + code.place, code.type, this.handles.get(symbol)!, code.addend)
    const ranges = this.changed.get(section) ?? []
    ranges.push([at, at + Math.max(code.bytes.length, room)])
    this.changed.set(section, ranges)
  }

  /** Oldest first: a chain of the hash table runs from the oldest symbol to the newest. */
  private byAge(names: readonly string[]): readonly string[] {
    const { chain } = this.facts.hash!
    const before = new Map<number, number>()
    chain.forEach((next, index) => {
      if (next !== 0) before.set(next, index)
    })
    const order: string[] = []
    const visit = (index: number): void => {
      const name = this.facts.dynsym![index]!.name
      if (order.includes(name)) return
      const older = before.get(index)
      if (older !== undefined && older !== 0) visit(older)
      if (names.includes(name)) order.push(name)
    }
    for (const name of names) visit(this.facts.dynsym!.findIndex(symbol => symbol.name === name))
    return order
  }

  /** Shared objects in the order of DT_NEEDED. */
  private libraries(names: readonly string[], functions: ReadonlySet<string>): ReadonlyMap<string, Uint8Array> {
    const needed = this.facts.dynamic!.filter(({ tag }) => tag === 'NEEDED').map(each => each.string!)
    const versions = this.versions()
    const members = new Map(needed.map(name => [name, [] as { name: string; version?: string; isCode: boolean }[]]))
    for (const name of names) {
      const found = versions.get(name)
      const stem = /^(cos|sin|sqrt)$/.test(name) ? 'libm' : 'libc'
      const library = found?.library ?? needed.find(each => each.startsWith(stem)) ?? needed.at(-1)!
      members.get(library)!.push({ name, version: found?.version, isCode: functions.has(name) })
    }
    return new Map([...members].map(([soname, list]) => [soname, sharedObject(this.target, soname, list)]))
  }

  /** Library and version by import. */
  private versions(): ReadonlyMap<string, { library: string; version: string }> {
    const found = new Map<string, { library: string; version: string }>()
    const count = sectionFact(this.facts, '.gnu.version_r')?.info ?? 0
    if (count === 0) return found
    const table = Buffer.from(this.facts.hex_gnu_version_r!, 'hex')
    const strings = Buffer.from(this.facts.dynstr_strings!.join('\0') + '\0', 'latin1')
    const text = (at: number): string => strings.toString('latin1', at, strings.indexOf(0, at))
    const byIndex = new Map<number, { library: string; version: string }>()
    let at = 0
    for (let i = 0; i < count; i++) {
      let row = at + table.readUInt32LE(at + 8)
      for (let k = 0; k < table.readUInt16LE(at + 2); k++) {
        const library = text(table.readUInt32LE(at + 4))
        byIndex.set(table.readUInt16LE(row + 6), { library, version: text(table.readUInt32LE(row + 8)) })
        row += table.readUInt32LE(row + 12)
      }
      at += table.readUInt32LE(at + 12)
    }
    const numbers = Buffer.from(this.facts.hex_gnu_version!, 'hex')
    this.facts.dynsym!.forEach((symbol, index) => {
      const version = byIndex.get(numbers.readUInt16LE(2 * index))
      if (version !== undefined) found.set(symbol.name, version)
    })
    return found
  }
}
