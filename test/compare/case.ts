/** A generated link: script, objects and options as data, so that a shrinker can take parts away. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { archive } from '../support/archive-builder.ts'
import { type Binding, type SectionType, type SymbolType, type Visibility, x86 } from '../support/elf-numbers.ts'
import { ObjectBuilder, type SectionBuilder, type SymbolBuilder } from '../support/object-builder.ts'

/** A statement of the script; a block has what is inside it and its closing text. */
export interface Piece {
  readonly text: string
  readonly inside?: readonly Piece[]
  readonly close?: string
}

export interface RelocationSpec {
  readonly offset: number
  readonly type: keyof typeof x86
  /** a symbol by name, or the object's own section by number */
  readonly symbol: string | number
  readonly addend: number
}

export interface SectionSpec {
  readonly name: string
  readonly flags: string
  readonly type?: SectionType
  readonly align: number
  readonly entrySize?: number
  /** absent for nobits */
  readonly bytes?: readonly number[]
  readonly size?: number
  readonly relocations: readonly RelocationSpec[]
}

export interface SymbolSpec {
  readonly name: string
  /** section number in the object, or a special place */
  readonly place: number | 'undefined' | 'absolute' | 'common'
  /** offset, value, or alignment of a common, in bytes */
  readonly value: number
  readonly size?: number
  readonly binding?: Binding
  readonly type?: SymbolType
  readonly visibility?: Visibility
}

export interface ObjectSpec {
  readonly name: string
  readonly sections: readonly SectionSpec[]
  readonly symbols: readonly SymbolSpec[]
  readonly groups: readonly { readonly signature: string; readonly members: readonly number[] }[]
  /** the archive that holds this object instead of the command line */
  readonly archive?: string
  /** the script asks for it (INPUT), the command line does not */
  readonly byScript?: boolean
}

export interface Case {
  readonly seed: number
  /** what the case exercises, for counting coverage */
  readonly features: readonly string[]
  readonly script: readonly Piece[]
  /** files that the script includes */
  readonly includes?: Readonly<Record<string, string>>
  readonly objects: readonly ObjectSpec[]
  readonly args: readonly string[]
}

/** The script as text, indented by two blanks. */
export function renderScript(pieces: readonly Piece[], indent = ''): string {
  let text = ''
  for (const piece of pieces) {
    text += `${indent}${piece.text}\n`
    if (piece.inside !== undefined) text += renderScript(piece.inside, `${indent}  `)
    if (piece.close !== undefined) text += `${indent}${piece.close}\n`
  }
  return text
}

export function buildObject(spec: ObjectSpec): Uint8Array {
  const object = new ObjectBuilder()
  const sections = spec.sections.map(section =>
    object.section(section.name, {
      flags: section.flags,
      type: section.type,
      align: section.align,
      entrySize: section.entrySize,
      bytes: section.bytes,
      size: section.size,
    }),
  )
  const symbols = new Map<string, SymbolBuilder>()
  for (const { name, place, value, ...options } of spec.symbols) {
    const where: SymbolBuilder['place'] = typeof place === 'number' ? sections[place] : place
    symbols.set(name, object.symbol(name, where, value, options))
  }
  spec.sections.forEach((section, i) => {
    for (const { offset, type, symbol, addend } of section.relocations)
      sections[i].relocate(offset, x86[type], targetOf(symbol, object, sections, symbols), addend)
  })
  for (const { signature, members } of spec.groups) {
    const symbol = symbols.get(signature) ?? object.undefined(signature)
    object.group(
      symbol,
      members.map(i => sections[i]),
    )
  }
  return object.build()
}

function targetOf(
  symbol: string | number,
  object: ObjectBuilder,
  sections: readonly SectionBuilder[],
  symbols: ReadonlyMap<string, SymbolBuilder>,
): SymbolBuilder | SectionBuilder {
  return typeof symbol === 'number' ? sections[symbol] : (symbols.get(symbol) ?? object.undefined(symbol))
}

/** The files of a link, by name. */
export function filesOf(link: Case): Map<string, Uint8Array | string> {
  const files = new Map<string, Uint8Array | string>([
    ['script.ld', renderScript(link.script)],
    ...Object.entries(link.includes ?? {}),
  ])
  const archives = new Map<string, ObjectSpec[]>()
  for (const object of link.objects) {
    if (object.archive === undefined) files.set(object.name, buildObject(object))
    else archives.set(object.archive, [...(archives.get(object.archive) ?? []), object])
  }
  for (const [name, members] of archives)
    files.set(
      name,
      archive(
        members.map(member => ({
          name: member.name,
          bytes: buildObject(member),
          symbols: member.symbols
            .filter(s => s.place !== 'undefined' && (s.binding ?? 'global') !== 'local')
            .map(s => s.name),
        })),
      ),
    )
  return files
}

/** Arguments of the linker, for a folder that holds the files. */
export function argumentsOf(link: Case, output: string): string[] {
  const inputs = [
    ...new Set(link.objects.filter(object => !object.byScript).map(object => object.archive ?? object.name)),
  ]
  const ordered = [...inputs.filter(name => name.endsWith('.o')), ...inputs.filter(name => !name.endsWith('.o'))]
  return ['-o', output, '-T', 'script.ld', ...link.args, ...ordered]
}

/** Writes the files to a folder, which is made. */
export function writeCase(link: Case, folder: string): void {
  mkdirSync(folder, { recursive: true })
  for (const [name, content] of filesOf(link)) writeFileSync(join(folder, name), content)
}
