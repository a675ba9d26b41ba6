import { entry } from './entry.ts'

export const forbiddenReference = entry(
  'L4901',
  'error',
  (facts: { from: string; to: string }) =>
    `prohibited cross reference: section ${facts.from} refers to section ${facts.to}`,
  'NOCROSSREFS or NOCROSSREFS_TO in the script says that these output sections must not refer to each other, usually ' +
    'because they are overlays that are never loaded together. Move the function or object to a section that both can ' +
    'see, or change the list.',
)
