/**
 * Tables of functions in the order of their addresses, of which an unwinder finds the last one not behind the place that
 * it asks for (ARM: .ARM.exidx). Each input table describes one section of code, so an entry counts as far as the next
 * entry, in whatever table that stands. Hence, as GNU ld does it:
 * - an entry that says the same as the one before it is not needed;
 * - code without a table needs an end in front of it, or what stands before would seem to go on;
 * - and so does the end of all code.
 */

import { SHF_EXECINSTR, SHF_LINK_ORDER, SHT_PROGBITS } from '../../elf/constants.ts'
import type { FunctionTableShape } from '../../target/code-changes.ts'
import { ContentKind, type Layout, type Live, type Placement } from '../records/placement.ts'
import type { Program } from '../records/program.ts'
import { SectionState } from '../records/tables.ts'
import type { EditedContents } from './contents.ts'

/** What becomes of one input table. */
interface TableEdit {
  /** index in the output by entry, -1: left out */
  readonly entries: Int32Array
  readonly kept: number
  /** section of code behind whose end an entry at the end says that nothing follows; -1: none */
  endOf: number
}

export class FunctionTables {
  movedOffset = 0
  private readonly program: Program
  private readonly edits = new Map<number, TableEdit>()

  constructor(program: Program) {
    this.program = program
  }

  /**
   * Chooses the entries of all tables.
   * @param mergesEqual entries that are equal to the one before them are left out, not only ends behind ends
   */
  edit(contents: EditedContents, live: Live, placement: Placement, mergesEqual: boolean): void {
    const shape = this.program.arch.functionTable
    if (shape === undefined) return
    const tableOf = this.tablesByCode(contents, live, shape)
    if (tableOf.size === 0) return
    let before: number | undefined // meaning of the last entry
    let last: TableEdit | undefined
    let lastCode = -1
    const end = (): void => {
      if (last !== undefined) last.endOf = lastCode
      before = shape.nothing
    }
    for (const code of this.codeInOrder(placement)) {
      const table = tableOf.get(code)
      if (table === undefined) {
        if (last !== undefined && before !== shape.nothing && contents.size[code]! > 0) end()
        continue
      }
      if (placement.outputOf[table]! < 0) continue
      const { bytes, view } = this.program.files[this.program.sections.file[table]!]!
      const start = this.program.sections.offset[table]!
      const count = Math.floor(this.program.sections.size[table]! / shape.entryBytes)
      if (start + count * shape.entryBytes > bytes.length) continue
      // Code in front of the first function of the section has no entry.
      if (before !== undefined && before !== shape.nothing && count > 0 && shape.startsAt(view, start) !== 0) end()
      const entries = new Int32Array(count)
      let kept = 0
      for (let i = 0; i < count; i++) {
        const meaning = shape.meaning(view, start + i * shape.entryBytes)
        const isRepeated = meaning === before && meaning >= 0 && (mergesEqual || meaning === shape.nothing)
        entries[i] = isRepeated ? -1 : kept++
        before = meaning
      }
      last = { entries, kept, endOf: -1 }
      lastCode = code
      this.edits.set(table, last)
    }
    if (last !== undefined && before !== shape.nothing) last.endOf = lastCode
    for (const [table, edit] of this.edits) {
      contents.kind[table] = ContentKind.FunctionTable
      contents.size[table] = (edit.kept + (edit.endOf < 0 ? 0 : 1)) * shape.entryBytes
    }
  }

  private tablesByCode(contents: EditedContents, live: Live, shape: FunctionTableShape): Map<number, number> {
    const { sections, files } = this.program
    const tableOf = new Map<number, number>()
    for (const file of files)
      for (let id = file.firstSection; id < file.firstSection + file.sectionCount; id++) {
        if (sections.type[id] !== shape.type || live[id] !== 1 || contents.kind[id] !== ContentKind.Copy) continue
        const link = sections.link[id]!
        if ((sections.flags[id]! & SHF_LINK_ORDER) !== 0 && link !== 0 && link < file.sectionCount)
          tableOf.set(file.firstSection + link, id)
      }
    return tableOf
  }

  /** Sections of code of the inputs in the order that they are placed in. */
  private *codeInOrder(placement: Placement): Iterable<number> {
    const { sections } = this.program
    const other = SectionState.Synthetic | SectionState.JustSymbols
    for (const statement of placement.sequence) {
      if (statement.kind !== 'output') continue
      for (const item of placement.outputs[statement.index]!.items) {
        if (item.kind !== 'inputs') continue
        for (const id of item.ids)
          if (
            sections.type[id] === SHT_PROGBITS &&
            (sections.flags[id]! & SHF_EXECINSTR) !== 0 &&
            (sections.state[id]! & other) === 0
          )
            yield id
      }
    }
  }

  /** Sets `movedOffset` to where byte `offset` of a table went; false: its entry was left out. */
  move(section: number, offset: number): boolean {
    const { entryBytes } = this.program.arch.functionTable!
    const edit = this.edits.get(section)!
    const entry = Math.floor(offset / entryBytes)
    if (entry >= edit.entries.length) {
      this.movedOffset = edit.kept * entryBytes + (offset - edit.entries.length * entryBytes)
      return true
    }
    this.movedOffset = edit.entries[entry]! * entryBytes + (offset % entryBytes)
    return edit.entries[entry]! >= 0
  }

  /** Copies the entries that are kept. */
  write(section: number, out: Uint8Array, at: number): void {
    const { entryBytes } = this.program.arch.functionTable!
    const { sections, files } = this.program
    const { bytes } = files[sections.file[section]!]!
    const { entries } = this.edits.get(section)!
    const start = sections.offset[section]!
    for (let i = 0; i < entries.length; i++) {
      const from = start + i * entryBytes
      if (entries[i]! >= 0) out.set(bytes.subarray(from, from + entryBytes), at + entries[i]! * entryBytes)
    }
  }

  /** Writes the entries that end a table into the image; addresses must be final. */
  writeEnds(image: Uint8Array, layout: Layout, contents: EditedContents): void {
    const shape = this.program.arch.functionTable
    if (shape === undefined) return
    for (const [table, { kept, endOf }] of this.edits) {
      if (endOf < 0 || layout.outputOf[table]! < 0) continue
      const offset = kept * shape.entryBytes
      const at = layout.outputs[layout.outputOf[table]!]!.fileOffset + layout.offsetOf[table]! + offset
      shape.writeEnd(image, at, layout.addressOf[table]! + offset, layout.addressOf[endOf]! + contents.size[endOf]!)
    }
  }
}
