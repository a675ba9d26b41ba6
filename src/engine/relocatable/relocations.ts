/**
 * Relocations carried over into an output: offsets and symbol indices of the output, addends where a section symbol now
 * stands for a larger section. Used by -r and by --emit-relocs.
 */
import { damagedRelocation, unsupportedInput } from '../../diag/catalogue/input.ts'
import { inFile, type Place } from '../../diag/diagnostic.ts'
import type { Report } from '../../diag/report.ts'
import { SHF_ALLOC, SHT_RELA, STT_SECTION } from '../../elf/constants.ts'
import { ContentKind, type Contents, type Layout, type PlacedSection } from '../records/placement.ts'
import type { InputFile, Program } from '../records/program.ts'
import { SymbolState } from '../records/tables.ts'
import { symbolType, symbolValue } from '../relocate/symbol-reader.ts'
import { sectionOf } from '../write/symbol-selection.ts'
import { inputsOf } from './output-plan.ts'
import type { SymbolNumbers } from './symbols.ts'

export interface OutputRelocations {
  readonly bytes: Uint8Array
  /** bytes of one entry */
  readonly entsize: number
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
  const out = new DataView(bytes.buffer)
  let at = 0
  for (const id of ids) {
    const relocations = sections.relocations[id]!
    const file = files[sections.file[id]!]!
    if (sections.type[relocations] !== SHT_RELA) {
      // an addend in the section's bytes would have to be read and written by the architecture
      report.add(unsupportedInput({ what: 'a relocatable output from SHT_REL relocations' }), placeOf(file))
      return undefined
    }
    at = carry(program, layout, contents, numbers, file, id, relocations, out, at, base, report)
  }
  return { bytes: bytes.subarray(0, at), entsize: program.arch.bits === 64 ? 24 : 12 }
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
  report: Report,
): number {
  const { sections, symbols } = program
  const { view, littleEndian: little } = file
  const wide = file.bits === 64
  const step = wide ? 24 : 12
  const from = sections.offset[relocations]!
  const end = from + sections.size[relocations]!
  const { firstGlobal, count } = file.symbolTable
  const moved = base === 'address' ? layout.addressOf[section]! : layout.offsetOf[section]!
  const limit = sections.size[section]!
  const isEdited = contents.kind[section] === ContentKind.EhFrame || contents.kind[section] === ContentKind.Merged
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
    if (isEdited) {
      if (!contents.move(section, offset)) continue
      place = contents.movedOffset
    }
    let addend = wide ? signed(view, at + 16, little) : view.getInt32(at + 8, little)
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
      putWord(out, to + 16, addend, little)
    } else {
      out.setUint32(to, place + moved, little)
      out.setUint32(to + 4, ((index << 8) | type) >>> 0, little)
      out.setInt32(to + 8, addend, little)
    }
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
  if (kind !== ContentKind.Merged && kind !== ContentKind.EhFrame) return layout.offsetOf[home]! + value + addend
  // pieces of merged sections move apart: of a section symbol the addend says which piece is meant
  const isSection = symbolType(file, symbol) === STT_SECTION
  if (!contents.move(home, isSection ? value + addend : value)) return addend
  return layout.offsetOf[contents.movedSection]! + contents.movedOffset + (isSection ? 0 : addend)
}

function unsigned(view: DataView, at: number, little: boolean): number {
  return view.getUint32(little ? at + 4 : at, little) * 0x1_0000_0000 + view.getUint32(little ? at : at + 4, little)
}

function signed(view: DataView, at: number, little: boolean): number {
  return view.getInt32(little ? at + 4 : at, little) * 0x1_0000_0000 + view.getUint32(little ? at : at + 4, little)
}

function putWord(out: DataView, at: number, value: number, little: boolean): void {
  out.setUint32(little ? at : at + 4, value >>> 0, little)
  out.setInt32(little ? at + 4 : at, Math.floor(value / 0x1_0000_0000), little)
}
