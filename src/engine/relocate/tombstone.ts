import type { Program } from '../records/program.ts'

/** A reference of `section` to what is not in the output: 0, or 1 in lists that 0 would end. */
export function writeTombstone(program: Program, section: number, image: Uint8Array, at: number, bytes: number): void {
  for (let i = 0; i < bytes; i++) image[at + i] = 0
  const name = program.sectionNames.text(program.sections.name[section]!)
  if (bytes > 0 && (name === '.debug_ranges' || name === '.debug_loc'))
    image[program.arch.littleEndian ? at : at + bytes - 1] = 1
}
