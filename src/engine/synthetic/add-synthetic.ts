/** Sections that the linker makes: they belong to the file `<linker>` and take part in matching like any other. */
import type { InputFile, Program } from '../records/program.ts'
import { SectionState } from '../records/tables.ts'

/**
 * Adds a section to `<linker>` and returns its id. Only between loading and matching, while tables may still grow.
 * All sections of `<linker>` lie together behind those of the inputs.
 *
 * @param name Latin-1
 * @param align bytes, a power of two
 * @param entsize sh_entsize, bytes
 * @example const got = addSynthetic(program, '.got', SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 8, 8)
 */
export function addSynthetic(
  program: Program,
  name: string,
  type: number,
  flags: number,
  align: number,
  entsize: number,
): number {
  const { sections, sectionNames } = program
  const linker = program.files[0] as { -readonly [Key in keyof InputFile]: InputFile[Key] }
  const id = sections.add(1)
  if (linker.sectionCount === 0) linker.firstSection = id
  linker.sectionCount++
  sections.file[id] = 0
  sections.name[id] = sectionNames.internText(name)
  sections.type[id] = type
  sections.flags[id] = flags
  sections.align[id] = align
  sections.entsize[id] = entsize
  sections.state[id] = SectionState.Synthetic
  return id
}
