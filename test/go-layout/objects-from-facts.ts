/**
 * The object that a link must start from to arrive at the facts: sections of the sizes measured, the symbols of the
 * facts where all are known (`tiny`), otherwise as many symbols with names as long as .symtab and .strtab say. For dynamic
 * programs also the shared objects, and code that calls and loads what is imported (imports-from-facts.ts).
 */
import { ObjectBuilder, type SectionBuilder } from '../support/object-builder.ts'
import {
  boundarySymbols,
  compilerSections,
  type LayoutFacts,
  machinesOfFacts,
  type SymbolFact,
  sectionFact,
} from './facts.ts'
import { addImports, type Imports } from './imports-from-facts.ts'

export interface FactLink {
  readonly object: Uint8Array
  /** options of the link, without inputs and output */
  readonly options: readonly string[]
  /** content of the compiler's sections as it must be found in the output */
  readonly contents: ReadonlyMap<string, Uint8Array>
  /** [from, to) in these contents that relocation changes */
  readonly changed: ReadonlyMap<string, readonly (readonly [number, number])[]>
  /** shared objects by file name, in the order of the command line */
  readonly libraries: ReadonlyMap<string, Uint8Array>
  /** input symbols of `tiny` in the order the facts list them */
  readonly given: readonly SymbolFact[]
}

/** Bytes that do not compress to a pattern: the same for the same seed. */
function noise(size: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(size)
  let state = seed | 1
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    bytes[i] = state >>> 16
  }
  return bytes
}

export function linkFromFacts(facts: LayoutFacts): FactLink {
  const target = machinesOfFacts[facts.goarch]!
  const { machine, bits, relocations, flags } = target
  const builder = new ObjectBuilder({ machine, bits, relocations, flags })
  const contents = new Map<string, Uint8Array>()
  const sections = new Map<string, SectionBuilder>()
  const bytesOf = new Map<string, Uint8Array>()
  const isStripped = sectionFact(facts, '.symtab') === undefined
  const hasDebug = facts.shdrs.some(section => section.name.startsWith('.debug_'))
  for (const fact of facts.shdrs) {
    if (!compilerSections.includes(fact.name) && !fact.name.startsWith('.debug_')) continue
    const common = { flags: fact.flags, align: Math.max(fact.addralign, 1) }
    if (fact.type === 'NOBITS') {
      sections.set(fact.name, builder.section(fact.name, { ...common, type: 'nobits', size: fact.size }))
      continue
    }
    // a few bytes short: the rounding of the end of .text has to make them up, with zeros
    const short = machine === 'arm' ? 4 : 5
    const missing = fact.name === '.text' && !textReaches(facts, fact.addr + fact.size - short) ? short : 0
    const bytes = noise(fact.size - missing, fact.index)
    bytesOf.set(fact.name, bytes)
    sections.set(fact.name, builder.section(fact.name, { ...common, bytes }))
  }
  // debug information that the options must remove
  if (!hasDebug)
    for (const name of ['.debug_abbrev', '.debug_line', '.debug_info']) builder.section(name, { bytes: noise(100, 3) })
  const imports = addImports(facts, target, builder, sections, bytesOf)
  const given = facts.symtab?.all === undefined ? undefined : realSymbols(facts, builder, sections)
  if (given === undefined) madeUpSymbols(facts, builder, sections, imports)
  for (const [name, bytes] of bytesOf) {
    const expected = new Uint8Array(sectionFact(facts, name)!.size)
    expected.set(bytes)
    contents.set(name, expected)
  }
  const options = [...optionsOf(facts, isStripped, hasDebug), ...imports.options]
  const { changed, libraries } = imports
  return { object: builder.build(), options, contents, changed, libraries, given: given ?? [] }
}

function textReaches(facts: LayoutFacts, end: number): boolean {
  return facts.symtab?.all?.some(([, value, size, , , , section]) => section === 1 && value + size > end) ?? false
}

function optionsOf(facts: LayoutFacts, isStripped: boolean, hasDebug: boolean): string[] {
  const options: string[] = []
  if (isStripped) options.push('-s')
  else if (!hasDebug) options.push('-S')
  const id = facts.notes.find(note => note.section === '.note.gnu.build-id')
  if (id !== undefined) options.push(`--build-id=0x${id.desc_hex}`)
  const text = /-T (\S+)/.exec(facts.flags)?.[1]
  if (text !== undefined) options.push(`-Ttext=${text}`)
  const rounding = /-R (\S+)/.exec(facts.flags)?.[1]
  if (rounding !== undefined) options.push('-z', `max-page-size=${rounding}`)
  return options
}

/** The symbols of the facts that are not the linker's; in order of creation: the output lists data newest first. */
function realSymbols(
  facts: LayoutFacts,
  builder: ObjectBuilder,
  sections: ReadonlyMap<string, SectionBuilder>,
): readonly SymbolFact[] {
  const all = facts.symtab?.all ?? []
  const given = all.slice(1).filter(([name, , , , , , section]) => {
    const home = facts.shdrs[section]?.name ?? ''
    return !boundarySymbols.has(name) && sectionFact(facts, name) === undefined && sections.has(home)
  })
  const data = given.filter(([, , , , type]) => type !== 'FUNC')
  const code = given.filter(([, , , , type]) => type === 'FUNC')
  for (const [name, value, size, binding, type, , section] of [...data.reverse(), ...code]) {
    const home = facts.shdrs[section]!
    builder.symbol(name, sections.get(home.name)!, value - home.addr, {
      binding: binding === 'LOCAL' ? 'local' : 'global',
      type: type === 'FUNC' ? 'func' : 'object',
      size,
    })
  }
  return given
}

function madeUpSymbols(
  facts: LayoutFacts,
  builder: ObjectBuilder,
  sections: ReadonlyMap<string, SectionBuilder>,
  imports: Imports,
): void {
  const text = sectionFact(facts, '.text')!
  const entry = `_rt0_${facts.goarch}_${facts.goos}`
  builder.symbol(entry, sections.get('.text')!, facts.ehdr.entry - text.addr, { type: 'func', size: 1 })
  const table = facts.symtab
  if (table === null) return
  const made = table.special.filter(symbol => boundarySymbols.has(symbol.name) || sectionFact(facts, symbol.name))
  const own = imports.symbols
  const locals = table.sh_info - 1 - [...made, ...own].filter(symbol => symbol.bind === 'LOCAL').length
  const total = table.count - 1 - made.length - own.length - 1
  let room = sectionFact(facts, '.strtab')!.size - 1 - entry.length - 1
  for (const symbol of [...made, ...own]) room -= symbol.name.length + 1
  const homes = ['.text', '.data', '.rodata'].map(name => ({ name, size: sectionFact(facts, name)!.size }))
  for (let i = 0; i < total; i++) {
    const length = Math.floor((room - (total - i)) / (total - i))
    const number = (i + 0x10000).toString(16)
    const name = length > number.length ? number + 'f'.repeat(length - number.length) : number
    room -= name.length + 1
    const home = homes[i % homes.length]!
    builder.symbol(name, sections.get(home.name)!, (i * 16) % (home.size - 16), {
      binding: i < locals ? 'local' : 'global',
      type: home.name === '.text' ? 'func' : 'object',
      size: 8,
    })
  }
}
