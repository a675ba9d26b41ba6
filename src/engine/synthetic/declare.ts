/**
 * Sections that the linker makes, declared empty before matching so that rules such as *(.got) claim them like any other.
 * Their sizes are set when the relocations have been looked at; those that stay empty vanish.
 * Names and attributes are GNU ld's, so that scripts written for it find them.
 */
import type { Report } from '../../diag/report.ts'
import { SHF_ALLOC, SHF_EXECINSTR, SHF_INFO_LINK, SHF_WRITE, SHT_NOTE, SHT_PROGBITS } from '../../elf/constants.ts'
import { relocationBytes, relocationSectionName, relocationSectionType } from '../../target/relocation-form.ts'
import type { Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import { SectionState } from '../records/tables.ts'
import { hasIndirectFunctions } from '../relocate/scan-interest.ts'
import { declareVeneers } from '../relocate/veneers.ts'
import { buildIdSize } from '../write/build-id.ts'
import { addSynthetic } from './add-synthetic.ts'
import { replaceAttributes } from './attributes.ts'

/** Adds the linker's sections. */
export function declareSynthetics(program: Program, request: LinkRequest, _report: Report): void {
  if (request.kind === 'relocatable') return
  const word = program.arch.bits / 8
  const code = SHF_ALLOC | SHF_EXECINSTR
  const data = SHF_ALLOC | SHF_WRITE
  if (buildIdSize(request) > 0) addSynthetic(program, '.note.gnu.build-id', SHT_NOTE, SHF_ALLOC, 4, 0)
  if (replacePropertyNotes(program)) addSynthetic(program, '.note.gnu.property', SHT_NOTE, SHF_ALLOC, word, 0)
  const { arch } = program
  const relocationTable = (name: string, flags: number): void => {
    const form = relocationSectionType(arch)
    addSynthetic(program, relocationSectionName(arch, name), form, SHF_ALLOC | flags, word, relocationBytes(arch))
  }
  // Stays empty in a static link, but takes part: it decides where orphans go and what type a section for everything has.
  relocationTable('.got', 0)
  addSynthetic(program, '.got', SHT_PROGBITS, data, word, (arch.gotStartWords ?? 0) > 0 ? word : 0)
  addSynthetic(program, '.got.plt', SHT_PROGBITS, data, word, word)
  if (arch.attributes !== undefined && replaceAttributes(program))
    addSynthetic(program, arch.attributes.section, arch.attributes.type, 0, 1, 0)
  if (arch.indirectOnDemand !== true || hasIndirectFunctions(program)) {
    addSynthetic(program, '.iplt', SHT_PROGBITS, code, 1, 0)
    relocationTable('.iplt', SHF_INFO_LINK)
    addSynthetic(program, '.igot.plt', SHT_PROGBITS, data, word, word)
  }
  declareVeneers(program)
  if (request.ehFrameHdr && hasFrames(program)) addSynthetic(program, '.eh_frame_hdr', SHT_PROGBITS, SHF_ALLOC, 4, 0)
}

/** Ids of the linker's sections, -1 for those that were not declared. */
export interface SyntheticSections {
  readonly got: number
  readonly gotPlt: number
  /** slots of indirect functions */
  readonly indirectSlots: number
  readonly indirectStubs: number
  readonly indirectRelocations: number
  readonly ehFrameHeader: number
  readonly buildId: number
  readonly properties: number
  /** build attributes */
  readonly attributes: number
}

export function findSynthetics(program: Program): SyntheticSections {
  const linker = program.files[0]!
  const id = (name: string): number => {
    const wanted = program.sectionNames.findText(name)
    for (let at = linker.firstSection; at < linker.firstSection + linker.sectionCount; at++)
      if (program.sections.name[at] === wanted) return at
    return -1
  }
  return {
    got: id('.got'),
    gotPlt: id('.got.plt'),
    indirectSlots: id('.igot.plt'),
    indirectStubs: id('.iplt'),
    indirectRelocations: id(relocationSectionName(program.arch, '.iplt')),
    ehFrameHeader: id('.eh_frame_hdr'),
    buildId: id('.note.gnu.build-id'),
    properties: id('.note.gnu.property'),
    attributes: program.arch.attributes === undefined ? -1 : id(program.arch.attributes.section),
  }
}

/** A terminator alone (4 or 8 bytes) is nothing to search. */
function hasFrames(program: Program): boolean {
  const name = program.sectionNames.findText('.eh_frame')
  const { sections } = program
  if (name < 0) return false
  // Below 8 bytes there is nothing but an end.
  for (let id = 0; id < sections.count; id++) if (sections.name[id] === name && sections.size[id]! > 8) return true
  return false
}

/** One note replaces those of the inputs: they are left out. True if there is any. */
function replacePropertyNotes(program: Program): boolean {
  const name = program.sectionNames.findText('.note.gnu.property')
  const { sections } = program
  if (name < 0) return false
  let found = false
  for (let id = 0; id < sections.count; id++) {
    if (sections.name[id] !== name || sections.type[id] !== SHT_NOTE) continue
    sections.state[id]! |= SectionState.Excluded
    found = true
  }
  return found
}
