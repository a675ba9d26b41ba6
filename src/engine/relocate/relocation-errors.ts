/** Reports what goes wrong at a relocation, with both ends of it. Cold: strings and objects are made freely here. */
import {
  badOffset,
  badSymbolIndex,
  cannotRelax,
  discardedTarget,
  loaderOnly,
  notSupportedYet,
  overflow,
  pairWithoutStart,
  unknownType,
} from '../../diag/catalogue/relocation.ts'
import type { Note, Place } from '../../diag/diagnostic.ts'
import { inScript } from '../../diag/diagnostic.ts'
import type { Report } from '../../diag/report.ts'
import { SHF_ALLOC, STT_SECTION } from '../../elf/constants.ts'
import { checkCodes, formulaCodes } from '../../target/target.ts'
import type { Layout } from '../records/placement.ts'
import { fileLabel, type InputFile, type Program } from '../records/program.ts'
import { SymbolPlace, symbolName, symbolPlace, symbolSize, symbolType, symbolValue } from './symbol-reader.ts'

export class RelocationErrors {
  private readonly program: Program
  private readonly layout: Layout
  private readonly report: Report
  /** places already reported as references to discarded sections: one message per section and symbol */
  private readonly seen = new Set<string>()

  constructor(program: Program, layout: Layout, report: Report) {
    this.program = program
    this.layout = layout
    this.report = report
  }

  overflow(
    section: number,
    offset: number,
    type: number,
    symbol: number,
    value: number,
    check: number,
    bytes: number,
  ): void {
    this.report.add(
      overflow({
        type: this.typeName(type),
        symbol: symbolText(this.program, this.fileOf(section), symbol),
        value: hex(value),
        limit: rangeText(check, bytes),
      }),
      this.place(section, offset),
      this.notes(section, symbol, type),
    )
  }

  /** A number that does not fit in its field of an instruction. */
  unfit(section: number, offset: number, type: number, symbol: number, value: number, codec: number): void {
    const limit = this.program.arch.fields?.limit?.(codec) ?? 'what the instruction can hold'
    this.report.add(
      overflow({
        type: this.typeName(type),
        symbol: symbolText(this.program, this.fileOf(section), symbol),
        value: hex(value),
        limit,
      }),
      this.place(section, offset),
      this.notes(section, symbol, type),
    )
  }

  malformed(section: number, offset: number, type: number, symbol: number, count: number): void {
    const row = this.program.arch.relocations.get(type)
    const at = this.place(section, offset)
    if (row === undefined) this.report.add(unknownType({ type, arch: this.program.arch.id }), at)
    else if (row.formula === 'loader') this.report.add(loaderOnly({ type: row.name }), at)
    else this.report.add(badSymbolIndex({ index: symbol, count }), at)
  }

  outside(section: number, offset: number, type: number, size: number): void {
    const text = Number.isFinite(offset) ? hex(offset) : 'beyond 4 GiB'
    this.report.add(
      badOffset({ offset: text, size: String(size), type: this.typeName(type) }),
      this.place(section, undefined),
    )
  }

  refused(section: number, offset: number, type: number, symbol: number): void {
    const file = this.fileOf(section)
    this.report.add(
      cannotRelax({ type: this.typeName(type), symbol: symbolText(this.program, file, symbol) }),
      this.place(section, offset),
    )
  }

  /** The second half of a pair without the first. */
  alone(section: number, offset: number, type: number): void {
    this.report.add(pairWithoutStart({ type: this.typeName(type) }), this.place(section, offset))
  }

  notSupported(section: number, offset: number, type: number): void {
    this.report.add(notSupportedYet({ what: this.typeName(type) }), this.place(section, offset))
  }

  /** Loaded sections must not refer to what is not there; debug information and frames of dropped functions may. */
  dropped(section: number, at: number, symbol: number, isAlloc: boolean): void {
    const { sections, sectionNames } = this.program
    const name = sectionNames.text(sections.name[section]!)
    if (name === '.eh_frame' || name === '.gcc_except_table' || name === '.sframe' || name.startsWith('.stab')) return
    if (!isAlloc && /^\.(z?debug|line|gnu\.linkonce\.wi\.|gdb_index)/.test(name)) return
    const file = this.fileOf(section)
    const key = `${section} ${symbol}`
    if (this.seen.has(key)) return
    this.seen.add(key)
    const home = this.homeOf(file, symbol)
    const output = this.layout.outputs[this.layout.outputOf[section]!]!
    this.report.add(
      discardedTarget({
        symbol: symbolText(this.program, file, symbol),
        section: home < 0 ? '?' : sectionNames.text(sections.name[home]!),
        file: home < 0 ? '?' : fileLabel(this.program.files[sections.file[home]!]!),
      }),
      this.place(section, at - output.fileOffset - this.layout.offsetOf[section]!),
    )
  }

