/**
 * Relocations carried over into an output: offsets and symbol indices of the output, addends where a section symbol now
 * stands for a larger section. Used by -r and by --emit-relocs.
 *
 * REL has its addends at the places. In an object those that change are written there (`storeAddends`); in a linked file
 * the places hold the values that the relocations gave.
 */
import { damagedRelocation, unsupportedInput } from '../../diag/catalogue/input.ts'
import { inFile, type Place } from '../../diag/diagnostic.ts'
import type { Report } from '../../diag/report.ts'
import { SHF_ALLOC, STT_SECTION } from '../../elf/constants.ts'
import { relocationBytes, relocationSectionType } from '../../target/relocation-form.ts'
import { type Contents, isEdited, type Layout, type PlacedSection } from '../records/placement.ts'
import type { InputFile, Program } from '../records/program.ts'
import { SymbolState } from '../records/tables.ts'
import { RelocationTable } from '../relocate/relocation-table.ts'
import { symbolType, symbolValue } from '../relocate/symbol-reader.ts'
import { sectionOf } from '../write/symbol-selection.ts'
import { inputsOf } from './output-plan.ts'
import type { SymbolNumbers } from './symbols.ts'

export interface OutputRelocations {
  readonly bytes: Uint8Array
  /** bytes of one entry */
  readonly entsize: number
  /** REL: addends that are others than those in the inputs */
  readonly stored: readonly StoredAddend[]
}

/** An addend that stands at the place of its relocation. */
interface StoredAddend {
  /** bytes from the start of the output section */
  readonly offset: number
  readonly type: number
  readonly addend: number
}

/** r_offset counts from the start of the output section (objects) or is an address (linked files). */
export type OffsetBase = 'section' | 'address'

/** All relocations of the input sections of `output`; undefined when there are none. */
export function carriedRelocations(
  program: Program,
  layout: Layout,
  contents: Contents,
  numbers: SymbolNumbers,
  output: PlacedSection,
  base: OffsetBase,
  report: Report,
): OutputRelocations | undefined {
  const { sections, files } = program
  const ids = inputsOf(output).filter(id => sections.relocations[id]! >= 0)
  let total = 0
  for (const id of ids) total += sections.size[sections.relocations[id]!]!
  if (total === 0) return undefined
  const bytes = new Uint8Array(total)
  const stored: StoredAddend[] = []
  const form = relocationSectionType(program.arch)
  const out = new DataView(bytes.buffer)
  let at = 0
  for (const id of ids) {
    const relocations = sections.relocations[id]!
    const file = files[sections.file[id]!]!
    if (sections.type[relocations] !== form) {
      const usual = program.arch.relocationForm
      const other = usual === 'rel' ? 'SHT_RELA' : 'SHT_REL'
      report.add(unsupportedInput({ what: `relocations of type ${other} where .${usual} is written` }), placeOf(file))
      return undefined
    }
    at = carry(program, layout, contents, numbers, file, id, relocations, out, at, base, stored, report)
  }
  return { bytes: bytes.subarray(0, at), entsize: relocationBytes(program.arch), stored }
}

/**
 * Writes the addends of an object whose relocations have none of their own.
 * @param start offset of the output section in `view`
 */
export function storeAddends(program: Program, own: OutputRelocations, view: DataView, start: number): void {
  const { relocationColumns: columns, fields, littleEndian: little } = program.arch
  for (const { offset, type, addend } of own.stored) {
    const at = start + offset
    if (columns.codec[type] !== 0) fields!.write(columns.codec[type]!, view, at, addend, 0)
    else if (columns.bytes[type] === 4) view.setInt32(at, addend | 0, little)
    else if (columns.bytes[type] === 2) view.setInt16(at, addend, little)
    else if (columns.bytes[type] === 1) view.setInt8(at, addend)
    else if (columns.bytes[type] === 8) view.setBigInt64(at, BigInt(addend), little)
  }
}

function placeOf(file: InputFile): Place {
  return file.archive === undefined ? inFile(file.name) : inFile(file.archive, file.name)
}

