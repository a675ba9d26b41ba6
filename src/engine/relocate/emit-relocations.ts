/**
 * `--emit-relocs`: the relocations of the inputs stand in the linked file too, for tools that edit it afterwards.
 *
 * Each output section gets a `.rela` or `.rel` section; section symbols are added, because the inputs' relocations count from them.
 * Types are those of the inputs, also where an instruction was rewritten.
 */
import type { Report } from '../../diag/report.ts'
import { SHF_INFO_LINK } from '../../elf/constants.ts'
import { relocationSectionName, relocationSectionType } from '../../target/relocation-form.ts'
import type { Contents, Layout, PlacedSection } from '../records/placement.ts'
import type { Program } from '../records/program.ts'
import { carriedRelocations } from '../relocatable/relocations.ts'
import type { SymbolNumbers } from '../relocatable/symbols.ts'
import { type SymbolSelection, withSectionSymbols } from '../write/symbol-selection.ts'

export interface Emitted {
  readonly layout: Layout
  readonly selection: SymbolSelection
}

/** The layout with the relocation sections behind everything else, and the selection with section symbols. */
export function emitRelocations(
  program: Program,
  contents: Contents,
  layout: Layout,
  selection: SymbolSelection,
  report: Report,
): Emitted {
  const withSections = withSectionSymbols(selection, layout)
  const numbers = numbersOf(program, withSections)
  const word = program.arch.bits / 8
  const outputs: PlacedSection[] = layout.outputs.slice()
  let end = layout.fileEnd
  for (const output of layout.outputs) {
    const own = carriedRelocations(program, layout, contents, numbers, output, 'address', report)
    if (own === undefined) continue
    const fileOffset = Math.ceil(end / word) * word
    end = fileOffset + own.bytes.length
    outputs.push({
      index: outputs.length,
      name: relocationSectionName(program.arch, output.name),
      type: relocationSectionType(program.arch),
      flags: SHF_INFO_LINK,
      entsize: own.entsize,
      align: word,
      link: '.symtab',
      info: output.name,
      address: 0n,
      loadAddress: 0n,
      size: own.bytes.length,
      fileOffset,
      parts: [{ kind: 'bytes', statement: -1, offset: 0, bytes: own.bytes }],
    })
  }
  return { layout: { ...layout, outputs, fileEnd: end }, selection: withSections }
}

/** New index of every symbol that is written. */
function numbersOf(program: Program, selection: SymbolSelection): SymbolNumbers {
  const locals = program.files.map(file => new Int32Array(file.symbolTable.firstGlobal))
  const globals = new Int32Array(program.symbols.names.count)
  const first = 1 + selection.sectionSymbols!
  for (let at = 0; at < selection.localCount; at++)
    locals[selection.localFiles[at]!]![selection.localIndices[at]!] = first + at
  const behindLocals = first + selection.localCount + (selection.made?.length ?? 0)
  for (let at = 0; at < selection.globalCount; at++) globals[selection.globals[at]!] = behindLocals + at
  return { locals, globals, firstGlobal: selection.firstGlobal, count: selection.count }
}