  private typeName(type: number): string {
    return this.program.arch.relocations.get(type)?.name ?? `relocation ${type}`
  }

  private fileOf(section: number): InputFile {
    return this.program.files[this.program.sections.file[section]!]!
  }

  /** Section id of a symbol's definition, or a negative number. */
  private homeOf(file: InputFile, symbol: number): number {
    const first = file.symbolTable.firstGlobal
    return symbol >= first ? this.program.symbols.section[file.globals[symbol - first]!]! : symbolPlace(file, symbol)
  }

  private place(section: number, offset: number | undefined): Place {
    const file = this.fileOf(section)
    return {
      kind: 'object',
      file: file.archive ?? file.name,
      ...(file.archive === undefined ? {} : { member: file.name }),
      section: this.program.sectionNames.text(this.program.sections.name[section]!),
      ...(offset === undefined || !Number.isFinite(offset)
        ? {}
        : { offset, symbol: this.holder(file, section, offset) }),
    }
  }

  /** Name of the function or object that covers a place. */
  private holder(file: InputFile, section: number, offset: number): string | undefined {
    for (let index = 1; index < file.symbolTable.count; index++) {
      if (symbolPlace(file, index) !== section || symbolType(file, index) > 2) continue
      const start = symbolValue(file, index)
      if (offset >= start && offset < start + symbolSize(file, index)) return symbolName(file, index)
    }
    return undefined
  }

  /** Where each end is, and the statement that put it there. */
  private notes(section: number, symbol: number, type: number): Note[] {
    const { layout, program } = this
    const notes: Note[] = []
    const here = layout.outputs[layout.outputOf[section]!]
    if (here !== undefined)
      notes.push({
        text: `the place is in output section ${here.name} at 0x${here.address.toString(16)}`,
        ...(here.because === undefined ? {} : { at: inScript(here.because.span) }),
      })
    const home = this.homeOf(this.fileOf(section), symbol)
    const there = home < 0 ? undefined : layout.outputs[layout.outputOf[home]!]
    if (home === SymbolPlace.Absolute) notes.push({ text: 'the symbol is an absolute number' })
    if (there !== undefined && there !== here && (program.sections.flags[home]! & SHF_ALLOC) !== 0)
      notes.push({
        text: `the symbol is in output section ${there.name} at 0x${there.address.toString(16)}`,
        ...(there.because === undefined ? {} : { at: inScript(there.because.span) }),
      })
    const { relax, formula } = program.arch.relocationColumns
    if (relax[type] === 1 && formula[type] !== formulaCodes['L+A-P'])
      notes.push({ text: 'the instruction was rewritten to reach the symbol directly; --no-relax keeps it as it was' })
    return notes
  }
}

function hex(value: number): string {
  return value < 0 ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`
}

function rangeText(check: number, bytes: number): string {
  const bits = bytes * 8
  if (check === checkCodes.unsigned) return `0 .. ${hex(2 ** bits - 1)}`
  const high = check === checkCodes.either ? 2 ** bits - 1 : 2 ** (bits - 1) - 1
  return `${hex(-(2 ** (bits - 1)))} .. ${hex(high)}`
}

/** What a relocation refers to, for messages: `symbol `f'', `section `.data''. */
export function symbolText(program: Program, file: InputFile, symbol: number): string {
  const first = file.symbolTable.firstGlobal
  if (symbol >= first) return `symbol \`${program.symbols.name(file.globals[symbol - first]!)}'`
  const place = symbolPlace(file, symbol)
  if (symbolType(file, symbol) === STT_SECTION && place >= 0)
    return `section \`${program.sectionNames.text(program.sections.name[place]!)}'`
  const name = symbolName(file, symbol)
  return name === '' ? 'no symbol' : `symbol \`${name}'`
}
