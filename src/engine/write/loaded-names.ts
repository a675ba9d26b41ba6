/**
 * .shstrtab as a section of the layout (FilePlan.namesAreSection): it takes part in matching and gets an address.
 *
 * Its size is known only when it is known which output sections are left, so it starts with one byte, to be placed at
 * all, and grows when the layout has dropped what is empty. Its bytes are written with the file's tables.
 */
import { SHF_ALLOC, SHT_STRTAB } from '../../elf/constants.ts'
import type { Contents } from '../records/placement.ts'
import type { Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import { addSynthetic } from '../synthetic/add-synthetic.ts'
import { nameStrings, tableNames } from './name-strings.ts'

/** Declares the section, if the plan wants one. */
export function declareNames(program: Program): void {
  if (program.plan.file?.namesAreSection) addSynthetic(program, '.shstrtab', SHT_STRTAB, SHF_ALLOC, 1, 0)
}

/**
 * Sets the size of the names.
 * @param outputs names of the output sections that are left; undefined: not known yet
 * @returns true when the size changed
 */
export function sizeNames(
  program: Program,
  contents: Contents,
  request: LinkRequest,
  outputs: readonly string[] | undefined,
): boolean {
  const id = namesSection(program)
  if (id < 0) return false
  const { file } = program.plan
  const names = outputs === undefined ? [] : [...outputs, ...tableNames(file, request.strip !== 'all')]
  const size = outputs === undefined ? 1 : nameStrings(names, file).size
  if (contents.size[id] === size) return false
  contents.size[id] = size
  return true
}

function namesSection(program: Program): number {
  if (!program.plan.file?.namesAreSection) return -1
  const name = program.sectionNames.findText('.shstrtab')
  const { firstSection, sectionCount } = program.files[0]!
  for (let id = firstSection; id < firstSection + sectionCount; id++) if (program.sections.name[id] === name) return id
  return -1
}
