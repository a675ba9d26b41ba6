/** What edited contents refer to among themselves, once everything else is relocated. */
import { SHT_NOBITS } from '../../elf/constants.ts'
import type { EditedContents } from '../contents/contents.ts'
import type { Layout } from '../records/placement.ts'

/** Entries of .eh_frame find their common part, tables of functions get their ends. */
export function linkEdited(contents: EditedContents, layout: Layout, image: Uint8Array): void {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength)
  for (const section of contents.frames.sections) {
    const home = layout.outputOf[section]!
    if (home < 0 || layout.outputs[home]!.type === SHT_NOBITS) continue
    const at = layout.outputs[home]!.fileOffset + layout.offsetOf[section]!
    contents.frames.linkRecords(section, view, at, layout.offsetOf)
  }
  contents.functionTables.writeEnds(image, layout, contents)
}
