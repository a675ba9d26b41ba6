/**
 * Relocatable ELF objects made in memory, so that a test needs neither an assembler nor a disk.
 *
 * @example
 * const object = new ObjectBuilder()
 * const text = object.section('.text', { flags: 'ax', bytes: [0xe8, 0, 0, 0, 0, 0xc3] })
 * text.label('_start').relocate(1, x86.R_X86_64_PLT32, object.undefined('callee'), -4)
 * const bytes = object.build()
 *
 * The order of sections is: groups, then sections in the order they were declared, each followed by its relocations, then
 * .symtab, .symtab_shndx, .strtab, .shstrtab. Equal calls give equal bytes.
 */
import {
  type Binding,
  bindings,
  type Machine,
  machines,
  type SectionType,
  SHN_ABS,
  SHN_COMMON,
  SHN_LORESERVE,
  SHN_UNDEF,
  SHN_XINDEX,
  type SymbolType,
  sectionFlagLetters,
  sectionTypes,
  symbolTypes,
  type Visibility,
  visibilities,
} from './elf-numbers.ts'

export interface ObjectOptions {
  readonly bits?: 32 | 64
  readonly endian?: 'little' | 'big'
  readonly machine?: Machine | number
  readonly relocations?: 'rel' | 'rela'
  /** e_flags */
  readonly flags?: number
  readonly osabi?: number
  /** e_type; 1 (ET_REL) when absent */
  readonly type?: number
}

export interface SectionOptions {
  /** progbits, or nobits for a section with `size` only */
  readonly type?: SectionType | number
  /** letters as in GNU as ("ax", "aw", "aMS"), or the SHF_ bits */
  readonly flags?: string | number
  /** sh_addralign in bytes; 1 when absent */
  readonly align?: number
  readonly entrySize?: number
  readonly bytes?: Uint8Array | readonly number[] | string
  /** size in bytes of a nobits section */
  readonly size?: number
  readonly link?: SectionBuilder | number
  readonly info?: number
}

export interface SymbolOptions {
  readonly binding?: Binding
  readonly type?: SymbolType
  readonly visibility?: Visibility
  readonly size?: number | bigint
}

interface Relocation {
  readonly offset: number
  readonly type: number
  readonly symbol: SymbolBuilder | undefined
  readonly addend: number | bigint
}

/** A symbol of the object; a handle for relocations and groups. */
export class SymbolBuilder {
  readonly name: string
  readonly place: SectionBuilder | 'undefined' | 'absolute' | 'common'
  readonly value: number | bigint
  readonly options: SymbolOptions
  /** @internal place in .symtab, known while building */
  index = 0

  constructor(name: string, place: SymbolBuilder['place'], value: number | bigint, options: SymbolOptions) {
    this.name = name
    this.place = place
    this.value = value
    this.options = options
  }

  get isLocal(): boolean {
    return (this.options.binding ?? 'global') === 'local'
  }
}

export class SectionBuilder {
  readonly name: string
  readonly options: SectionOptions
  readonly relocations: Relocation[] = []
  /** @internal place in the section header table, known while building */
  index = 0
  readonly #object: ObjectBuilder
  #sectionSymbol: SymbolBuilder | undefined

  constructor(object: ObjectBuilder, name: string, options: SectionOptions) {
    this.#object = object
    this.name = name
    this.options = options
  }

  /** Defines a global symbol at `value` bytes from the start of the section. */
  label(name: string, value: number | bigint = 0, options: SymbolOptions = {}): this {
    this.#object.symbol(name, this, value, options)
    return this
  }

  /** Adds a relocation at `offset` bytes; no symbol means symbol 0. With REL the addend is not written: put it in the bytes. */
  relocate(offset: number, type: number, symbol?: SymbolBuilder | SectionBuilder, addend: number | bigint = 0): this {
    const target = symbol instanceof SectionBuilder ? symbol.sectionSymbol() : symbol
    this.relocations.push({ offset, type, symbol: target, addend })
    return this
  }

  /** The STT_SECTION symbol of this section; made at the first call. */
  sectionSymbol(): SymbolBuilder {
    this.#sectionSymbol ??= this.#object.symbol('', this, 0, { binding: 'local', type: 'section' })
    return this.#sectionSymbol
  }
}

interface Group {
  readonly signature: SymbolBuilder
  readonly members: readonly SectionBuilder[]
  readonly comdat: boolean
}

