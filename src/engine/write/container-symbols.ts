/**
 * Symbols for the data sections of objects (SymbolTablePlan.containers): one local symbol `file(.section)` for each, in front
 * of the file's own locals, which are hidden. In the columns of locals they stand as the negative number of the section.
 */
import { SHF_ALLOC, SHF_EXECINSTR, SHT_NOBITS, SHT_PROGBITS } from '../../elf/constants.ts'
import { ContentKind, type Contents, type Layout, type Live } from '../records/placement.ts'
import type { InputFile, Program } from '../records/program.ts'

/** Does the plan ask for them in this file? */
export function hasContainers(program: Program, file: InputFile): boolean {
  const mark = program.plan.file?.symbolTable?.containersUnless
  if (mark === undefined || file.kind !== 'object') return false
  const name = program.sectionNames.findText(mark)
  if (name < 0) return true
  const end = file.firstSection + file.sectionCount
  for (let id = file.firstSection; id < end; id++) if (program.sections.name[id] === name) return false
  return true
}

/** Numbers of the sections of a file that get a symbol. */
export function containersOf(
  program: Program,
  file: InputFile,
  live: Live,
  contents: Contents,
  layout: Layout,
): readonly number[] {
  if (!hasContainers(program, file)) return []
  const { sections } = program
  const found: number[] = []
  for (let section = 1; section < file.sectionCount; section++) {
    const id = file.firstSection + section
    const type = sections.type[id]
    if (live[id] !== 1 || (type !== SHT_PROGBITS && type !== SHT_NOBITS)) continue
    if ((sections.flags[id]! & (SHF_ALLOC | SHF_EXECINSTR)) !== SHF_ALLOC || contents.size[id] === 0) continue
    // What was merged with others has no place of its own.
    const kind = contents.kind[id]
    if (kind !== ContentKind.Copy && kind !== ContentKind.NoBits) continue
    if (layout.outputOf[id]! >= 0) found.push(section)
  }
  return found
}

/** `main(.rodata)` for section .rodata of main.o; Latin-1. */
export function containerName(program: Program, file: InputFile, section: number): string {
  const stem = file.name.replace(/^.*\//s, '').replace(/\.[^.]*$/s, '')
  return `${stem}(${program.sectionNames.text(program.sections.name[file.firstSection + section]!)})`
}
