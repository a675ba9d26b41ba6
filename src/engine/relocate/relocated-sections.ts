/** Which sections are relocated, found in one pass over the columns. */
import { SHT_NOBITS } from '../../elf/constants.ts'
import { ContentKind, type Contents, isEdited, type Layout, type Live } from '../records/placement.ts'
import type { Program } from '../records/program.ts'

/** Ids of live sections with relocations whose bytes are in the image, ascending: file by file. */
export function relocatedSections(program: Program, live: Live, contents: Contents, layout: Layout): Int32Array {
  const { relocations, count } = program.sections
  const { kind } = contents
  const { outputOf } = layout
  const hasBytes = Uint8Array.from(layout.outputs, output => (output.type === SHT_NOBITS ? 0 : 1))
  let found = 0
  const ids = new Int32Array(count)
  for (let id = 0; id < count; id++) {
    if (relocations[id]! < 0 || live[id] !== 1) continue
    const how = kind[id]!
    if (how !== ContentKind.Copy && (how === ContentKind.Merged || !isEdited(how))) continue
    const home = outputOf[id]!
    if (home >= 0 && hasBytes[home] === 1) ids[found++] = id
  }
  return ids.subarray(0, found)
}