/** What one section header says, with its content; the last step before bytes. */
interface Row {
  readonly name: string
  readonly type: number
  readonly flags: number
  readonly align: number
  readonly entrySize: number
  readonly content: Uint8Array
  /** sh_size; differs from content.length for nobits only */
  readonly size: number
  readonly link: number
  readonly info: number
}

export class ObjectBuilder {
  readonly options: ObjectOptions
  readonly sections: SectionBuilder[] = []
  readonly symbols: SymbolBuilder[] = []
  readonly groups: Group[] = []

  constructor(options: ObjectOptions = {}) {
    this.options = options
  }

  get wide(): boolean {
    return (this.options.bits ?? 64) === 64
  }

  section(name: string, options: SectionOptions = {}): SectionBuilder {
    const section = new SectionBuilder(this, name, options)
    this.sections.push(section)
    return section
  }

  symbol(
    name: string,
    place: SymbolBuilder['place'],
    value: number | bigint = 0,
    options: SymbolOptions = {},
  ): SymbolBuilder {
    const symbol = new SymbolBuilder(name, place, value, options)
    this.symbols.push(symbol)
    return symbol
  }

  /** A reference; the same handle for the same name. */
  undefined(name: string, options: SymbolOptions = {}): SymbolBuilder {
    const known = this.symbols.find(symbol => symbol.name === name && symbol.place === 'undefined')
    return known ?? this.symbol(name, 'undefined', 0, options)
  }

  absolute(name: string, value: number | bigint, options: SymbolOptions = {}): SymbolBuilder {
    return this.symbol(name, 'absolute', value, options)
  }

  /** A common symbol of `size` bytes aligned to `align` bytes. */
  common(name: string, size: number, align = 1, options: SymbolOptions = {}): SymbolBuilder {
    return this.symbol(name, 'common', align, { type: 'object', ...options, size })
  }

  /** The STT_FILE symbol. */
  file(name: string): this {
    this.symbol(name, 'absolute', 0, { binding: 'local', type: 'file' })
    return this
  }

  /** A section group; COMDAT unless told otherwise. Members get SHF_GROUP. */
  group(signature: SymbolBuilder, members: readonly SectionBuilder[], comdat = true): this {
    this.groups.push({ signature, members, comdat })
    return this
  }

  /** The bytes of the object file. */
  build(): Uint8Array {
    const writer = new ElfWriter(this.wide, (this.options.endian ?? 'little') === 'little')
    const rows = this.#rows(writer)
    return writer.file(rows, this.options)
  }

  #rows(writer: ElfWriter): Row[] {
    const form = this.options.relocations ?? 'rela'
    let next = 1 + this.groups.length
    for (const section of this.sections) {
      section.index = next++
      if (section.relocations.length > 0) next++
    }
    const symtabIndex = next
    const ordered = [...this.symbols.filter(s => s.isLocal), ...this.symbols.filter(s => !s.isLocal)]
    ordered.forEach((symbol, i) => {
      symbol.index = i + 1
    })
    const needsExtended = next > SHN_LORESERVE
    const strtabIndex = symtabIndex + (needsExtended ? 2 : 1)
    const strings = new StringTable()
    const grouped = new Set(this.groups.flatMap(group => [...group.members]))

    const rows: Row[] = [emptyRow]
    for (const group of this.groups) {
      const members = group.members.flatMap(m => (m.relocations.length > 0 ? [m.index, m.index + 1] : [m.index]))
      const content = writer.words([group.comdat ? 1 : 0, ...members])
      rows.push(
        row('.group', sectionTypes.group, content, {
          align: 4,
          entrySize: 4,
          link: symtabIndex,
          info: group.signature.index,
        }),
      )
    }
    for (const section of this.sections) {
      const extra = grouped.has(section) ? sectionFlagLetters['G'] : 0
      rows.push(sectionRow(section, extra))
      if (section.relocations.length === 0) continue
      const content = writer.relocations(section.relocations, form)
      rows.push(
        row(`.${form}${section.name}`, sectionTypes[form], content, {
          flags: (sectionFlagLetters['I'] | extra) >>> 0,
          align: writer.wordBytes,
          entrySize: writer.relocationBytes(form),
          link: symtabIndex,
          info: section.index,
        }),
      )
    }
    const symtab = writer.symbols(ordered, strings)
    rows.push(
      row('.symtab', sectionTypes.symtab, symtab.table, {
        align: writer.wordBytes,
        entrySize: writer.symbolBytes,
        link: strtabIndex,
        info: 1 + ordered.filter(s => s.isLocal).length,
      }),
    )
    if (needsExtended)
      rows.push(
        row('.symtab_shndx', sectionTypes['symtab-shndx'], symtab.extended, {
          align: 4,
          entrySize: 4,
          link: symtabIndex,
        }),
      )
    rows.push(row('.strtab', sectionTypes.strtab, strings.bytes(), {}))
    return rows
  }
}

