import { entry } from './entry.ts'

export const forbiddenReference = entry(
  'L4901',
  'error',
  (facts: { from: string; symbol: string; to: string }) =>
    `prohibited cross reference from section ${facts.from} to \`${facts.symbol}' in section ${facts.to}`,
  'NOCROSSREFS or NOCROSSREFS_TO in the script says that these output sections must not refer to each other, usually ' +
    'because they are overlays that are never loaded together. Move the function or object to a section that both can ' +
    'see, or change the list.',
)
