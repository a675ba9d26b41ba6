/**
 * Tables of relocations that a program without loader has for nothing.
 *
 * Before GNU ld places sections it makes `.rela.NAME` for every section NAME in memory that refers, by one of some types of
 * relocations, to a symbol that a shared object might still define: weak, common, undefined or the script's own. In a
 * program without loader all of them stay empty, but they take part in matching, so that `*.x` sees `.rela.data.x` and the
 * output section is one of relocations. Only scripts with such patterns see them: others are not asked to look at relocations.
 */
import { SHF_ALLOC } from '../../elf/constants.ts'
import type { LayoutPlan, OutputSectionPlan } from '../../plan/plan.ts'
import { relocationBytes, relocationSectionName, relocationSectionType } from '../../target/relocation-form.ts'
import type { Live } from '../records/placement.ts'
import type { Program } from '../records/program.ts'
import { SectionState, SymbolFlag, SymbolState } from '../records/tables.ts'
import { RelocationTable } from '../relocate/relocation-table.ts'
import { addSynthetic } from './add-synthetic.ts'

const notScanned =
  SectionState.Table |
  SectionState.ComdatLoser |
  SectionState.Excluded |
  SectionState.Synthetic |
  SectionState.JustSymbols

/**
 * Adds those tables, in the order of the sections, if a pattern of the plan might tell that they are there.
 * @param findLive asked for the sections that garbage collection leaves; undefined: all of them
 */
export function declareRelocationTables(program: Program, findLive: (() => Live) | undefined): void {
  const { arch, sections, sectionNames } = program
  if (arch.tabledRelocations === undefined || !seesTables(program.plan, `.${arch.relocationForm}.`)) return
  const isTabled = new Uint8Array(arch.relocationColumns.formula.length)
  for (const type of arch.tabledRelocations) isTabled[type] = 1
  const live = findLive?.()
  const known = new Set<number>()
  const byLinker = new Set(program.linkerSymbols.map(({ symbol }) => symbol))
  const count = sections.count
  for (let id = 0; id < count; id++) {
    if ((sections.flags[id]! & SHF_ALLOC) === 0 || (sections.state[id]! & notScanned) !== 0) continue
    if (sections.relocations[id]! < 0 || known.has(sections.name[id]!) || live?.[id] === 0) continue
    if (!refersElsewhere(program, sections.relocations[id]!, isTabled, byLinker)) continue
    known.add(sections.name[id]!)
    const name = relocationSectionName(arch, sectionNames.text(sections.name[id]!))
    const word = arch.bits / 8
    // Several sections share a table by its name, also with those that are always made.
    if (isMade(program, name)) continue
    const made = addSynthetic(program, name, relocationSectionType(arch), SHF_ALLOC, word, relocationBytes(arch))
    sections.state[made]! |= SectionState.NeverKept
  }
}

function isMade({ files, sections, sectionNames }: Program, name: string): boolean {
  const { firstSection, sectionCount } = files[0]!
  const wanted = sectionNames.findText(name)
  for (let id = firstSection; id < firstSection + sectionCount; id++) if (sections.name[id] === wanted) return true
  return false
}

/** Is there a pattern, in an output section that is not for relocations alone, that fits a name with this start? */
function seesTables({ statements }: LayoutPlan, start: string): boolean {
  return statements.some(statement => statement.kind === 'output-section' && mixesTables(statement, start))
}

function mixesTables({ items }: OutputSectionPlan, start: string): boolean {
  let takesTables = false
  let takesOthers = false
  for (const item of items) {
    if (item.kind !== 'input') continue
    if (item.sections.length === 0) return true
    for (const { pattern } of item.sections) {
      const wildcard = pattern.search(/[*?[\\]/)
      const prefix = wildcard < 0 ? pattern : pattern.slice(0, wildcard)
      if (wildcard >= 0 && start.startsWith(prefix)) return true
      if (prefix.startsWith(start)) takesTables = true
      else if (!prefix.startsWith('.rel')) takesOthers = true
    }
  }
  return takesTables && takesOthers
}

/** Does a row of the table refer by such a type to a symbol that neither an object nor the linker defines for good? */
function refersElsewhere(program: Program, id: number, isTabled: Uint8Array, byLinker: ReadonlySet<number>): boolean {
  const table = new RelocationTable(program, id)
  const { globals, symbolTable } = table.file
  for (let row = 0; row < table.count; row++) {
    const symbol = table.symbol(row) - symbolTable.firstGlobal
    if (symbol < 0 || symbol >= globals.length || isTabled[table.type(row)] !== 1) continue
    const global = globals[symbol]!
    if (!byLinker.has(global) && !isRegular(program, global)) return true
  }
  return false
}

/** An object defines it, and neither weakly nor as common. */
function isRegular({ symbols, sections }: Program, id: number): boolean {
  const flags = symbols.flags[id]!
  if ((flags & SymbolFlag.WeakDefinition) !== 0) return false
  if (symbols.state[id] === SymbolState.Script && (flags & SymbolFlag.ObjectDefinition) === 0) return false
  if (symbols.state[id] !== SymbolState.Defined && symbols.state[id] !== SymbolState.Script) return false
  const section = symbols.section[id]!
  return section < 0 || (sections.state[section]! & SectionState.Common) === 0
}
