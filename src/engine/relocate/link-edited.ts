/** What edited contents refer to among themselves, once everything else is relocated. */
import type { EditedContents } from '../contents/contents.ts'
import type { Layout } from '../records/placement.ts'

/** Entries of .eh_frame find their common part, tables of functions get their ends. */
export function linkEdited(contents: EditedContents, layout: Layout, image: Uint8Array): void {
  contents.frames.link(image, layout)
  contents.functionTables.writeEnds(image, layout, contents)
}