const emptyRow: Row = row('', 0, new Uint8Array(0), { align: 0 })

function row(
  name: string,
  type: number,
  content: Uint8Array,
  rest: { flags?: number; align?: number; entrySize?: number; link?: number; info?: number; size?: number },
): Row {
  const { flags = 0, align = 1, entrySize = 0, link = 0, info = 0, size = content.length } = rest
  return { name, type, flags, align, entrySize, content, size, link, info }
}

function sectionRow(section: SectionBuilder, extraFlags: number): Row {
  const { options } = section
  const type = options.type ?? (options.size !== undefined && options.bytes === undefined ? 'nobits' : 'progbits')
  const link = options.link instanceof SectionBuilder ? options.link.index : options.link
  const content = contentOf(options)
  return row(section.name, typeof type === 'number' ? type : sectionTypes[type], content, {
    flags: (flagBits(options.flags ?? 0) | extraFlags) >>> 0,
    align: options.align,
    entrySize: options.entrySize,
    link,
    info: options.info,
    size: options.size,
  })
}

function contentOf(options: SectionOptions): Uint8Array {
  if (options.bytes === undefined) return new Uint8Array(0)
  return typeof options.bytes === 'string' ? latin1(options.bytes) : Uint8Array.from(options.bytes)
}

/** SHF_ bits of letters such as "aw"; a number is returned as it is. */
export function flagBits(flags: string | number): number {
  if (typeof flags === 'number') return flags
  let bits = 0
  for (const letter of flags) {
    const bit = sectionFlagLetters[letter]
    if (bit === undefined) throw new Error(`section flag letter '${letter}' is not known to the object builder`)
    bits |= bit
  }
  return bits >>> 0
}

/** One byte per character. */
export function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, character => character.charCodeAt(0))
}

class StringTable {
  readonly #offsets = new Map<string, number>([['', 0]])
  readonly #parts: string[] = ['\0']
  #length = 1

  add(name: string): number {
    const known = this.#offsets.get(name)
    if (known !== undefined) return known
    const offset = this.#length
    this.#offsets.set(name, offset)
    this.#parts.push(name, '\0')
    this.#length += name.length + 1
    return offset
  }

  bytes(): Uint8Array {
    return latin1(this.#parts.join(''))
  }
}

/** Fields in the class (32 or 64 bits) and byte order of one file. */
class ElfWriter {
  readonly wide: boolean
  readonly little: boolean

  constructor(wide: boolean, little: boolean) {
    this.wide = wide
    this.little = little
  }

  get wordBytes(): number {
    return this.wide ? 8 : 4
  }

  get symbolBytes(): number {
    return this.wide ? 24 : 16
  }

  relocationBytes(form: 'rel' | 'rela'): number {
    return this.wordBytes * (form === 'rela' ? 3 : 2)
  }

  words(values: readonly number[]): Uint8Array {
    const view = new DataView(new ArrayBuffer(values.length * 4))
    values.forEach((value, i) => {
      view.setUint32(i * 4, value, this.little)
    })
    return new Uint8Array(view.buffer)
  }

  address(view: DataView, offset: number, value: number | bigint): void {
    if (this.wide) view.setBigUint64(offset, BigInt.asUintN(64, BigInt(value)), this.little)
    else view.setUint32(offset, Number(BigInt.asUintN(32, BigInt(value))), this.little)
  }

  relocations(list: readonly Relocation[], form: 'rel' | 'rela'): Uint8Array {
    const size = this.relocationBytes(form)
    const view = new DataView(new ArrayBuffer(list.length * size))
    list.forEach((relocation, i) => {
      const at = i * size
      const symbol = relocation.symbol?.index ?? 0
      this.address(view, at, relocation.offset)
      if (this.wide) this.address(view, at + 8, (BigInt(symbol) << 32n) | BigInt(relocation.type >>> 0))
      else this.address(view, at + 4, symbol * 256 + (relocation.type & 0xff))
      if (form === 'rela') this.address(view, at + 2 * this.wordBytes, relocation.addend)
    })
    return new Uint8Array(view.buffer)
  }

