/**
 * NOCROSSREFS and NOCROSSREFS_TO (GNU ld manual, Miscellaneous Commands): sections that must not refer to each other,
 * because they are never in memory at the same time.
 *
 * Names are names of output sections. A reference is a relocation of an input section placed in one of them against a
 * symbol placed in another.
 */
import { forbiddenReference } from '../../diag/catalogue/layout-checks.ts'
import { inScript } from '../../diag/diagnostic.ts'
import type { Report } from '../../diag/report.ts'
import type { NoCrossReference } from '../../plan/plan.ts'
import type { Layout, Live } from '../records/placement.ts'
import type { InputFile, Program } from '../records/program.ts'
import { symbolName } from '../relocate/symbol-reader.ts'
import { sectionOf } from '../write/symbol-selection.ts'
import { referencePlace } from './report-undefined.ts'

export function checkCrossReferences(program: Program, live: Live, layout: Layout, report: Report): void {
  for (const rule of program.plan.noCrossReferences) checkRule(program, live, layout, rule, report)
}

function checkRule(program: Program, live: Live, layout: Layout, rule: NoCrossReference, report: Report): void {
  // by output section: bit 1: references from here are checked; bit 2: references to here are forbidden
  const roles = new Uint8Array(layout.outputs.length)
  for (const output of layout.outputs) {
    const position = rule.sections.indexOf(output.name)
    if (position < 0) continue
    roles[output.index] = rule.toFirst ? (position === 0 ? 2 : 1) : 3
  }
  const { sections } = program
  for (let id = 0; id < sections.count; id++) {
    const home = layout.outputOf[id]!
    if (home < 0 || live[id] !== 1 || (roles[home]! & 1) === 0 || sections.relocations[id]! < 0) continue
    scan(program, layout, id, home, roles, (target, offset, symbol) => {
      const file = program.files[sections.file[id]!]!
      const facts = {
        from: layout.outputs[home]!.name,
        symbol: referredName(program, file, symbol),
        to: layout.outputs[target]!.name,
      }
      report.add(forbiddenReference(facts), referencePlace(program, file, id, offset), [
        { text: 'forbidden here', at: inScript(rule.span) },
      ])
    })
  }
}

/** Calls `found` for each reference of input section `id` to an output section that may not be referred to. */
function scan(
  program: Program,
  layout: Layout,
  id: number,
  home: number,
  roles: Uint8Array,
  found: (target: number, offset: number, symbol: number) => void,
): void {
  const { sections } = program
  const file = program.files[sections.file[id]!]!
  const { view, littleEndian: little } = file
  const table = sections.relocations[id]!
  const wide = file.bits === 64
  const end = sections.offset[table]! + sections.size[table]!
  for (let at = sections.offset[table]!; at < end; at += sections.entsize[table]!) {
    const symbol = wide ? view.getUint32(at + (little ? 12 : 8), little) : view.getUint32(at + 4, little) >>> 8
    const target = outputOfSymbol(layout, file, symbol)
    if (target < 0 || target === home || (roles[target]! & 2) === 0) continue
    found(target, wide ? view.getUint32(at + (little ? 0 : 4), little) : view.getUint32(at, little), symbol)
  }
}

/** Name of a symbol; of a section symbol, which has none, the section's. */
function referredName(program: Program, file: InputFile, symbol: number): string {
  const { firstGlobal } = file.symbolTable
  if (symbol >= firstGlobal) return program.symbols.name(file.globals[symbol - firstGlobal]!)
  const section = sectionOf(file, symbol)
  const name = symbolName(file, symbol)
  return name !== '' || section < 0
    ? name
    : program.sectionNames.text(program.sections.name[file.firstSection + section]!)
}

/** Index of the output section that holds a symbol of a file, or negative. */
function outputOfSymbol(layout: Layout, file: InputFile, symbol: number): number {
  const { firstGlobal } = file.symbolTable
  if (symbol >= firstGlobal) return layout.symbolHome[file.globals[symbol - firstGlobal]!]!
  const section = sectionOf(file, symbol)
  return section < 0 ? -1 : layout.outputOf[file.firstSection + section]!
}
