/** Compares what the loader reads of a dynamic program with the facts: every tag, symbol, chain, relocation and byte. */
import { type ElfFile, relocationsOf, sectionBytes, sectionNamed } from '../support/elf-reader.ts'
import type { Same } from './compare-facts.ts'
import { type LayoutFacts, machinesOfFacts, type RelocationFact, tagNumbers } from './facts.ts'

export function compareDynamic(facts: LayoutFacts, file: ElfFile, same: Same): void {
  const bytes = (name: string): Buffer => {
    const section = sectionNamed(file, name)
    return Buffer.from(section === undefined ? new Uint8Array(0) : sectionBytes(file, section))
  }
  const text = bytes('.interp').toString('latin1')
  same('interpreter', facts.interp === null ? '' : `${facts.interp}\0`, text)
  same('a dynamic section', facts.dynamic !== undefined, sectionNamed(file, '.dynamic') !== undefined)
  if (facts.dynamic === undefined) return
  compareTags(facts, bytes('.dynamic'), same)
  compareSymbols(facts, file, bytes('.dynsym'), same)
  // In the cgo program order and versions follow from more than the facts show.
  const isKnown = facts.variant !== 'cgo'
  if (isKnown) {
    same('.dynstr', `${facts.dynstr_strings!.join('\0')}\0`, bytes('.dynstr').toString('latin1'))
    const { nbucket, nchain, buckets, chain } = facts.hash!
    const words = bytes('.hash')
    const found = Array.from({ length: words.length / 4 }, (_, i) => words.readUInt32LE(4 * i))
    same('.hash', [nbucket, nchain, ...buckets, ...chain].join(' '), found.join(' '))
    same('.gnu.version', facts.hex_gnu_version, bytes('.gnu.version').toString('hex'))
    same('.gnu.version_r', facts.hex_gnu_version_r, bytes('.gnu.version_r').toString('hex'))
  }
  same('.plt', facts.hex_plt, bytes('.plt').toString('hex'))
  same('.got', facts.hex_got, bytes('.got').toString('hex'))
  same('.got.plt', facts.hex_got_plt, bytes('.got.plt').toString('hex'))
  for (const [name, rows] of [
    ['.rela', facts.relocs_rela],
    ['.rela.plt', facts.relocs_rela_plt],
    ['.rel', facts.relocs_rel],
    ['.rel.plt', facts.relocs_rel_plt],
  ] as const)
    if (rows !== undefined) compareRelocations(name, rows, file, same)
}

function compareTags(facts: LayoutFacts, bytes: Buffer, same: Same): void {
  const word = machinesOfFacts[facts.goarch]!.bits / 8
  const read = (at: number): number => (word === 8 ? Number(bytes.readBigUInt64LE(at)) : bytes.readUInt32LE(at))
  const found = Array.from({ length: bytes.length / (2 * word) }, (_, i) => read(2 * word * i))
  same('tags', facts.dynamic!.map(({ tag }) => tagNumbers[tag]).join(' '), found.join(' '))
  facts.dynamic!.forEach(({ tag, value }, i) => {
    const at = 2 * word * i + word
    same(`DT_${tag}`, value, at + word <= bytes.length ? read(at) : undefined)
  })
}

function compareSymbols(facts: LayoutFacts, file: ElfFile, bytes: Buffer, same: Same): void {
  const wide = machinesOfFacts[facts.goarch]!.bits === 64
  const entry = wide ? 24 : 16
  same('number of dynamic symbols', facts.dynsym!.length, bytes.length / entry)
  facts.dynsym!.forEach((symbol, i) => {
    const at = i * entry
    if (at + entry > bytes.length) return
    const info = at + (wide ? 4 : 12)
    const binding = { LOCAL: 0, GLOBAL: 1, WEAK: 2 }[symbol.bind]
    const type = { NOTYPE: 0, OBJECT: 1, FUNC: 2 }[symbol.type]
    same(`${symbol.name} binding`, binding, bytes[info]! >> 4)
    same(`${symbol.name} type`, type, bytes[info]! & 15)
    same(`${symbol.name} visibility`, symbol.other, bytes[info + 1])
    same(`${symbol.name} section`, symbol.shndx, bytes.readUInt16LE(info + 2))
    same(`${symbol.name} value`, symbol.value, bytes.readUInt32LE(at + (wide ? 8 : 4)))
    same(`${symbol.name} size`, symbol.size, bytes.readUInt32LE(at + (wide ? 16 : 8)))
    if (i > 0) same(`dynamic symbol ${i}`, symbol.name, file.dynamicSymbols[i - 1]?.name)
  })
}

function compareRelocations(name: string, rows: readonly RelocationFact[], file: ElfFile, same: Same): void {
  const section = sectionNamed(file, name)
  const found = section === undefined ? [] : relocationsOf(file, section)
  same(`rows of ${name}`, rows.length, found.length)
  rows.forEach((row, i) => {
    same(`${name} ${i} offset`, row.offset, Number(found[i]?.offset))
    same(`${name} ${i} symbol`, row.sym, found[i]?.symbol)
    same(`${name} ${i} type`, row.type, found[i]?.type)
    if (row.addend !== undefined) same(`${name} ${i} addend`, row.addend, Number(found[i]?.addend))
  })
}