  symbols(ordered: readonly SymbolBuilder[], strings: StringTable): { table: Uint8Array; extended: Uint8Array } {
    const size = this.symbolBytes
    const view = new DataView(new ArrayBuffer((ordered.length + 1) * size))
    const extended: number[] = [0]
    ordered.forEach((symbol, i) => {
      const at = (i + 1) * size
      const { binding = 'global', type = 'notype', visibility = 'default', size: bytes = 0 } = symbol.options
      const place = placeIndex(symbol.place)
      const escaped = symbol.place instanceof SectionBuilder && place >= SHN_LORESERVE
      extended.push(escaped ? place : 0)
      view.setUint32(at, strings.add(symbol.name), this.little)
      const info = (bindings[binding] << 4) | symbolTypes[type]
      const fields = at + (this.wide ? 4 : 12)
      view.setUint8(fields, info)
      view.setUint8(fields + 1, visibilities[visibility])
      view.setUint16(fields + 2, escaped ? SHN_XINDEX : place, this.little)
      this.address(view, at + (this.wide ? 8 : 4), symbol.value)
      this.address(view, at + (this.wide ? 16 : 8), bytes)
    })
    return { table: new Uint8Array(view.buffer), extended: this.words(extended) }
  }

  file(partial: readonly Row[], options: ObjectOptions): Uint8Array {
    const names = new StringTable()
    for (const section of partial) names.add(section.name)
    names.add('.shstrtab')
    const rows = [...partial, row('.shstrtab', sectionTypes.strtab, names.bytes(), {})]

    const headerBytes = this.wide ? 64 : 52
    const offsets: number[] = []
    let end = headerBytes
    for (const section of rows) {
      const align =
        section.content.length > 0 && Number.isSafeInteger(section.align) && section.align > 1 ? section.align : 1
      end = Math.ceil(end / align) * align
      offsets.push(section === rows[0] ? 0 : end)
      end += section.content.length
    }
    const tableAt = Math.ceil(end / this.wordBytes) * this.wordBytes
    const rowBytes = this.wide ? 64 : 40
    const view = new DataView(new ArrayBuffer(tableAt + rows.length * rowBytes))
    const bytes = new Uint8Array(view.buffer)
    rows.forEach((section, i) => {
      bytes.set(section.content, offsets[i])
    })

    const many = rows.length >= SHN_LORESERVE
    const shstrndx = rows.length - 1
    const machine = options.machine ?? 'x86-64'
    bytes.set([0x7f, 0x45, 0x4c, 0x46, this.wide ? 2 : 1, this.little ? 1 : 2, 1, options.osabi ?? 0])
    view.setUint16(16, options.type ?? 1, this.little)
    view.setUint16(18, typeof machine === 'number' ? machine : machines[machine], this.little)
    view.setUint32(20, 1, this.little)
    this.address(view, this.wide ? 40 : 32, tableAt)
    const tail = this.wide ? 48 : 36
    view.setUint32(tail, options.flags ?? 0, this.little)
    view.setUint16(tail + 4, headerBytes, this.little)
    view.setUint16(tail + 10, rowBytes, this.little)
    view.setUint16(tail + 12, many ? 0 : rows.length, this.little)
    view.setUint16(tail + 14, many ? SHN_XINDEX : shstrndx, this.little)

    rows.forEach((section, i) => {
      const extension = i === 0 && many ? { size: rows.length, link: shstrndx } : {}
      this.sectionHeader(view, tableAt + i * rowBytes, { ...section, ...extension }, names, offsets[i])
    })
    return bytes
  }

  sectionHeader(view: DataView, at: number, section: Row, names: StringTable, offset: number): void {
    const w = this.wordBytes
    view.setUint32(at, names.add(section.name), this.little)
    view.setUint32(at + 4, section.type, this.little)
    this.address(view, at + 8, section.flags)
    this.address(view, at + 8 + 2 * w, offset)
    this.address(view, at + 8 + 3 * w, section.size)
    view.setUint32(at + 8 + 4 * w, section.link, this.little)
    view.setUint32(at + 12 + 4 * w, section.info, this.little)
    this.address(view, at + 16 + 4 * w, section.align)
    this.address(view, at + 16 + 5 * w, section.entrySize)
  }
}

function placeIndex(place: SymbolBuilder['place']): number {
  if (place instanceof SectionBuilder) return place.index
  if (place === 'absolute') return SHN_ABS
  return place === 'common' ? SHN_COMMON : SHN_UNDEF
}
