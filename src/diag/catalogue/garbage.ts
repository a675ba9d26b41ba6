/** What garbage collection says. */
import { entry } from './entry.ts'

export const sectionRemoved = entry(
  'Y3101',
  'note',
  (f: { section: string; file: string }) => `removing unused section '${f.section}' in file '${f.file}'`,
  'Printed by --print-gc-sections for each input section that --gc-sections leaves out because nothing live refers to it.',
)
