/** Sizes of the sections that the linker makes, when the relocations have been looked at. */
import { relocationBytes } from '../../target/relocation-form.ts'
import type { EditedContents } from '../contents/contents.ts'
import { type Needs, SlotKind } from '../records/needs.ts'
import type { Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import { buildIdSize } from '../write/build-id.ts'
import { ehFrameHeaderSize } from './eh-frame-header.ts'
import { propertyNote } from './property-note.ts'

/**
 * Sets the sizes in `contents`, in bytes; those of the loader's tables are set elsewhere.
 * @param refersToGot some relocation names the start of the GOT
 */
export function setSizes(
  program: Program,
  contents: EditedContents,
  needs: Needs,
  request: LinkRequest,
  refersToGot: boolean,
): void {
  const { size } = contents
  const { sections } = needs
  const word = program.arch.bits / 8
  const set = (section: number, bytes: number): void => {
    if (section >= 0) size[section] = bytes
  }
  set(sections.got, needs.slots.length * word)
  set(sections.indirectStubs, needs.stubs.length * needs.stubShape.indirectSize)
  // Stubs ask for an alignment when there are some.
  if (needs.stubs.length > 0 && sections.indirectStubs >= 0)
    program.sections.align[sections.indirectStubs] = program.arch.stubs.indirectAlign ?? 8
  set(sections.indirectSlots, needs.stubs.length * word)
  const usesGot =
    needs.slots.length > 0 ||
    needs.stubs.length > 0 ||
    refersToGot ||
    (needs.dynamic !== undefined && program.plan.dynamic?.keepEmpty === true)
  const lazy = needs.dynamic?.stubs.length ?? 0
  set(sections.gotPlt, usesGot || lazy > 0 ? (program.arch.gotHeaderWords + lazy) * word : 0)
  const indirect = needs.slots.filter(slot => slot.kind === SlotKind.Indirect).length
  const ownRows = needs.dynamic === undefined ? needs.stubs.length + indirect + needs.indirectPlaces.length : 0
  set(sections.indirectRelocations, ownRows * relocationBytes(program.arch))
  set(sections.ehFrameHeader, ehFrameHeaderSize(contents.frames))
  set(sections.buildId, buildIdSize(request) > 0 ? 16 + Math.ceil(buildIdSize(request) / 4) * 4 : 0)
  set(sections.properties, propertyNote(program).length)
  set(sections.attributes, program.attributes?.bytes.length ?? 0)
}