/** Copies the rows of one section; returns the offset behind them in `out`. */
function carry(
  program: Program,
  layout: Layout,
  contents: Contents,
  numbers: SymbolNumbers,
  file: InputFile,
  section: number,
  relocations: number,
  out: DataView,
  start: number,
  base: OffsetBase,
  stored: StoredAddend[],
  report: Report,
): number {
  const { sections, symbols } = program
  const table = new RelocationTable(program, relocations)
  const { view, littleEndian: little } = file
  const wide = file.bits === 64
  const step = table.rowBytes
  const from = sections.offset[relocations]!
  const end = from + table.count * step
  const { firstGlobal, count } = file.symbolTable
  const moved = base === 'address' ? layout.addressOf[section]! : layout.offsetOf[section]!
  const limit = sections.size[section]!
  const moves = isEdited(contents.kind[section]!)
  const isDebug = (sections.flags[section]! & SHF_ALLOC) === 0
  const locals = numbers.locals[file.id]
  let to = start
  for (let at = from; at < end; at += step) {
    const offset = wide ? unsigned(view, at, little) : view.getUint32(at, little)
    const symbol = wide ? view.getUint32(at + (little ? 12 : 8), little) : view.getUint32(at + 4, little) >>> 8
    let type = wide ? view.getUint32(at + (little ? 8 : 12), little) : view.getUint8(at + (little ? 4 : 7))
    if (symbol >= count || offset > limit) {
      const isSymbol = symbol >= count
      const where = placeOf(file)
      report.add(
        damagedRelocation({
          index: (at - from) / step,
          field: isSymbol ? 'the symbol index' : 'r_offset',
          found: String(isSymbol ? symbol : offset),
          expected: isSymbol ? `below ${count}` : `within the ${limit} bytes of its section`,
        }),
        where.kind === 'object' ? { ...where, section: program.sectionNames.text(sections.name[section]!) } : where,
      )
      return to
    }
    let place = offset
    if (moves) {
      if (!contents.move(section, offset)) continue
      place = contents.movedOffset
    }
    const given = table.addend((at - from) / step)
    let addend = given
    let index = 0
    let isGone = false
    if (symbol >= firstGlobal) {
      const id = file.globals[symbol - firstGlobal]!
      index = numbers.globals[id]!
      const home = symbols.state[id] === SymbolState.Defined ? symbols.section[id]! : -1
      isGone = home >= 0 && layout.outputOf[home]! < 0
    } else if (symbol !== 0) {
      const infoAt = file.symbolTable.offset + symbol * (wide ? 24 : 16) + (wide ? 4 : 12)
      const home = sectionOf(file, symbol)
      const output = home < 0 ? -1 : layout.outputOf[file.firstSection + home]!
      if (home >= 0 && output < 0) isGone = true
      else if (home >= 0 && (locals![symbol] === 0 || (view.getUint8(infoAt) & 15) === STT_SECTION)) {
        index = 1 + output
        addend = fromSection(layout, contents, file, file.firstSection + home, symbol, addend)
      } else index = locals![symbol]!
    }
    // what it referred to is not in the output: no relocation (type 0 of every architecture)
    if (isGone) {
      if (isDebug) continue
      type = 0
      index = 0
      addend = 0
    }
    if (wide) {
      putWord(out, to, place + moved, little)
      out.setUint32(to + (little ? 12 : 8), index, little)
      out.setUint32(to + (little ? 8 : 12), type, little)
      if (table.hasAddends) putWord(out, to + 16, addend, little)
    } else {
      out.setUint32(to, place + moved, little)
      out.setUint32(to + 4, ((index << 8) | type) >>> 0, little)
      if (table.hasAddends) out.setInt32(to + 8, addend, little)
    }
    if (!table.hasAddends && addend !== given && !isGone)
      stored.push({ offset: place + layout.offsetOf[section]!, type, addend })
    to += step
  }
  return to
}

/** Addend that means the same place when counted from the output section that holds `home`. */
function fromSection(
  layout: Layout,
  contents: Contents,
  file: InputFile,
  home: number,
  symbol: number,
  addend: number,
): number {
  const value = symbolValue(file, symbol)
  const kind = contents.kind[home]
  if (!isEdited(kind!)) return layout.offsetOf[home]! + value + addend
  // pieces of merged sections move apart: of a section symbol the addend says which piece is meant
  const isSection = symbolType(file, symbol) === STT_SECTION
  if (!contents.move(home, isSection ? value + addend : value)) return addend
  return layout.offsetOf[contents.movedSection]! + contents.movedOffset + (isSection ? 0 : addend)
}

function unsigned(view: DataView, at: number, little: boolean): number {
  return view.getUint32(little ? at + 4 : at, little) * 0x1_0000_0000 + view.getUint32(little ? at : at + 4, little)
}

function putWord(out: DataView, at: number, value: number, little: boolean): void {
  out.setUint32(little ? at : at + 4, value >>> 0, little)
  out.setInt32(little ? at + 4 : at, Math.floor(value / 0x1_0000_0000), little)
}
