/** Compares a linked file with the facts, field by field. */
import { bindings, symbolTypes } from '../support/elf-numbers.ts'
import { type ElfFile, sectionBytes } from '../support/elf-reader.ts'
import { compareDynamic } from './compare-dynamic.ts'
import {
  boundarySymbols,
  headerFields,
  type LayoutFacts,
  sectionFact,
  sectionTypeNumbers,
  segmentTypeNumbers,
} from './facts.ts'
import type { FactLink } from './objects-from-facts.ts'

/** One line for each field that differs: what, what the facts say, what the file says. */
export function differences(facts: LayoutFacts, link: FactLink, file: ElfFile): string[] {
  const list: string[] = []
  const same = (what: string, wanted: unknown, found: unknown): void => {
    if (wanted !== found) list.push(`${what}: expected ${show(wanted)}, found ${show(found)}`)
  }
  compareHeader(facts, file, same)
  compareSegments(facts, file, same)
  compareSections(facts, file, same)
  const names = file.sections.find(section => section.name === '.shstrtab')
  const text = names === undefined ? '' : Buffer.from(sectionBytes(file, names)).toString('latin1')
  same('strings of .shstrtab', `${facts.shstrtab_strings.join('\0')}\0`, text)
  for (const note of facts.notes) {
    const section = file.sections.find(each => each.name === note.section)
    const padding = (sectionFact(facts, note.section)?.size ?? 0) - note.raw_hex.length / 2
    const found = section === undefined ? '' : Buffer.from(sectionBytes(file, section)).toString('hex')
    same(`content of ${note.section}`, note.raw_hex + '00'.repeat(padding), found)
  }
  const { shdrs_end: from, first_reserved_item_offset: to } = facts.header_area
  same(
    'gap behind the headers is zero',
    true,
    file.bytes.subarray(from, to).every(byte => byte === 0),
  )
  for (const [name, bytes] of link.contents) {
    const section = file.sections.find(each => each.name === name)
    const found = section === undefined ? new Uint8Array(0) : sectionBytes(file, section).slice()
    const wanted = bytes.slice()
    for (const [from, to] of link.changed.get(name) ?? []) for (const each of [found, wanted]) each.fill(0, from, to)
    same(`content of ${name}`, true, Buffer.compare(found, wanted) === 0)
  }
  compareDynamic(facts, file, same)
  if (facts.symtab !== null) compareSymbols(facts, link, file, same)
  return list
}

export type Same = (what: string, wanted: unknown, found: unknown) => void

function show(value: unknown): string {
  return typeof value === 'number' ? `${value} (0x${value.toString(16)})` : JSON.stringify(value)
}

function compareHeader(facts: LayoutFacts, file: ElfFile, same: Same): void {
  same('e_ident', facts.ehdr.ident, Buffer.from(file.bytes.subarray(0, 16)).toString('hex'))
  same('file size', facts.file_size, file.bytes.length)
  const view = new DataView(file.bytes.buffer, file.bytes.byteOffset, file.bytes.byteLength)
  let at = 16
  for (const field of headerFields) {
    const bytes = field === 'entry' || field === 'phoff' || field === 'shoff' ? file.bits / 8 : widths[field]
    const value =
      bytes === 8
        ? Number(view.getBigUint64(at, true))
        : bytes === 4
          ? view.getUint32(at, true)
          : view.getUint16(at, true)
    same(`e_${field}`, facts.ehdr[field], value)
    at += bytes
  }
}

const widths: Readonly<Record<string, 2 | 4>> = {
  type: 2,
  machine: 2,
  version: 4,
  flags: 4,
  ehsize: 2,
  phentsize: 2,
  phnum: 2,
  shentsize: 2,
  shnum: 2,
  shstrndx: 2,
}

function compareSegments(facts: LayoutFacts, file: ElfFile, same: Same): void {
  same('number of program headers', facts.phdrs.length, file.segments.length)
  facts.phdrs.forEach((fact, i) => {
    const found = file.segments[i]
    const what = `program header ${i} (${fact.type})`
    same(`${what} type`, segmentTypeNumbers[fact.type], found?.type)
    same(`${what} flags`, fact.flags, found?.flags)
    same(`${what} offset`, fact.offset, found?.offset)
    same(`${what} address`, fact.vaddr, Number(found?.virtualAddress))
    same(`${what} load address`, fact.paddr, Number(found?.physicalAddress))
    same(`${what} file size`, fact.filesz, found?.fileSize)
    same(`${what} memory size`, fact.memsz, Number(found?.memorySize))
    same(`${what} align`, fact.align, Number(found?.align))
  })
}

function compareSections(facts: LayoutFacts, file: ElfFile, same: Same): void {
  same('sections', facts.shdrs.map(fact => fact.name).join(' '), file.sections.map(section => section.name).join(' '))
  for (const fact of facts.shdrs) {
    const found = file.sections.find(section => section.name === fact.name)
    const what = `section ${fact.name === '' ? 'null' : fact.name}`
    same(`${what} type`, sectionTypeNumbers[fact.type], found?.type)
    same(`${what} flags`, fact.flags, found?.flags)
    same(`${what} address`, fact.addr, Number(found?.address))
    same(`${what} offset`, fact.offset, found?.offset)
    same(`${what} size`, fact.size, found?.size)
    same(`${what} link`, fact.link, found?.link)
    same(`${what} info`, fact.info, found?.info)
    same(`${what} align`, fact.addralign, found?.align)
    same(`${what} entry size`, fact.entsize, found?.entrySize)
  }
}

function compareSymbols(facts: LayoutFacts, link: FactLink, file: ElfFile, same: Same): void {
  const table = facts.symtab!
  same('number of symbols', table.count, file.symbols.length + 1)
  const first = table.sh_info - 1
  same(
    'locals come first',
    true,
    file.symbols.slice(0, first).every(symbol => symbol.binding === 0),
  )
  same('the first two globals', 'text etext', `${file.symbols[first]?.name} ${file.symbols[first + 1]?.name}`)
  if (table.all === undefined) return
  const given = new Set(link.given.map(([name]) => name))
  const order = (names: readonly string[], fromInput: boolean): string =>
    names.filter(name => given.has(name) === fromInput).join('\n')
  const wanted = table.all.slice(1).map(([name]) => name)
  const found = file.symbols.map(symbol => symbol.name)
  same('order of the input symbols', order(wanted, true), order(found, true))
  same("order of the linker's symbols", order(wanted, false), order(found, false))
  same(
    'every boundary symbol',
    true,
    [...boundarySymbols].every(name => found.includes(name)),
  )
  const seen = new Map<string, number>()
  for (const [name, value, size, binding, type, other, section] of table.all.slice(1)) {
    const nth = seen.get(name) ?? 0
    seen.set(name, nth + 1)
    const symbol = file.symbols.filter(each => each.name === name)[nth]
    const what = `symbol ${name}`
    same(`${what} value`, value, Number(symbol?.value))
    same(`${what} size`, size, Number(symbol?.size))
    same(`${what} binding`, binding === 'LOCAL' ? bindings.local : bindings.global, symbol?.binding)
    same(`${what} type`, type === 'FUNC' ? symbolTypes.func : symbolTypes.object, symbol?.type)
    same(`${what} visibility`, other, symbol?.visibility)
    same(`${what} section`, section, symbol?.sectionIndex)
  }
}
