import type { Program } from '../records/program.ts'
import { SectionState } from '../records/tables.ts'

/** Attributes of a section that the linker makes; its size comes later, in Contents. */
export interface SyntheticSection {
  readonly name: string
  /** sh_type */
  readonly type: number
  /** sh_flags */
  readonly flags: number
  /** bytes */
  readonly align: number
  readonly entsize: number
}

/**
 * Adds an empty section of the file `<linker>`, before matching: scripts claim it like an input section, and it vanishes
 * when it stays empty. Returns its section id.
 */
export function addSynthetic(program: Program, section: SyntheticSection): number {
  const { sections, sectionNames } = program
  const id = sections.add(1)
  sections.file[id] = 0
  sections.name[id] = sectionNames.internText(section.name)
  sections.type[id] = section.type
  sections.flags[id] = section.flags
  sections.align[id] = section.align
  sections.entsize[id] = section.entsize
  sections.size[id] = 0
  sections.state[id] = SectionState.Synthetic
  return id
}
